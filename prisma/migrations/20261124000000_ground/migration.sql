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
    "payment" TEXT,
    "amount" INTEGER,
    "asked" INTEGER,
    "reason" TEXT,
    "requested_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "refund_id" TEXT,
    "error" TEXT,
    "answer" JSONB,
    "answered_at" TIMESTAMPTZ(3),

    CONSTRAINT "refund_requests_pkey" PRIMARY KEY ("purchase_id","request_id")
);

-- CreateTable
CREATE TABLE "refunds" (
    "id" TEXT NOT NULL,
    "purchase_id" TEXT NOT NULL,
    "payment" TEXT NOT NULL,
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
    "reading" JSONB NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "signalled_at" TIMESTAMPTZ(3),
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
CREATE INDEX "purchases_pending" ON "purchases"("checkout_deadline") WHERE (status = 'Pending');

-- CreateIndex
CREATE UNIQUE INDEX "one_open_attempt" ON "purchases"("user_id", "entity_id") WHERE ("open");

-- CreateIndex
CREATE UNIQUE INDEX "one_live_grant" ON "grants"("user_id", "entity_id") WHERE (ended_at IS NULL);

-- CreateIndex
CREATE UNIQUE INDEX "refund_requests_refund_id_key" ON "refund_requests"("refund_id");

-- CreateIndex
CREATE INDEX "refund_requests_open" ON "refund_requests"("created_at") WHERE (answered_at IS NULL);

-- CreateIndex
CREATE INDEX "refunds_purchase_id_idx" ON "refunds"("purchase_id");

-- CreateIndex
CREATE INDEX "refunds_status_idx" ON "refunds"("status");

-- CreateIndex
CREATE INDEX "changes_purchase_id_id_idx" ON "changes"("purchase_id", "id");

-- CreateIndex
CREATE INDEX "stripe_events_purchase_id_idx" ON "stripe_events"("purchase_id");

-- CreateIndex
CREATE INDEX "stripe_events_unapplied" ON "stripe_events"("received_at") WHERE (applied_at IS NULL AND outcome IN ('received', 'ours'));

-- CreateIndex
CREATE INDEX "stripe_events_outcome_received_at_idx" ON "stripe_events"("outcome", "received_at" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "alerts_dedupe_key_key" ON "alerts"("dedupe_key");

-- CreateIndex
CREATE INDEX "alerts_open" ON "alerts"("at" DESC) WHERE (resolved_at IS NULL);

-- CreateIndex
CREATE INDEX "alerts_purchase_id_idx" ON "alerts"("purchase_id");

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

-- What the schema language cannot say: the invariants that hold whatever the code does.
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
