-- Requests with an idempotency key to resend messages, and their results.
CREATE TABLE webhook_requests (
    endpoint_id text NOT NULL,
    requested_by text NOT NULL,
    idempotency_key text NOT NULL,
    request text NOT NULL,
    result text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT webhook_requests_pkey PRIMARY KEY (endpoint_id, requested_by, idempotency_key),
    CONSTRAINT webhook_requests_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints(id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX webhook_requests_created_at_idx ON webhook_requests (created_at);
