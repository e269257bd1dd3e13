-- Checkout conversion: how many purchases were created, and how many of them have completed. Both are counted at the time of creation.
ALTER TABLE sales_rollups ADD COLUMN checkouts bigint NOT NULL DEFAULT 0, ADD COLUMN paid_checkouts bigint NOT NULL DEFAULT 0;

-- Purchases that were created or completed since the last roll-up. Rows are deleted when they are added to sales_rollups, because
-- `purchases` still has the data.
CREATE TABLE checkout_changes (
    id bigserial PRIMARY KEY,
    at timestamptz(3) NOT NULL,
    currency text NOT NULL,
    entity_id text NOT NULL,
    product_id text NOT NULL,
    checkouts integer NOT NULL,
    paid_checkouts integer NOT NULL
);

CREATE FUNCTION record_checkout_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO checkout_changes (at, currency, entity_id, product_id, checkouts, paid_checkouts)
        VALUES (NEW.created_at, NEW.currency, NEW.entity_id, NEW.product_id, 1, (NEW.completed_at IS NOT NULL)::integer);
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO checkout_changes (at, currency, entity_id, product_id, checkouts, paid_checkouts)
        VALUES (OLD.created_at, OLD.currency, OLD.entity_id, OLD.product_id, -1, -(OLD.completed_at IS NOT NULL)::integer);
    ELSE
        INSERT INTO checkout_changes (at, currency, entity_id, product_id, checkouts, paid_checkouts)
        VALUES (NEW.created_at, NEW.currency, NEW.entity_id, NEW.product_id, 0, CASE WHEN NEW.completed_at IS NULL THEN -1 ELSE 1 END);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER purchases_record_checkout AFTER INSERT OR DELETE ON purchases FOR EACH ROW EXECUTE FUNCTION record_checkout_change();
CREATE TRIGGER purchases_record_paid_checkout AFTER UPDATE OF completed_at ON purchases FOR EACH ROW
    WHEN ((OLD.completed_at IS NULL) <> (NEW.completed_at IS NULL)) EXECUTE FUNCTION record_checkout_change();

-- The rows of sales_rollups to which a checkout is added, given its time and keys. A checkout has neither a code nor a country: both are
-- known only after the payment.
CREATE FUNCTION sales_buckets(p_at timestamptz, p_entity_id text, p_product_id text, p_promotion_code text, p_country text)
RETURNS TABLE (dimension sales_dimension, grain sales_grain, bucket timestamptz, key text) LANGUAGE sql STABLE AS $$
    SELECT 'total'::sales_dimension, 'quarter_hour'::sales_grain, date_bin('15 minutes', p_at, '2000-01-01T00:00:00Z'::timestamptz), ''
    UNION ALL
    SELECT 'total', 'hour', date_trunc('hour', p_at, 'UTC'), ''
    UNION ALL
    SELECT dimensions.dimension, grains.grain, date_trunc(grains.grain::text, p_at, 'UTC'), dimensions.key
    FROM (VALUES
        ('entity'::sales_dimension, p_entity_id), ('product', p_product_id), ('promotion_code', coalesce(p_promotion_code, '')),
        ('country', coalesce(p_country, ''))
    ) AS dimensions (dimension, key), (VALUES ('day'::sales_grain), ('month')) AS grains (grain)
$$;

CREATE OR REPLACE VIEW sales_figures AS
    SELECT id, purchase_id, at, currency, entity_id, product_id, promotion_code, country, rolled_up,
        CASE WHEN kind = 'purchase' THEN subtotal ELSE 0 END AS gross,
        CASE WHEN kind = 'purchase' THEN discount ELSE 0 END AS discount,
        CASE WHEN kind = 'purchase' THEN tax ELSE 0 END AS tax,
        CASE WHEN kind = 'purchase' THEN amount ELSE 0 END AS paid,
        CASE WHEN kind = 'refund' THEN amount ELSE 0 END AS refunded,
        CASE WHEN kind = 'dispute' THEN amount ELSE 0 END AS disputed,
        CASE WHEN kind = 'fee' THEN fee ELSE 0 END AS fees,
        CASE WHEN kind = 'fee' THEN net ELSE 0 END AS net,
        CASE WHEN kind = 'purchase' THEN count ELSE 0 END AS purchases,
        CASE WHEN kind = 'refund' THEN count ELSE 0 END AS refunds,
        CASE WHEN kind = 'dispute' THEN count ELSE 0 END AS disputes,
        0 AS checkouts,
        0 AS paid_checkouts
    FROM sales_entries;

CREATE OR REPLACE VIEW sales_parts AS
    SELECT figures.id, figures.rolled_up, part.dimension, part.grain, part.bucket, part.key, figures.currency, gross, discount, tax, paid, refunded,
        disputed, fees, net, purchases, refunds, disputes
    FROM sales_figures AS figures
    CROSS JOIN LATERAL sales_buckets(figures.at, figures.entity_id, figures.product_id, figures.promotion_code, figures.country) AS part;

-- The figures of checkouts, with the columns of sales_figures: from purchases, and from changes that are not rolled up yet.
CREATE VIEW checkout_figures AS
    SELECT id, created_at AS at, currency, entity_id, product_id, NULL::text AS promotion_code, NULL::text AS country, 0 AS gross, 0 AS discount,
        0 AS tax, 0 AS paid, 0 AS refunded, 0 AS disputed, 0 AS fees, 0 AS net, 0 AS purchases, 0 AS refunds, 0 AS disputes, 1 AS checkouts,
        (completed_at IS NOT NULL)::integer AS paid_checkouts
    FROM purchases;
CREATE VIEW checkout_change_figures AS
    SELECT id, at, currency, entity_id, product_id, NULL::text AS promotion_code, NULL::text AS country, 0 AS gross, 0 AS discount, 0 AS tax,
        0 AS paid, 0 AS refunded, 0 AS disputed, 0 AS fees, 0 AS net, 0 AS purchases, 0 AS refunds, 0 AS disputes, checkouts, paid_checkouts
    FROM checkout_changes;

-- Moves up to p_limit changes to the rollups and returns how many. It shares the lock of roll_up_sales, which writes the same rows.
CREATE FUNCTION roll_up_checkouts(p_limit integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_count integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(20261130, 28) THEN
        RETURN 0;
    END IF;
    -- contract: the table is new, and its rows are not needed after they are rolled up.
    WITH taken AS (
        DELETE FROM checkout_changes WHERE id IN (SELECT id FROM checkout_changes ORDER BY id LIMIT p_limit) RETURNING *
    ), added AS (
        INSERT INTO sales_rollups AS stored (dimension, grain, bucket, key, currency, gross, discount, tax, paid, refunded, disputed, fees, net, purchases,
            refunds, disputes, checkouts, paid_checkouts)
        SELECT dimension, grain, bucket, key, currency, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, sum(checkouts), sum(paid_checkouts)
        FROM taken CROSS JOIN LATERAL sales_buckets(at, entity_id, product_id, NULL, NULL)
        GROUP BY dimension, grain, bucket, key, currency
        ON CONFLICT (dimension, grain, bucket, key, currency) DO UPDATE SET checkouts = stored.checkouts + excluded.checkouts,
            paid_checkouts = stored.paid_checkouts + excluded.paid_checkouts
    )
    SELECT count(*) INTO v_count FROM taken;
    RETURN v_count;
END $$;

-- Adds the checkouts of existing purchases.
INSERT INTO sales_rollups AS stored (dimension, grain, bucket, key, currency, gross, discount, tax, paid, refunded, disputed, fees, net, purchases,
    refunds, disputes, checkouts, paid_checkouts)
SELECT dimension, grain, bucket, key, currency, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, count(*), count(completed_at)
FROM purchases CROSS JOIN LATERAL sales_buckets(created_at, entity_id, product_id, NULL, NULL)
GROUP BY dimension, grain, bucket, key, currency
ON CONFLICT (dimension, grain, bucket, key, currency) DO UPDATE SET checkouts = excluded.checkouts, paid_checkouts = excluded.paid_checkouts;

-- Allows an index-only scan of one entity's checkouts. It replaces the index for the search by entity.
DROP INDEX purchases_entity_id_created_at_idx;
CREATE INDEX purchases_of_entity ON purchases (entity_id, created_at DESC, id DESC, completed_at, currency, product_id);

-- For the search by promotion code and country. Most purchases have no code.
CREATE INDEX purchases_promotion_code_created_at_id_idx ON purchases (promotion_code, created_at DESC, id DESC) WHERE promotion_code IS NOT NULL;
CREATE INDEX purchases_country_created_at_id_idx ON purchases (country, created_at DESC, id DESC) WHERE country IS NOT NULL;

-- For pages of the export, which end at a purchase, because many entries may have the same time.
DROP INDEX sales_entries_at_idx;
CREATE INDEX sales_entries_at_purchase_id_idx ON sales_entries (at, purchase_id);

-- For reports of one entity's plays.
CREATE INDEX playback_sessions_of_entity ON playback_sessions (entity_id, started_at, user_id);
