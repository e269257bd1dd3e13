-- Beside a purchase whose checkout is over and whose payment is disputed, under way or not as quoted nothing may be sold: it may still give access.
CREATE FUNCTION unsettled_purchase(p_user text, p_entity text, OUT id text, OUT reason text) RETURNS SETOF record LANGUAGE sql STABLE AS $$
    SELECT purchases.id,
        CASE WHEN status = 'Disputed' THEN 'disputed' WHEN processing THEN 'payment_processing' ELSE 'payment_review' END
    FROM purchases
    WHERE user_id = p_user AND entity_id = p_entity AND NOT open
        AND ((status = 'Disputed' AND (expires_at IS NULL OR expires_at > clock_timestamp()))
            OR (status = 'Pending' AND (processing OR mismatch IS NOT NULL)))
    LIMIT 1
$$;

CREATE OR REPLACE FUNCTION insert_attempt(
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
    IF EXISTS (SELECT FROM unsettled_purchase(p_user, p_entity)) THEN
        RETURN 'taken';
    END IF;
    INSERT INTO purchases (id, user_id, entity_id, product_id, amount, currency, access_duration_days, checkout_request, checkout_deadline)
    VALUES (p_id, p_user, p_entity, p_product, p_amount, p_currency, p_days, p_request, p_deadline)
    ON CONFLICT DO NOTHING;
    RETURN CASE WHEN FOUND THEN 'open' ELSE 'taken' END;
END $$;
