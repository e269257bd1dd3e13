CREATE TABLE "webhook_endpoints" (
    "id" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "events" TEXT[],
    "description" TEXT NOT NULL DEFAULT '',
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "disabled_reason" TEXT,
    "secret" TEXT NOT NULL,
    "previous_secret" TEXT,
    "previous_secret_until" TIMESTAMPTZ(3),
    "max_per_second" INTEGER,
    "max_concurrent" INTEGER,
    "failing_since" TIMESTAMPTZ(3),
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "idempotency_key" TEXT,

    CONSTRAINT "webhook_endpoints_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "webhook_endpoints_created_by_idempotency_key_key" ON "webhook_endpoints"("created_by", "idempotency_key");

CREATE TABLE "outbox_messages" (
    "id" TEXT NOT NULL,
    "version" BIGSERIAL NOT NULL,
    "type" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "user_id" TEXT,
    "purchase_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "dispatched_at" TIMESTAMPTZ(3),

    CONSTRAINT "outbox_messages_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "outbox_messages_version_key" ON "outbox_messages"("version");
CREATE INDEX "outbox_messages_undispatched" ON "outbox_messages"("version") WHERE (dispatched_at IS NULL);
CREATE INDEX "outbox_messages_user_id_idx" ON "outbox_messages"("user_id");
CREATE INDEX "outbox_messages_created_at_idx" ON "outbox_messages"("created_at");

CREATE TABLE "deliveries" (
    "endpoint_id" TEXT NOT NULL,
    "message_id" TEXT NOT NULL,
    "version" BIGINT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "deliveries_pkey" PRIMARY KEY ("endpoint_id","message_id"),
    CONSTRAINT "deliveries_status" CHECK (status IN ('pending', 'failing', 'succeeded', 'failed')),
    CONSTRAINT "deliveries_retry_has_a_time" CHECK ((status = 'failing') = (next_attempt_at IS NOT NULL))
);
CREATE INDEX "deliveries_message_id_idx" ON "deliveries"("message_id");
CREATE INDEX "deliveries_endpoint_id_version_idx" ON "deliveries"("endpoint_id", "version" DESC);
CREATE INDEX "deliveries_pending" ON "deliveries"("endpoint_id", "version") WHERE (status = 'pending');
CREATE INDEX "deliveries_failing" ON "deliveries"("next_attempt_at") WHERE (status = 'failing');
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "webhook_endpoints"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "outbox_messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "delivery_attempts" (
    "id" BIGSERIAL NOT NULL,
    "endpoint_id" TEXT NOT NULL,
    "message_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "duration_ms" INTEGER NOT NULL,
    "status" INTEGER,
    "error" TEXT,
    "response" TEXT,

    CONSTRAINT "delivery_attempts_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "delivery_attempts_endpoint_id_message_id_id_idx" ON "delivery_attempts"("endpoint_id", "message_id", "id");
CREATE INDEX "delivery_attempts_endpoint_id_at_idx" ON "delivery_attempts"("endpoint_id", "at");
ALTER TABLE "delivery_attempts" ADD CONSTRAINT "delivery_attempts_endpoint_id_message_id_fkey" FOREIGN KEY ("endpoint_id", "message_id") REFERENCES "deliveries"("endpoint_id", "message_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Whether an enabled endpoint wants messages of a type.
CREATE FUNCTION wants_message(p_endpoint webhook_endpoints, p_type text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT p_endpoint.enabled AND (p_endpoint.events @> ARRAY['*'] OR p_endpoint.events @> ARRAY[p_type])
$$;

-- Writes those of the given messages that an endpoint wants, in the same order, and wakes the relay. packages/db, outbox/ decides which
-- messages to send.
CREATE FUNCTION record_messages(p_messages jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox_messages (id, type, data, user_id, purchase_id, created_at)
    SELECT message.id, message.type, message.data, message.user_id, message.purchase_id, clock_timestamp()
    FROM jsonb_to_recordset(p_messages) AS message (id text, type text, data jsonb, user_id text, purchase_id text)
    WHERE EXISTS (SELECT FROM webhook_endpoints WHERE wants_message(webhook_endpoints, message.type));
    IF FOUND THEN
        PERFORM pg_notify('outbox', '');
    END IF;
END $$;
