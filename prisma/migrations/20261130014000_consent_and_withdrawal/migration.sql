-- The consent of buyers if CONSENT=eu, and their withdrawals from the contract.
ALTER TABLE purchases
    ADD COLUMN consent_version text,
    ADD COLUMN consent_at timestamptz(3),
    ADD COLUMN withdrawn_at timestamptz(3);

CREATE TYPE "withdrawal_step_kind" AS ENUM ('requested', 'confirmed', 'refused');

CREATE TABLE "withdrawal_steps" (
    "id" BIGSERIAL NOT NULL,
    "purchase_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "step" "withdrawal_step_kind" NOT NULL,
    "reason" TEXT,
    "amount" INTEGER,
    "currency" TEXT,

    CONSTRAINT "withdrawal_steps_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "withdrawal_steps_purchase_id_fkey" FOREIGN KEY ("purchase_id") REFERENCES "purchases"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "withdrawal_steps_refused_has_reason" CHECK ((step = 'refused') = (reason IS NOT NULL)),
    CONSTRAINT "withdrawal_steps_amount_has_currency" CHECK ((amount IS NULL) = (currency IS NULL))
);

CREATE UNIQUE INDEX "one_withdrawal" ON "withdrawal_steps"("purchase_id") WHERE (step = 'confirmed');
CREATE INDEX "withdrawal_steps_purchase_id_id_idx" ON "withdrawal_steps"("purchase_id", "id");

-- As before, but also stores the consent. The time of consent is the creation time of the purchase.
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
        checkout_request, checkout_deadline, locale, consent_version, consent_at)
    VALUES (v_new.id, v_new.user_id, v_new.entity_id, v_new.product_id, v_new.amount, v_new.currency, v_new.access_duration_days,
        v_new.rental_start_within_days, v_new.rental_watch_within_hours, v_new.is_renewal, v_new.allowed_discount, v_new.chosen_promotion_code_id,
        v_new.chosen_promotion_code, v_new.chosen_promotion_code, v_new.tax_behavior, v_new.checkout_request, v_new.checkout_deadline,
        v_new.locale, v_new.consent_version, CASE WHEN v_new.consent_version IS NOT NULL THEN v_now END)
    ON CONFLICT DO NOTHING;
    RETURN CASE WHEN FOUND THEN 'inserted' ELSE 'taken' END;
END $$;
