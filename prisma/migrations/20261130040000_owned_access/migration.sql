-- As before, but access that expires before the entity's release does not count, such as a season's access to an episode that is released
-- later.
CREATE OR REPLACE FUNCTION insert_purchase(p_purchase jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_new purchases := jsonb_populate_record(NULL::purchases, p_purchase);
    v_now timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(v_new.user_id, 0));
    v_now := clock_timestamp();
    IF EXISTS (
        SELECT FROM access_periods(v_new.user_id, v_new.entity_id, v_now) AS period
        WHERE coalesce(period.starts_at < period.expires_at, true)
            AND CASE WHEN v_new.is_renewal THEN period.expires_at IS NULL ELSE period.starts_at <= v_now OR period.source = 'purchase' END
    ) THEN
        RETURN 'owned';
    END IF;
    IF EXISTS (SELECT FROM blocking_purchase(v_new.user_id, v_new.entity_id)) THEN
        RETURN 'taken';
    END IF;
    INSERT INTO purchases (id, user_id, entity_id, product_id, amount, currency, access_duration_days, rental_start_within_days,
        rental_watch_within_hours, is_renewal, allowed_discount, chosen_promotion_code_id, chosen_promotion_code, promotion_code, tax_behavior,
        checkout_request, checkout_deadline, locale, consent_version, consent_at)
    VALUES (v_new.id, v_new.user_id, v_new.entity_id, v_new.product_id, v_new.amount, v_new.currency, v_new.access_duration_days,
        v_new.rental_start_within_days, v_new.rental_watch_within_hours, v_new.is_renewal, v_new.allowed_discount, v_new.chosen_promotion_code_id,
        v_new.chosen_promotion_code, v_new.chosen_promotion_code, v_new.tax_behavior, v_new.checkout_request, v_new.checkout_deadline,
        v_new.locale, v_new.consent_version, CASE WHEN v_new.consent_version IS NOT NULL THEN v_now END)
    ON CONFLICT DO NOTHING;
    RETURN CASE WHEN FOUND THEN 'inserted' ELSE 'taken' END;
END $$;
