CREATE TYPE "grant_source" AS ENUM ('purchase', 'complimentary', 'import');

ALTER TABLE purchases
    ADD COLUMN rental_start_within_days integer,
    ADD COLUMN rental_watch_within_hours integer,
    ADD COLUMN is_renewal boolean NOT NULL DEFAULT false;

-- contract: functions of the previous version read columns that change below. Servers and workers of that version are stopped first.
DROP FUNCTION active_grants, is_active_grant(grants, timestamptz), grant_access;
-- contract: as above.
DROP FUNCTION insert_purchase(text, text, text, text, integer, text, integer, jsonb, timestamptz), insert_purchase(jsonb), blocking_purchase;
-- contract: as above.
DROP FUNCTION apply_first_payment(text, text, jsonb, purchase_status, boolean, text, integer, text, timestamptz, timestamptz, jsonb, text, text[]);
-- contract: as above.
DROP FUNCTION apply_first_payment(text, text, jsonb, jsonb, jsonb, text, text[]);

-- contract: several grants of an entity may be active, and access may also come from sources other than a purchase.
DROP INDEX one_active_grant, grants_expiring;
-- contract: as above.
ALTER TABLE grants RENAME COLUMN granted_at TO created_at;
-- contract: as above.
ALTER TABLE grants RENAME COLUMN ended_at TO revoked_at;
-- contract: as above.
ALTER TABLE grants DROP CONSTRAINT grants_pkey;
ALTER TABLE grants ALTER COLUMN purchase_id DROP NOT NULL,
    ADD COLUMN id text,
    ADD COLUMN source grant_source,
    ADD COLUMN starts_at timestamptz(3),
    ADD COLUMN pre_sold boolean NOT NULL DEFAULT false,
    ADD COLUMN access_duration_days integer,
    ADD COLUMN rental_start_within_days integer,
    ADD COLUMN rental_watch_within_hours integer,
    ADD COLUMN first_played_at timestamptz(3),
    ADD COLUMN extended_until timestamptz(3),
    ADD COLUMN extended_at timestamptz(3),
    ADD COLUMN granted_until timestamptz(3),
    ADD COLUMN reason text,
    ADD COLUMN granted_by text,
    ADD COLUMN reference text,
    ADD COLUMN idempotency_key text,
    ADD COLUMN revoked_by text,
    ADD COLUMN revoked_reason text;

-- Existing grants start with their payment, from which the expiry counts. Expired grants that were ended because the entity was bought
-- again do not count as revoked.
UPDATE grants SET id = 'grant_' || replace(gen_random_uuid()::text, '-', ''), source = 'purchase', expires_at = NULL,
    access_duration_days = purchases.access_duration_days,
    starts_at = coalesce(purchases.expires_at - purchases.access_duration_days * interval '86400 seconds', purchases.completed_at, created_at_of_grant),
    revoked_at = CASE WHEN revoked_at < grants.expires_at OR purchases.status <> 'Completed' THEN revoked_at END
FROM purchases, (SELECT purchase_id AS of_purchase, created_at AS created_at_of_grant FROM grants) AS times
WHERE purchases.id = grants.purchase_id AND times.of_purchase = grants.purchase_id;
UPDATE grants SET revoked_by = 'pay-to-view' WHERE revoked_at IS NOT NULL;

-- contract: every row has a value now.
ALTER TABLE grants ALTER COLUMN id SET NOT NULL;
-- contract: as above.
ALTER TABLE grants ALTER COLUMN source SET NOT NULL;
-- contract: as above.
ALTER TABLE grants ALTER COLUMN starts_at SET NOT NULL;
ALTER TABLE grants ADD CONSTRAINT grants_pkey PRIMARY KEY (id),
    ADD CONSTRAINT grants_source_is_known CHECK ((source = 'purchase') = (purchase_id IS NOT NULL)),
    ADD CONSTRAINT grants_ends_after_start CHECK (expires_at > starts_at),
    ADD CONSTRAINT grants_rental_has_both_clocks CHECK ((rental_start_within_days IS NULL) = (rental_watch_within_hours IS NULL));
CREATE UNIQUE INDEX grants_purchase_id_key ON grants (purchase_id);
CREATE UNIQUE INDEX grants_reference ON grants (source, reference);
CREATE UNIQUE INDEX grants_idempotency_key ON grants (granted_by, idempotency_key);
CREATE INDEX grants_access ON grants (user_id, entity_id) WHERE revoked_at IS NULL;
CREATE INDEX grants_user_id_id_idx ON grants (user_id, id);
CREATE INDEX grants_entity_id_id_idx ON grants (entity_id, id);
CREATE INDEX grants_source_id_idx ON grants (source, id);

-- contract: the grant now has the expiry of the access.
ALTER TABLE purchases DROP COLUMN expires_at;

-- The next two functions compute the same as grantPeriod (packages/purchase, grant.ts). The entity's release and the start are parameters,
-- so that Postgres inlines the functions in the calling query.
CREATE FUNCTION grant_starts_at(p_grant grants, p_available_from timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_grant.pre_sold THEN greatest(p_grant.starts_at, p_available_from) ELSE p_grant.starts_at END
$$;

CREATE FUNCTION grant_expires_at(p_grant grants, p_starts_at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN p_grant.rental_watch_within_hours IS NULL THEN
            CASE WHEN p_grant.access_duration_days IS NOT NULL OR p_grant.expires_at IS NOT NULL THEN greatest(
                p_grant.expires_at, p_starts_at + p_grant.access_duration_days * interval '86400 seconds', p_grant.extended_until
            ) END
        WHEN p_grant.first_played_at IS NULL THEN
            greatest(p_starts_at + p_grant.rental_start_within_days * interval '86400 seconds', p_grant.extended_until)
        ELSE greatest(
            p_grant.first_played_at + p_grant.rental_watch_within_hours * interval '3600 seconds',
            CASE WHEN p_grant.extended_at > p_grant.first_played_at THEN p_grant.extended_until END
        )
    END
$$;

-- The grants that give a user access to an entity now or later: grants of the entity and of its containers that are neither revoked nor
-- expired. A removed member stays in a container for users who had bought it before with a product that keeps removed members. The release
-- of the entity itself delays what a container gives. A rental can be started until startable_until.
CREATE FUNCTION access_periods(p_user_id text, p_entity_id text, p_at timestamptz) RETURNS TABLE (
    grant_id text, source grant_source, purchase_id text, watch_within_hours integer, first_played_at timestamptz,
    starts_at timestamptz, expires_at timestamptz, startable_until timestamptz
) LANGUAGE sql STABLE AS $$
    SELECT grants.id, grants.source, grants.purchase_id, grants.rental_watch_within_hours, grants.first_played_at,
        CASE WHEN granting.is_container
            THEN greatest(own.starts_at, (SELECT asked.available_from FROM entities AS asked WHERE asked.id = p_entity_id))
            ELSE own.starts_at
        END,
        grant_expires_at(grants, own.starts_at), own.starts_at + grants.rental_start_within_days * interval '86400 seconds'
    FROM (
        SELECT p_entity_id AS entity_id, NULL::timestamptz AS removed_at, false AS is_container
        UNION ALL
        SELECT container_id, containments.removed_at, true FROM containments WHERE member_id = p_entity_id
    ) AS granting
    -- OFFSET 0 preserves the lookup by user and entity, because a user may have many grants.
    CROSS JOIN LATERAL (
        SELECT * FROM grants WHERE grants.user_id = p_user_id AND grants.entity_id = granting.entity_id AND grants.revoked_at IS NULL OFFSET 0
    ) AS grants
    CROSS JOIN LATERAL (
        SELECT CASE WHEN grants.pre_sold
            THEN grant_starts_at(grants, (SELECT granted.available_from FROM entities AS granted WHERE granted.id = grants.entity_id))
            ELSE grants.starts_at
        END AS starts_at
    ) AS own
    WHERE coalesce(grant_expires_at(grants, own.starts_at) > p_at, true) AND (
        granting.removed_at IS NULL OR (
            grants.created_at < granting.removed_at AND (
                SELECT products.keeps_removed_members FROM purchases JOIN products ON products.id = purchases.product_id
                WHERE purchases.id = grants.purchase_id
            )
        )
    )
$$;

-- Grants, or restores, the access of a purchase. The caller holds the user's lock.
CREATE FUNCTION grant_access(p_grant_id text, p_purchase_id text, p_starts_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_user_id text;
    v_entity_id text;
BEGIN
    INSERT INTO grants (id, source, purchase_id, user_id, entity_id, starts_at, pre_sold, access_duration_days, rental_start_within_days, rental_watch_within_hours)
    SELECT p_grant_id, 'purchase', purchases.id, purchases.user_id, purchases.entity_id, p_starts_at, coalesce(entities.available_from > p_starts_at, false),
        purchases.access_duration_days, purchases.rental_start_within_days, purchases.rental_watch_within_hours
    FROM purchases JOIN entities ON entities.id = purchases.entity_id WHERE purchases.id = p_purchase_id
    ON CONFLICT (purchase_id) DO UPDATE SET starts_at = excluded.starts_at, revoked_at = NULL, revoked_by = NULL, revoked_reason = NULL
    RETURNING user_id, entity_id INTO v_user_id, v_entity_id;
    PERFORM notify_access(v_user_id, v_entity_id);
END $$;

-- A purchase that is no longer open, but whose payment is disputed, processing or under review. It may still give access, so the entity is
-- not sold to the user again in the meantime.
CREATE FUNCTION blocking_purchase(p_user_id text, p_entity_id text, OUT id text, OUT reason text) RETURNS SETOF record LANGUAGE sql STABLE AS $$
    SELECT purchases.id,
        CASE WHEN status = 'Disputed' THEN 'disputed' WHEN processing THEN 'payment_processing' ELSE 'payment_review' END
    FROM purchases
    WHERE user_id = p_user_id AND entity_id = p_entity_id AND NOT open
        AND ((status = 'Disputed' AND NOT EXISTS (
                SELECT FROM grants JOIN entities ON entities.id = grants.entity_id
                WHERE grants.purchase_id = purchases.id
                    AND grant_expires_at(grants, grant_starts_at(grants, entities.available_from)) <= clock_timestamp()
            ))
            OR (status = 'Pending' AND (processing OR mismatch IS NOT NULL)))
    LIMIT 1
$$;

-- Inserts a purchase, whose columns are the properties of p_purchase, unless the user already owns the entity (packages/purchase, isOwned)
-- or another purchase is open or blocks it. Each statement of a VOLATILE function sees all changes that were committed before it began,
-- including changes made earlier under the lock.
CREATE FUNCTION insert_purchase(p_purchase jsonb) RETURNS text LANGUAGE plpgsql AS $$
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
        checkout_request, checkout_deadline)
    VALUES (v_new.id, v_new.user_id, v_new.entity_id, v_new.product_id, v_new.amount, v_new.currency, v_new.access_duration_days,
        v_new.rental_start_within_days, v_new.rental_watch_within_hours, v_new.is_renewal, v_new.allowed_discount, v_new.chosen_promotion_code_id,
        v_new.chosen_promotion_code, v_new.chosen_promotion_code, v_new.tax_behavior, v_new.checkout_request, v_new.checkout_deadline)
    ON CONFLICT DO NOTHING;
    RETURN CASE WHEN FOUND THEN 'inserted' ELSE 'taken' END;
END $$;

-- Grants the access of a first payment, starting at p_starts_at. The projection's columns are the properties of p_projection. Returns false
-- if the row has changed since it was read, or if the user has, or will have, access by another grant.
CREATE FUNCTION apply_first_payment(
    p_id text, p_version text, p_grant_id text, p_starts_at timestamptz, p_facts jsonb, p_projection jsonb, p_cause jsonb, p_note text,
    p_event_ids text[]
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_new purchases := jsonb_populate_record(NULL::purchases, p_projection);
    v_user_id text;
    v_entity_id text;
BEGIN
    SELECT user_id, entity_id INTO v_user_id, v_entity_id FROM purchases WHERE id = p_id;
    PERFORM pg_advisory_xact_lock(hashtextextended(v_user_id, 0));
    IF EXISTS (SELECT FROM grants WHERE purchase_id = p_id)
        OR EXISTS (SELECT FROM access_periods(v_user_id, v_entity_id, clock_timestamp())) THEN
        RETURN false;
    END IF;
    UPDATE purchases SET facts = p_facts, status = v_new.status, open = false, processing = v_new.processing,
        external_transaction_id = v_new.external_transaction_id, amount_subtotal = v_new.amount_subtotal,
        amount_discount = v_new.amount_discount, amount_tax = v_new.amount_tax, amount_paid = v_new.amount_paid,
        currency_paid = v_new.currency_paid, promotion_code = v_new.promotion_code, country = v_new.country,
        invoice_number = v_new.invoice_number, invoice_url = v_new.invoice_url, invoice_pdf_url = v_new.invoice_pdf_url,
        completed_at = v_new.completed_at, updated_at = clock_timestamp()
    WHERE id = p_id AND xmin::text = p_version AND status = 'Pending';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM grant_access(p_grant_id, p_id, p_starts_at);
    INSERT INTO changes (purchase_id, from_status, to_status, cause, note) VALUES (p_id, 'Pending', v_new.status, p_cause, p_note);
    UPDATE stripe_events SET applied_at = clock_timestamp()
    WHERE id = ANY (p_event_ids) AND applied_at IS NULL AND (purchase_id = p_id OR purchase_id IS NULL);
    RETURN true;
END $$;
