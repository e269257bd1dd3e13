-- What create and a payment write under the user's lock, in one round trip each. Every statement of a function that is VOLATILE sees what
-- was committed before it began, so what is looked at after the lock is what the lock protects: one plain statement could not say that.

CREATE FUNCTION insert_attempt(
    p_id text, p_user text, p_entity text, p_opening text[], p_product text, p_amount int, p_currency text, p_days int,
    p_request jsonb, p_deadline timestamptz
) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(p_user, 0));
    IF EXISTS (
        SELECT FROM grants WHERE user_id = p_user AND entity_id = ANY (p_opening) AND ended_at IS NULL
            AND (expires_at IS NULL OR expires_at > clock_timestamp())
    ) THEN
        RETURN 'owned';
    END IF;
    INSERT INTO purchases (id, user_id, entity_id, product_id, amount, currency, access_duration_days, checkout_request, checkout_deadline)
    VALUES (p_id, p_user, p_entity, p_product, p_amount, p_currency, p_days, p_request, p_deadline)
    ON CONFLICT DO NOTHING;
    RETURN CASE WHEN FOUND THEN 'open' ELSE 'taken' END;
END $$;

-- Writes what packages/purchase has decided about a first payment, if nothing has changed since it was read: the row's version is its xmin.
CREATE FUNCTION apply_first_payment(
    p_id text, p_version text, p_opening text[], p_facts jsonb, p_status purchase_status, p_processing boolean, p_payment text, p_amount int,
    p_currency text, p_completed timestamptz, p_expires timestamptz, p_cause jsonb, p_note text, p_events text[], p_channel text
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_user text;
    v_entity text;
BEGIN
    SELECT user_id, entity_id INTO v_user, v_entity FROM purchases WHERE id = p_id;
    PERFORM pg_advisory_xact_lock(hashtextextended(v_user, 0));
    IF EXISTS (
        SELECT FROM grants WHERE purchase_id = p_id
        OR (user_id = v_user AND entity_id = ANY (p_opening) AND ended_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp()))
    ) THEN
        RETURN false;
    END IF;
    UPDATE purchases SET facts = p_facts, status = p_status, open = false, processing = p_processing, external_transaction_id = p_payment,
        amount_paid = p_amount, currency_paid = p_currency, completed_at = p_completed, expires_at = p_expires, updated_at = clock_timestamp()
    WHERE id = p_id AND xmin::text = p_version AND status = 'Pending';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    -- One that is past its end stands in the way of the unique index only.
    UPDATE grants SET ended_at = expires_at
    WHERE user_id = v_user AND entity_id = v_entity AND ended_at IS NULL AND expires_at <= clock_timestamp();
    INSERT INTO grants (purchase_id, user_id, entity_id, expires_at) VALUES (p_id, v_user, v_entity, p_expires);
    INSERT INTO changes (purchase_id, from_status, to_status, cause, note) VALUES (p_id, 'Pending', p_status, p_cause, p_note);
    UPDATE stripe_events SET applied_at = clock_timestamp() WHERE id = ANY (p_events) AND applied_at IS NULL;
    PERFORM pg_notify(p_channel, json_build_object('userId', v_user, 'entityId', v_entity)::text);
    RETURN true;
END $$;
