ALTER TABLE customers ADD COLUMN email_hash text;

ALTER TABLE refund_requests ADD COLUMN free_order_id text;

ALTER TABLE purchases
    ADD COLUMN allowed_discount text NOT NULL DEFAULT 'none',
    ADD COLUMN chosen_promotion_code_id text,
    ADD COLUMN chosen_promotion_code text,
    ADD COLUMN tax_behavior tax_behavior,
    ADD COLUMN amount_subtotal integer NOT NULL DEFAULT 0,
    ADD COLUMN amount_discount integer NOT NULL DEFAULT 0,
    ADD COLUMN amount_tax integer NOT NULL DEFAULT 0,
    ADD COLUMN promotion_code text,
    ADD COLUMN country text,
    ADD COLUMN invoice_number text,
    ADD COLUMN invoice_url text,
    ADD COLUMN invoice_pdf_url text;

-- contract: a free order has no payment. The new rule accepts every row that the previous one accepted.
ALTER TABLE purchases
    DROP CONSTRAINT purchases_paid_is_known,
    ADD CONSTRAINT purchases_paid_is_known CHECK (
        status NOT IN ('Completed', 'Refunded', 'Disputed', 'ChargedBack')
        OR (completed_at IS NOT NULL AND currency_paid IS NOT NULL AND (external_transaction_id IS NOT NULL OR amount_paid = 0))
    );

-- In existing rows, the amount paid has no discount and no tax.
UPDATE purchases SET amount_subtotal = amount_paid WHERE amount_paid > 0;

-- Until they are replaced, servers and workers of the previous version call the functions with other parameters, so the previous functions
-- are kept.

-- Inserts a purchase, whose columns are the properties of p_purchase, unless the user already has access or another purchase is open or
-- blocks it.
CREATE FUNCTION insert_purchase(p_purchase jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_new purchases := jsonb_populate_record(NULL::purchases, p_purchase);
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(v_new.user_id, 0));
    IF EXISTS (SELECT FROM active_grants(v_new.user_id, v_new.entity_id, clock_timestamp())) THEN
        RETURN 'owned';
    END IF;
    IF EXISTS (SELECT FROM blocking_purchase(v_new.user_id, v_new.entity_id)) THEN
        RETURN 'taken';
    END IF;
    INSERT INTO purchases (id, user_id, entity_id, product_id, amount, currency, access_duration_days, allowed_discount,
        chosen_promotion_code_id, chosen_promotion_code, promotion_code, tax_behavior, checkout_request, checkout_deadline)
    VALUES (v_new.id, v_new.user_id, v_new.entity_id, v_new.product_id, v_new.amount, v_new.currency, v_new.access_duration_days,
        v_new.allowed_discount, v_new.chosen_promotion_code_id, v_new.chosen_promotion_code, v_new.chosen_promotion_code, v_new.tax_behavior,
        v_new.checkout_request, v_new.checkout_deadline)
    ON CONFLICT DO NOTHING;
    RETURN CASE WHEN FOUND THEN 'inserted' ELSE 'taken' END;
END $$;

-- Grants the access of a first payment. The projection's columns are the properties of p_projection. Returns false if the row has changed
-- since it was read, or if another grant covers the entity.
CREATE FUNCTION apply_first_payment(
    p_id text, p_version text, p_facts jsonb, p_projection jsonb, p_cause jsonb, p_note text, p_event_ids text[]
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_new purchases := jsonb_populate_record(NULL::purchases, p_projection);
    v_user_id text;
    v_entity_id text;
BEGIN
    SELECT user_id, entity_id INTO v_user_id, v_entity_id FROM purchases WHERE id = p_id;
    PERFORM pg_advisory_xact_lock(hashtextextended(v_user_id, 0));
    IF EXISTS (SELECT FROM grants WHERE purchase_id = p_id)
        OR EXISTS (SELECT FROM active_grants(v_user_id, v_entity_id, clock_timestamp())) THEN
        RETURN false;
    END IF;
    UPDATE purchases SET facts = p_facts, status = v_new.status, open = false, processing = v_new.processing,
        external_transaction_id = v_new.external_transaction_id, amount_subtotal = v_new.amount_subtotal,
        amount_discount = v_new.amount_discount, amount_tax = v_new.amount_tax, amount_paid = v_new.amount_paid,
        currency_paid = v_new.currency_paid, promotion_code = v_new.promotion_code, country = v_new.country,
        invoice_number = v_new.invoice_number, invoice_url = v_new.invoice_url, invoice_pdf_url = v_new.invoice_pdf_url,
        completed_at = v_new.completed_at, expires_at = v_new.expires_at, updated_at = clock_timestamp()
    WHERE id = p_id AND xmin::text = p_version AND status = 'Pending';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM grant_access(p_id, v_user_id, v_entity_id, v_new.expires_at);
    INSERT INTO changes (purchase_id, from_status, to_status, cause, note) VALUES (p_id, 'Pending', v_new.status, p_cause, p_note);
    UPDATE stripe_events SET applied_at = clock_timestamp()
    WHERE id = ANY (p_event_ids) AND applied_at IS NULL AND (purchase_id = p_id OR purchase_id IS NULL);
    RETURN true;
END $$;
