CREATE TYPE "sales_entry_kind" AS ENUM ('purchase', 'refund', 'dispute', 'fee');
CREATE TYPE "sales_grain" AS ENUM ('quarter_hour', 'day', 'month');
CREATE TYPE "sales_dimension" AS ENUM ('total', 'entity', 'product', 'promotion_code', 'country');

-- Changes to the money of purchases (packages/purchase, sales.ts). The figures of the reports are sums of these entries.
CREATE TABLE sales_entries (
    id bigserial PRIMARY KEY,
    purchase_id text NOT NULL,
    kind sales_entry_kind NOT NULL,
    subject_id text NOT NULL,
    at timestamptz(3) NOT NULL,
    currency text NOT NULL,
    entity_id text NOT NULL,
    product_id text NOT NULL,
    promotion_code text,
    country text,
    count integer NOT NULL,
    subtotal bigint NOT NULL,
    discount bigint NOT NULL,
    tax bigint NOT NULL,
    amount bigint NOT NULL,
    fee bigint NOT NULL,
    net bigint NOT NULL,
    recorded_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    rolled_up boolean NOT NULL DEFAULT false,
    CONSTRAINT sales_entries_purchase_id_fkey FOREIGN KEY (purchase_id) REFERENCES purchases(id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX sales_entries_purchase_id_idx ON sales_entries (purchase_id);
CREATE INDEX sales_entries_at_idx ON sales_entries (at);
CREATE INDEX sales_entries_entity_id_at_idx ON sales_entries (entity_id, at);
CREATE INDEX sales_entries_not_rolled_up ON sales_entries (id) WHERE NOT rolled_up;

CREATE FUNCTION reject_changed_sales_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Sales entries are append-only: record the difference instead';
END $$;
-- In an existing entry, only rolled_up may change.
CREATE TRIGGER sales_entries_are_append_only
    BEFORE DELETE OR UPDATE OF purchase_id, kind, subject_id, at, currency, entity_id, product_id, promotion_code, country, count, subtotal, discount,
        tax, amount, fee, net, recorded_at ON sales_entries
    FOR EACH STATEMENT EXECUTE FUNCTION reject_changed_sales_entry();

-- Sums of the rolled-up entries. The dimension `total` has quarter hours, so it can serve any time zone. All other dimensions have days and
-- months in UTC, because a single entity would have about as many quarter hours as entries. The key is '' for none.
CREATE TABLE sales_rollups (
    dimension sales_dimension NOT NULL,
    grain sales_grain NOT NULL,
    bucket timestamptz(3) NOT NULL,
    key text NOT NULL,
    currency text NOT NULL,
    gross bigint NOT NULL,
    discount bigint NOT NULL,
    tax bigint NOT NULL,
    paid bigint NOT NULL,
    refunded bigint NOT NULL,
    disputed bigint NOT NULL,
    fees bigint NOT NULL,
    net bigint NOT NULL,
    purchases bigint NOT NULL,
    refunds bigint NOT NULL,
    disputes bigint NOT NULL,
    CONSTRAINT sales_rollups_pkey PRIMARY KEY (dimension, grain, bucket, key, currency)
);

-- The figures of entries, with one row per entry.
CREATE VIEW sales_figures AS
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
        CASE WHEN kind = 'dispute' THEN count ELSE 0 END AS disputes
    FROM sales_entries;

-- The rows for sales_rollups, with the ids of the entries in them.
CREATE VIEW sales_parts AS
    SELECT figures.id, figures.rolled_up, part.dimension, part.grain, part.bucket, part.key, figures.currency, gross, discount, tax, paid, refunded,
        disputed, fees, net, purchases, refunds, disputes
    FROM sales_figures AS figures CROSS JOIN LATERAL (
        SELECT 'total'::sales_dimension AS dimension, 'quarter_hour'::sales_grain AS grain,
            date_bin('15 minutes', figures.at, '2000-01-01T00:00:00Z'::timestamptz) AS bucket, '' AS key
        UNION ALL
        SELECT dimension, grain, date_trunc(grain::text, figures.at, 'UTC'), key
        FROM (VALUES
            ('entity'::sales_dimension, figures.entity_id), ('product', figures.product_id),
            ('promotion_code', coalesce(figures.promotion_code, '')), ('country', coalesce(figures.country, ''))
        ) AS dimensions (dimension, key), (VALUES ('day'::sales_grain), ('month')) AS grains (grain)
    ) AS part;

CREATE FUNCTION record_sales(p_entries jsonb) RETURNS void LANGUAGE sql AS $$
    INSERT INTO sales_entries (purchase_id, kind, subject_id, at, currency, entity_id, product_id, promotion_code, country, count, subtotal,
        discount, tax, amount, fee, net, recorded_at)
    SELECT purchase_id, kind, subject_id, to_timestamp(at), currency, entity_id, product_id, promotion_code, country, count, subtotal, discount, tax,
        amount, fee, net, clock_timestamp()
    FROM jsonb_to_recordset(p_entries) AS entry (
        purchase_id text, kind sales_entry_kind, subject_id text, at bigint, currency text, entity_id text, product_id text, promotion_code text,
        country text, count integer, subtotal bigint, discount bigint, tax bigint, amount bigint, fee bigint, net bigint
    )
$$;

-- Adds up to p_limit entries to the rollups and returns how many. Entries are marked individually: transactions do not commit in the order
-- of their ids, so a cursor would skip some entries. Only one process runs it at a time, so there is no contention for rows of
-- sales_rollups.
CREATE FUNCTION roll_up_sales(p_limit integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_ids bigint[];
BEGIN
    IF NOT pg_try_advisory_xact_lock(20261130, 28) THEN
        RETURN 0;
    END IF;
    v_ids := ARRAY(SELECT id FROM sales_entries WHERE NOT rolled_up ORDER BY id LIMIT p_limit);
    INSERT INTO sales_rollups AS stored
    SELECT dimension, grain, bucket, key, currency, sum(gross), sum(discount), sum(tax), sum(paid), sum(refunded), sum(disputed), sum(fees),
        sum(net), sum(purchases), sum(refunds), sum(disputes)
    FROM sales_parts WHERE id = ANY (v_ids)
    GROUP BY dimension, grain, bucket, key, currency
    ON CONFLICT (dimension, grain, bucket, key, currency) DO UPDATE SET gross = stored.gross + excluded.gross,
        discount = stored.discount + excluded.discount, tax = stored.tax + excluded.tax, paid = stored.paid + excluded.paid,
        refunded = stored.refunded + excluded.refunded, disputed = stored.disputed + excluded.disputed, fees = stored.fees + excluded.fees,
        net = stored.net + excluded.net, purchases = stored.purchases + excluded.purchases, refunds = stored.refunds + excluded.refunds,
        disputes = stored.disputes + excluded.disputes;
    UPDATE sales_entries SET rolled_up = true WHERE id = ANY (v_ids);
    RETURN cardinality(v_ids);
END $$;

-- Stripe's balance transactions, in the currency of the account. The purchase is null until it is known, and for payments of other systems.
CREATE TABLE balance_transactions (
    id text PRIMARY KEY,
    type text NOT NULL,
    reporting_category text NOT NULL,
    source_id text,
    payment_intent_id text,
    purchase_id text,
    currency text NOT NULL,
    amount bigint NOT NULL,
    fee bigint NOT NULL,
    net bigint NOT NULL,
    exchange_rate double precision,
    created_at timestamptz(3) NOT NULL,
    available_on timestamptz(3) NOT NULL,
    payout_id text,
    CONSTRAINT balance_transactions_purchase_id_fkey FOREIGN KEY (purchase_id) REFERENCES purchases(id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX balance_transactions_payment_intent_id_idx ON balance_transactions (payment_intent_id);
CREATE INDEX balance_transactions_purchase_id_idx ON balance_transactions (purchase_id);
CREATE INDEX balance_transactions_payout_id_idx ON balance_transactions (payout_id);
CREATE INDEX balance_transactions_unmatched ON balance_transactions (created_at) WHERE purchase_id IS NULL AND payment_intent_id IS NOT NULL;

CREATE TABLE payouts (
    id text PRIMARY KEY,
    amount bigint NOT NULL,
    currency text NOT NULL,
    status text NOT NULL,
    automatic boolean NOT NULL,
    created_at timestamptz(3) NOT NULL,
    arrival_date timestamptz(3) NOT NULL,
    -- When all balance transactions of the payout were read; null until Stripe has assigned them.
    read_at timestamptz(3)
);
CREATE INDEX payouts_created_at_id_idx ON payouts (created_at DESC, id DESC);
CREATE INDEX payouts_unread ON payouts (created_at) WHERE read_at IS NULL;

-- For existing purchases, the reconciler records the entries and then removes this cursor.
INSERT INTO cursors (name, at) SELECT 'sales-backfill', '2000-01-01T00:00:00Z' WHERE EXISTS (SELECT FROM purchases WHERE completed_at IS NOT NULL);
