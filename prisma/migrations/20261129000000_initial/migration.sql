-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "purchase_status" AS ENUM ('Pending', 'Completed', 'Refunded', 'Expired', 'Failed', 'Disputed', 'ChargedBack');

-- CreateTable
CREATE TABLE "entities" (
    "id" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "channel_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "entities_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "products" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "amount" INTEGER NOT NULL,
    "currency" TEXT NOT NULL,
    "access_duration_days" INTEGER,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "products_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "offers" (
    "product_id" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,

    CONSTRAINT "offers_pkey" PRIMARY KEY ("product_id","entity_id")
);

-- CreateTable
CREATE TABLE "customers" (
    "user_id" TEXT NOT NULL,
    "stripe_customer_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "customers_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "purchases" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "product_id" TEXT NOT NULL,
    "amount" INTEGER NOT NULL,
    "currency" TEXT NOT NULL,
    "access_duration_days" INTEGER,
    "checkout_request" JSONB NOT NULL,
    "checkout_deadline" TIMESTAMPTZ(3) NOT NULL,
    "session_id" TEXT,
    "workflow_started_at" TIMESTAMPTZ(3),
    "status" "purchase_status" NOT NULL DEFAULT 'Pending',
    "open" BOOLEAN NOT NULL DEFAULT true,
    "facts" JSONB NOT NULL DEFAULT '{}',
    "external_transaction_id" TEXT,
    "processing" BOOLEAN NOT NULL DEFAULT false,
    "mismatch" TEXT,
    "amount_paid" INTEGER NOT NULL DEFAULT 0,
    "currency_paid" TEXT,
    "amount_refunded" INTEGER NOT NULL DEFAULT 0,
    "completed_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),
    "refunded_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "purchases_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "grants" (
    "purchase_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "granted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "grants_pkey" PRIMARY KEY ("purchase_id")
);

-- CreateTable
CREATE TABLE "refund_requests" (
    "purchase_id" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "payment_intent_id" TEXT,
    "amount" INTEGER,
    "requested_amount" INTEGER,
    "reason" TEXT,
    "requested_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "refund_id" TEXT,
    "error" TEXT,
    "response" JSONB,
    "responded_at" TIMESTAMPTZ(3),

    CONSTRAINT "refund_requests_pkey" PRIMARY KEY ("purchase_id","request_id")
);

-- CreateTable
CREATE TABLE "refunds" (
    "id" TEXT NOT NULL,
    "purchase_id" TEXT NOT NULL,
    "payment_intent_id" TEXT NOT NULL,
    "amount" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "request_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "refunds_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "changes" (
    "id" BIGSERIAL NOT NULL,
    "purchase_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "from_status" "purchase_status" NOT NULL,
    "to_status" "purchase_status" NOT NULL,
    "cause" JSONB NOT NULL,
    "note" TEXT,

    CONSTRAINT "changes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stripe_events" (
    "id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "object_id" TEXT NOT NULL,
    "livemode" BOOLEAN NOT NULL,
    "account" TEXT,
    "outcome" TEXT NOT NULL,
    "purchase_id" TEXT,
    "parsed" JSONB NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "dispatched_at" TIMESTAMPTZ(3),
    "applied_at" TIMESTAMPTZ(3),
    "source" TEXT NOT NULL,

    CONSTRAINT "stripe_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alerts" (
    "id" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "dedupe_key" TEXT NOT NULL,
    "purchase_id" TEXT,
    "detail" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "resolved_at" TIMESTAMPTZ(3),
    "resolved_by" TEXT,

    CONSTRAINT "alerts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "erasures" (
    "pseudonym" TEXT NOT NULL,
    "user_id" TEXT,
    "pending" JSONB,
    "requested_by" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "purchases" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "erasures_pkey" PRIMARY KEY ("pseudonym")
);

-- CreateTable
CREATE TABLE "cursors" (
    "name" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "cursors_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE INDEX "entities_channel_id_idx" ON "entities"("channel_id");

-- CreateIndex
CREATE INDEX "offers_entity_id_idx" ON "offers"("entity_id");

-- CreateIndex
CREATE UNIQUE INDEX "customers_stripe_customer_id_key" ON "customers"("stripe_customer_id");

-- CreateIndex
CREATE UNIQUE INDEX "purchases_session_id_key" ON "purchases"("session_id");

-- CreateIndex
CREATE UNIQUE INDEX "purchases_external_transaction_id_key" ON "purchases"("external_transaction_id");

-- CreateIndex
CREATE INDEX "purchases_history" ON "purchases"("user_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "purchases_created_at_id_idx" ON "purchases"("created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "purchases_entity_id_created_at_idx" ON "purchases"("entity_id", "created_at" DESC);

-- CreateIndex
CREATE INDEX "purchases_product_id_created_at_id_idx" ON "purchases"("product_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "purchases_status_created_at_id_idx" ON "purchases"("status", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "one_open_purchase" ON "purchases"("user_id", "entity_id") WHERE (open);

-- CreateIndex
CREATE INDEX "grants_expiring" ON "grants"("expires_at") WHERE (ended_at IS NULL);

-- CreateIndex
CREATE UNIQUE INDEX "one_active_grant" ON "grants"("user_id", "entity_id") WHERE (ended_at IS NULL);

-- CreateIndex
CREATE UNIQUE INDEX "refund_requests_refund_id_key" ON "refund_requests"("refund_id");

-- CreateIndex
CREATE INDEX "refund_requests_pending" ON "refund_requests"("created_at") WHERE (responded_at IS NULL);

-- CreateIndex
CREATE INDEX "refunds_purchase_id_idx" ON "refunds"("purchase_id");

-- CreateIndex
CREATE INDEX "changes_purchase_id_id_idx" ON "changes"("purchase_id", "id");

-- CreateIndex
CREATE INDEX "stripe_events_purchase_id_idx" ON "stripe_events"("purchase_id");

-- CreateIndex
CREATE INDEX "stripe_events_unapplied" ON "stripe_events"("received_at") WHERE (applied_at IS NULL AND outcome IN ('received', 'matched'));

-- CreateIndex
CREATE INDEX "stripe_events_outcome_received_at_idx" ON "stripe_events"("outcome", "received_at" DESC);

-- CreateIndex
CREATE INDEX "stripe_events_with_content" ON "stripe_events"("received_at") WHERE (parsed <> '{}');

-- CreateIndex
CREATE UNIQUE INDEX "alerts_dedupe_key_key" ON "alerts"("dedupe_key");

-- CreateIndex
CREATE INDEX "alerts_open" ON "alerts"("at" DESC) WHERE (resolved_at IS NULL);

-- CreateIndex
CREATE INDEX "alerts_purchase_id_idx" ON "alerts"("purchase_id");

-- CreateIndex
CREATE UNIQUE INDEX "erasures_user_id_key" ON "erasures"("user_id");

-- AddForeignKey
ALTER TABLE "entities" ADD CONSTRAINT "entities_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "entities"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "offers" ADD CONSTRAINT "offers_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "offers" ADD CONSTRAINT "offers_entity_id_fkey" FOREIGN KEY ("entity_id") REFERENCES "entities"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "purchases" ADD CONSTRAINT "purchases_entity_id_fkey" FOREIGN KEY ("entity_id") REFERENCES "entities"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "purchases" ADD CONSTRAINT "purchases_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_purchase_id_fkey" FOREIGN KEY ("purchase_id") REFERENCES "purchases"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_entity_id_fkey" FOREIGN KEY ("entity_id") REFERENCES "entities"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refund_requests" ADD CONSTRAINT "refund_requests_purchase_id_fkey" FOREIGN KEY ("purchase_id") REFERENCES "purchases"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_purchase_id_fkey" FOREIGN KEY ("purchase_id") REFERENCES "purchases"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "changes" ADD CONSTRAINT "changes_purchase_id_fkey" FOREIGN KEY ("purchase_id") REFERENCES "purchases"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_purchase_id_fkey" FOREIGN KEY ("purchase_id") REFERENCES "purchases"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- Everything above is generated by `prisma migrate diff`. Below are objects that Prisma's schema language cannot express.

-- The check constraints.
ALTER TABLE "entities"
    ADD CONSTRAINT "entities_id_kind" CHECK ("id" ~ '^(vid|chan|cont)_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
    ADD CONSTRAINT "entities_only_videos_have_a_channel" CHECK ("channel_id" IS NULL OR ("id" LIKE 'vid\_%' AND "channel_id" LIKE 'chan\_%'));

ALTER TABLE "products"
    ADD CONSTRAINT "products_amount_positive" CHECK ("amount" > 0),
    ADD CONSTRAINT "products_currency_iso" CHECK ("currency" ~ '^[a-z]{3}$'),
    ADD CONSTRAINT "products_duration_positive" CHECK ("access_duration_days" > 0);

ALTER TABLE "purchases"
    ADD CONSTRAINT "purchases_amount_positive" CHECK ("amount" > 0),
    ADD CONSTRAINT "purchases_refunded_within_paid" CHECK (0 <= "amount_refunded" AND "amount_refunded" <= "amount_paid"),
    ADD CONSTRAINT "purchases_paid_is_known" CHECK (
        "status" NOT IN ('Completed', 'Refunded', 'Disputed', 'ChargedBack')
        OR ("external_transaction_id" IS NOT NULL AND "completed_at" IS NOT NULL AND "currency_paid" IS NOT NULL)
    );

ALTER TABLE "refund_requests" ADD CONSTRAINT "refund_requests_amount_positive" CHECK ("amount" > 0);
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_amount_positive" CHECK ("amount" > 0);

-- The only definition of an active grant. Postgres inlines it, so it can use the partial indexes on grants. isActiveGrant in
-- packages/db/src/access.ts is the same for a row in memory.
CREATE FUNCTION is_active_grant(p_grant grants, p_at timestamptz) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT p_grant.ended_at IS NULL AND (p_grant.expires_at IS NULL OR p_grant.expires_at > p_at)
$$;

-- Notifies the listeners of a user's access when the transaction commits.
CREATE FUNCTION notify_access(p_user_id text, p_entity_id text) RETURNS void LANGUAGE sql AS $$
    SELECT pg_notify('access', json_build_object('userId', p_user_id, 'entityId', p_entity_id)::text)
$$;

-- Grants, or restores, the access of a purchase. The caller holds the user's lock.
CREATE FUNCTION grant_access(p_purchase_id text, p_user_id text, p_entity_id text, p_expires_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- An expired grant gives no access, but the unique index one_active_grant still counts it.
    UPDATE grants SET ended_at = expires_at
    WHERE user_id = p_user_id AND entity_id = p_entity_id AND ended_at IS NULL AND expires_at <= clock_timestamp() AND purchase_id <> p_purchase_id;
    INSERT INTO grants (purchase_id, user_id, entity_id, expires_at) VALUES (p_purchase_id, p_user_id, p_entity_id, p_expires_at)
    ON CONFLICT (purchase_id) DO UPDATE SET expires_at = excluded.expires_at, ended_at = NULL;
    PERFORM notify_access(p_user_id, p_entity_id);
END $$;

-- A purchase that is no longer open, but whose payment is disputed, processing or under review. It may still give access, so the entity is
-- not sold to the user again in the meantime.
CREATE FUNCTION blocking_purchase(p_user_id text, p_entity_id text, OUT id text, OUT reason text) RETURNS SETOF record LANGUAGE sql STABLE AS $$
    SELECT purchases.id,
        CASE WHEN status = 'Disputed' THEN 'disputed' WHEN processing THEN 'payment_processing' ELSE 'payment_review' END
    FROM purchases
    WHERE user_id = p_user_id AND entity_id = p_entity_id AND NOT open
        AND ((status = 'Disputed' AND (expires_at IS NULL OR expires_at > clock_timestamp()))
            OR (status = 'Pending' AND (processing OR mismatch IS NOT NULL)))
    LIMIT 1
$$;

-- The next two functions create a purchase and apply its first payment under the user's lock, in one round trip each. Each statement of a
-- VOLATILE function sees all changes that were committed before it began, including changes made earlier under the lock. A single plain
-- statement would not.

-- Inserts a purchase unless the user already has access (`owned`), or another purchase is open or blocks it (`taken`).
CREATE FUNCTION insert_purchase(
    p_id text, p_user_id text, p_entity_id text, p_granting_entity_ids text[], p_product_id text, p_amount int, p_currency text,
    p_access_duration_days int, p_checkout_request jsonb, p_checkout_deadline timestamptz
) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(p_user_id, 0));
    IF EXISTS (
        SELECT FROM grants
        WHERE user_id = p_user_id AND entity_id = ANY (p_granting_entity_ids) AND is_active_grant(grants, clock_timestamp())
    ) THEN
        RETURN 'owned';
    END IF;
    IF EXISTS (SELECT FROM blocking_purchase(p_user_id, p_entity_id)) THEN
        RETURN 'taken';
    END IF;
    INSERT INTO purchases (id, user_id, entity_id, product_id, amount, currency, access_duration_days, checkout_request, checkout_deadline)
    VALUES (p_id, p_user_id, p_entity_id, p_product_id, p_amount, p_currency, p_access_duration_days, p_checkout_request, p_checkout_deadline)
    ON CONFLICT DO NOTHING;
    RETURN CASE WHEN FOUND THEN 'inserted' ELSE 'taken' END;
END $$;

-- Writes a first payment as decided by packages/purchase. Returns false if the row has changed since it was read (its version is
-- its xmin) or another grant covers the entity.
CREATE FUNCTION apply_first_payment(
    p_id text, p_version text, p_granting_entity_ids text[], p_facts jsonb, p_status purchase_status, p_processing boolean,
    p_payment_intent_id text, p_amount_paid int, p_currency_paid text, p_completed_at timestamptz, p_expires_at timestamptz, p_cause jsonb,
    p_note text, p_event_ids text[]
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_user_id text;
    v_entity_id text;
BEGIN
    SELECT user_id, entity_id INTO v_user_id, v_entity_id FROM purchases WHERE id = p_id;
    PERFORM pg_advisory_xact_lock(hashtextextended(v_user_id, 0));
    IF EXISTS (
        SELECT FROM grants WHERE purchase_id = p_id
        OR (user_id = v_user_id AND entity_id = ANY (p_granting_entity_ids) AND is_active_grant(grants, clock_timestamp()))
    ) THEN
        RETURN false;
    END IF;
    UPDATE purchases SET facts = p_facts, status = p_status, open = false, processing = p_processing,
        external_transaction_id = p_payment_intent_id, amount_paid = p_amount_paid, currency_paid = p_currency_paid,
        completed_at = p_completed_at, expires_at = p_expires_at, updated_at = clock_timestamp()
    WHERE id = p_id AND xmin::text = p_version AND status = 'Pending';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM grant_access(p_id, v_user_id, v_entity_id, p_expires_at);
    INSERT INTO changes (purchase_id, from_status, to_status, cause, note) VALUES (p_id, 'Pending', p_status, p_cause, p_note);
    UPDATE stripe_events SET applied_at = clock_timestamp() WHERE id = ANY (p_event_ids) AND applied_at IS NULL;
    RETURN true;
END $$;
