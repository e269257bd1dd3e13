-- E-mail is a separate kind of endpoint, which uses the messages and deliveries of the outbox.
-- contract: earlier versions write neither the kind nor the key, and the new constraints hold for their rows.
ALTER TABLE webhook_endpoints ADD COLUMN kind text NOT NULL DEFAULT 'webhook';
ALTER TABLE webhook_endpoints ADD CONSTRAINT webhook_endpoints_kind CHECK (kind IN ('webhook', 'email'));

-- A message about a time in the future waits until it is due. A message with a key is written only once.
ALTER TABLE outbox_messages ADD COLUMN due_at timestamptz(3), ADD COLUMN dedupe_key text;
CREATE UNIQUE INDEX outbox_messages_dedupe_key ON outbox_messages (dedupe_key);
CREATE INDEX outbox_messages_due ON outbox_messages (due_at) WHERE due_at IS NOT NULL;
DROP INDEX outbox_messages_undispatched;
CREATE INDEX outbox_messages_undispatched ON outbox_messages (version) WHERE (dispatched_at IS NULL AND due_at IS NULL);

-- The language of the buyer's browser when the purchase was created.
ALTER TABLE purchases ADD COLUMN locale text;

-- Whether an enabled endpoint wants messages of a type. E-mails go only to the users, not to endpoints of the site.
CREATE OR REPLACE FUNCTION wants_message(p_endpoint webhook_endpoints, p_type text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT p_endpoint.enabled AND CASE p_endpoint.kind
        WHEN 'email' THEN p_type LIKE 'email.%'
        ELSE p_type NOT LIKE 'email.%' AND (p_endpoint.events @> ARRAY['*'] OR p_endpoint.events @> ARRAY[p_type])
    END
$$;

-- Writes those of the given messages that an endpoint wants, in the same order, and wakes the relay. packages/db, outbox/ decides which
-- messages to send.
CREATE OR REPLACE FUNCTION record_messages(p_messages jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox_messages (id, type, data, user_id, purchase_id, created_at, due_at, dedupe_key)
    SELECT message.id, message.type, message.data, message.user_id, message.purchase_id, clock_timestamp(), message.due_at, message.dedupe_key
    FROM jsonb_to_recordset(p_messages) AS message (
        id text, type text, data jsonb, user_id text, purchase_id text, due_at timestamptz, dedupe_key text
    )
    WHERE EXISTS (SELECT FROM webhook_endpoints WHERE wants_message(webhook_endpoints, message.type))
    ON CONFLICT (dedupe_key) DO NOTHING;
    IF FOUND THEN
        PERFORM pg_notify('outbox', '');
    END IF;
END $$;

-- Inserts a purchase, whose columns are the properties of p_purchase, unless the user already owns the entity (packages/purchase, isOwned)
-- or another purchase is open or blocks it. Each statement of a VOLATILE function sees all changes that were committed before it began,
-- including changes made earlier under the lock.
CREATE OR REPLACE FUNCTION insert_purchase(p_purchase jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_new purchases := jsonb_populate_record(NULL::purchases, p_purchase);
    v_now timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(v_new.user_id, 0));
    v_now := clock_timestamp();
    IF EXISTS (
        SELECT FROM access_periods(v_new.user_id, v_new.entity_id, v_now) AS period
        WHERE CASE WHEN v_new.is_renewal THEN period.expires_at IS NULL ELSE period.starts_at <= v_now OR period.source = 'purchase' END
    ) THEN
        RETURN 'owned';
    END IF;
    IF EXISTS (SELECT FROM blocking_purchase(v_new.user_id, v_new.entity_id)) THEN
        RETURN 'taken';
    END IF;
    INSERT INTO purchases (id, user_id, entity_id, product_id, amount, currency, access_duration_days, rental_start_within_days,
        rental_watch_within_hours, is_renewal, allowed_discount, chosen_promotion_code_id, chosen_promotion_code, promotion_code, tax_behavior,
        checkout_request, checkout_deadline, locale)
    VALUES (v_new.id, v_new.user_id, v_new.entity_id, v_new.product_id, v_new.amount, v_new.currency, v_new.access_duration_days,
        v_new.rental_start_within_days, v_new.rental_watch_within_hours, v_new.is_renewal, v_new.allowed_discount, v_new.chosen_promotion_code_id,
        v_new.chosen_promotion_code, v_new.chosen_promotion_code, v_new.tax_behavior, v_new.checkout_request, v_new.checkout_deadline, v_new.locale)
    ON CONFLICT DO NOTHING;
    RETURN CASE WHEN FOUND THEN 'inserted' ELSE 'taken' END;
END $$;
