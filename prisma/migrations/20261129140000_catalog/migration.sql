-- The site's catalog: its own ids, several levels of containers, several prices. Servers and workers of the previous version must be
-- stopped first.

-- CreateEnum
CREATE TYPE "entity_type" AS ENUM ('video', 'channel', 'content');

-- CreateEnum
CREATE TYPE "entity_status" AS ENUM ('draft', 'published', 'archived');

-- CreateEnum
CREATE TYPE "product_status" AS ENUM ('active', 'withdrawn');

-- CreateEnum
CREATE TYPE "tax_behavior" AS ENUM ('inclusive', 'exclusive');

-- AlterTable
ALTER TABLE "entities" ADD COLUMN "available_from" TIMESTAMPTZ(3),
ADD COLUMN "available_until" TIMESTAMPTZ(3),
ADD COLUMN "duration_seconds" INTEGER,
ADD COLUMN "image_url" TEXT,
ADD COLUMN "metadata" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN "playback" JSONB,
ADD COLUMN "status" "entity_status" NOT NULL DEFAULT 'published',
ADD COLUMN "type" "entity_type",
ADD COLUMN "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;

-- AlterTable
ALTER TABLE "products" ADD COLUMN "allow_promotion_codes" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "keeps_removed_members" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "max_streams" INTEGER,
ADD COLUMN "rental_start_within_days" INTEGER,
ADD COLUMN "rental_watch_within_hours" INTEGER,
ADD COLUMN "sale_from" TIMESTAMPTZ(3),
ADD COLUMN "sale_until" TIMESTAMPTZ(3),
ADD COLUMN "status" "product_status" NOT NULL DEFAULT 'active',
ADD COLUMN "tax_behavior" "tax_behavior",
ADD COLUMN "tax_code" TEXT;

-- CreateTable
CREATE TABLE "memberships" (
    "container_id" TEXT NOT NULL,
    "member_id" TEXT NOT NULL,
    "position" INTEGER,

    CONSTRAINT "memberships_pkey" PRIMARY KEY ("member_id","container_id")
);

-- CreateTable
CREATE TABLE "containments" (
    "container_id" TEXT NOT NULL,
    "member_id" TEXT NOT NULL,
    "depth" INTEGER NOT NULL,
    "added_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "containments_pkey" PRIMARY KEY ("member_id","container_id")
);

-- CreateTable
CREATE TABLE "prices" (
    "product_id" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "amount" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "prices_pkey" PRIMARY KEY ("product_id","currency")
);

-- Converts the existing catalog, in which the type was the prefix of the id, a video had one channel, and a product had one price.
UPDATE "entities" SET "type" = CASE split_part("id", '_', 1) WHEN 'vid' THEN 'video' WHEN 'chan' THEN 'channel' ELSE 'content' END::entity_type;
INSERT INTO "memberships" ("container_id", "member_id") SELECT "channel_id", "id" FROM "entities" WHERE "channel_id" IS NOT NULL;
INSERT INTO "containments" ("container_id", "member_id", "depth", "added_at")
SELECT "channel_id", "id", 1, "created_at" FROM "entities" WHERE "channel_id" IS NOT NULL;
INSERT INTO "prices" ("product_id", "currency", "amount", "position") SELECT "id", "currency", "amount", 0 FROM "products";
UPDATE "products" SET "status" = 'withdrawn' WHERE NOT "active";

-- contract: every entity has a type now, and the previous version is stopped.
ALTER TABLE "entities" ALTER COLUMN "type" SET NOT NULL;

-- contract: replaced by memberships.
ALTER TABLE "entities" DROP CONSTRAINT "entities_id_kind",
DROP CONSTRAINT "entities_only_videos_have_a_channel",
DROP COLUMN "channel_id";

-- contract: replaced by prices and status.
ALTER TABLE "products" DROP COLUMN "active", DROP COLUMN "amount", DROP COLUMN "currency";

-- DropIndex
DROP INDEX "offers_entity_id_idx";

-- CreateIndex
CREATE INDEX "offers_entity_id_product_id_idx" ON "offers"("entity_id", "product_id");

-- CreateIndex
CREATE INDEX "entities_status_id_idx" ON "entities"("status", "id");

-- CreateIndex
CREATE INDEX "entities_type_id_idx" ON "entities"("type", "id");

-- CreateIndex
CREATE INDEX "entities_status_type_id_idx" ON "entities"("status", "type", "id");

-- CreateIndex
CREATE INDEX "containments_container_id_member_id_idx" ON "containments"("container_id", "member_id");

-- CreateIndex
CREATE INDEX "containments_removed" ON "containments"("removed_at") WHERE (removed_at IS NOT NULL);

-- CreateIndex
CREATE INDEX "products_status_id_idx" ON "products"("status", "id");

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_container_id_fkey" FOREIGN KEY ("container_id") REFERENCES "entities"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_member_id_fkey" FOREIGN KEY ("member_id") REFERENCES "entities"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "containments" ADD CONSTRAINT "containments_container_id_fkey" FOREIGN KEY ("container_id") REFERENCES "entities"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "containments" ADD CONSTRAINT "containments_member_id_fkey" FOREIGN KEY ("member_id") REFERENCES "entities"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "prices" ADD CONSTRAINT "prices_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Below are objects that Prisma's schema language cannot express.

-- Whether a text is a valid id of the site. packages/purchase, ids.ts has the same pattern.
ALTER TABLE "entities"
    ADD CONSTRAINT "entities_id_pattern" CHECK ("id" ~ '^[A-Za-z0-9._~:-]{1,128}$' AND "id" NOT IN ('.', '..')),
    ADD CONSTRAINT "entities_duration_positive" CHECK ("duration_seconds" > 0);
ALTER TABLE "products"
    ADD CONSTRAINT "products_id_pattern" CHECK ("id" ~ '^[A-Za-z0-9._~:-]{1,128}$' AND "id" NOT IN ('.', '..')),
    ADD CONSTRAINT "products_rental_complete" CHECK (("rental_start_within_days" IS NULL) = ("rental_watch_within_hours" IS NULL)),
    ADD CONSTRAINT "products_rental_or_duration" CHECK ("rental_start_within_days" IS NULL OR "access_duration_days" IS NULL);
ALTER TABLE "prices"
    ADD CONSTRAINT "prices_amount_positive" CHECK ("amount" > 0),
    ADD CONSTRAINT "prices_currency_iso" CHECK ("currency" ~ '^[a-z]{3}$');
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_not_of_itself" CHECK ("container_id" <> "member_id");
ALTER TABLE "containments" ADD CONSTRAINT "containments_within_levels" CHECK ("container_id" <> "member_id" AND "depth" BETWEEN 1 AND 8);

-- The words of a title in any language: `simple` neither stems nor drops words. Punctuation is removed, because Postgres would parse words
-- joined by it as a host or path.
CREATE FUNCTION title_words(p_title text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
    SELECT to_tsvector('simple', regexp_replace(p_title, '[!-/:-@[-`{-~]+', ' ', 'g'))
$$;
CREATE INDEX "entities_title_words" ON "entities" USING gin (title_words("title")) WITH (fastupdate = off);

-- The order of a container's members. Members without a position come last. A constant is used instead of null, so rows can be compared.
CREATE INDEX "memberships_order" ON "memberships" ("container_id", coalesce("position", 2147483647), "member_id");

-- Brings the containers of the given entities and of all their members up to date with the memberships. The caller holds the catalog's
-- lock. The check constraint of containments rejects a cycle, which lists an entity as its own container, and more than 8 levels. The
-- planner overestimates recursive queries and would read whole tables; OFFSET 0 makes it look up each row in an index.
CREATE FUNCTION update_containments(p_entity_ids text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_affected text[];
    v_members text[];
    v_containers text[];
    v_depths int[];
BEGIN
    WITH RECURSIVE affected (member_id) AS (
        SELECT unnest(p_entity_ids)
        UNION
        SELECT members.member_id FROM affected CROSS JOIN LATERAL (
            SELECT memberships.member_id FROM memberships WHERE memberships.container_id = affected.member_id OFFSET 0
        ) AS members
    )
    SELECT array_agg(member_id) INTO v_affected FROM affected;

    WITH RECURSIVE chains (member_id, container_id, depth) AS (
        SELECT memberships.member_id, memberships.container_id, 1 FROM memberships WHERE memberships.member_id = ANY (v_affected)
        UNION
        SELECT chains.member_id, containers.container_id, chains.depth + 1 FROM chains CROSS JOIN LATERAL (
            SELECT memberships.container_id FROM memberships WHERE memberships.member_id = chains.container_id OFFSET 0
        ) AS containers
        WHERE chains.depth <= 8
    ), closure AS (
        -- A chain of more than 8 levels is kept (and later rejected), even if a shorter chain leads to the same container.
        SELECT member_id, container_id, CASE WHEN max(depth) > 8 THEN max(depth) ELSE min(depth) END AS depth
        FROM chains GROUP BY member_id, container_id
    )
    SELECT array_agg(member_id), array_agg(container_id), array_agg(depth) INTO v_members, v_containers, v_depths FROM closure;

    UPDATE containments SET removed_at = clock_timestamp()
    WHERE containments.member_id = ANY (v_affected) AND removed_at IS NULL
        AND NOT EXISTS (
            SELECT FROM unnest(v_members, v_containers) AS closure (member_id, container_id)
            WHERE closure.member_id = containments.member_id AND closure.container_id = containments.container_id
        );

    INSERT INTO containments (member_id, container_id, depth, added_at)
    SELECT member_id, container_id, depth, clock_timestamp()
    FROM unnest(v_members, v_containers, v_depths) AS closure (member_id, container_id, depth)
    ON CONFLICT (member_id, container_id) DO UPDATE SET depth = excluded.depth, removed_at = NULL,
        added_at = CASE WHEN containments.removed_at IS NULL THEN containments.added_at ELSE excluded.added_at END
        WHERE containments.depth <> excluded.depth OR containments.removed_at IS NOT NULL;
END $$;

-- The only definition of access: the active grants of a user that include an entity. These are grants of the entity itself, of its
-- containers, or of a container from which it was removed, if the grant is older than the removal and its product keeps removed members.
-- Needs one index lookup per container. Postgres inlines it.
CREATE FUNCTION active_grants(p_user_id text, p_entity_id text, p_at timestamptz) RETURNS SETOF grants LANGUAGE sql STABLE AS $$
    SELECT grants.*
    FROM (
        SELECT p_entity_id AS entity_id, NULL::timestamptz AS removed_at
        UNION ALL
        SELECT container_id, containments.removed_at FROM containments WHERE member_id = p_entity_id
    ) AS granting
    JOIN grants ON grants.user_id = p_user_id AND grants.entity_id = granting.entity_id AND is_active_grant(grants, p_at)
    WHERE granting.removed_at IS NULL OR (
        grants.granted_at < granting.removed_at AND (
            SELECT products.keeps_removed_members FROM purchases JOIN products ON products.id = purchases.product_id
            WHERE purchases.id = grants.purchase_id
        )
    )
$$;

-- Inserts a purchase unless the user already has access (`owned`), or another purchase is open or blocks it (`taken`).
-- contract: the containers of the entity replace the list of granting entities, and the previous version is stopped.
DROP FUNCTION insert_purchase;
CREATE FUNCTION insert_purchase(
    p_id text, p_user_id text, p_entity_id text, p_product_id text, p_amount int, p_currency text,
    p_access_duration_days int, p_checkout_request jsonb, p_checkout_deadline timestamptz
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(p_user_id, 0));
    v_now := clock_timestamp();
    IF EXISTS (SELECT FROM active_grants(p_user_id, p_entity_id, v_now)) THEN
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
-- contract: the containers of the entity replace the list of granting entities, and the previous version is stopped.
DROP FUNCTION apply_first_payment;
CREATE FUNCTION apply_first_payment(
    p_id text, p_version text, p_facts jsonb, p_status purchase_status, p_processing boolean,
    p_payment_intent_id text, p_amount_paid int, p_currency_paid text, p_completed_at timestamptz, p_expires_at timestamptz, p_cause jsonb,
    p_note text, p_event_ids text[]
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_user_id text;
    v_entity_id text;
    v_now timestamptz;
BEGIN
    SELECT user_id, entity_id INTO v_user_id, v_entity_id FROM purchases WHERE id = p_id;
    PERFORM pg_advisory_xact_lock(hashtextextended(v_user_id, 0));
    v_now := clock_timestamp();
    IF EXISTS (SELECT FROM grants WHERE purchase_id = p_id) OR EXISTS (SELECT FROM active_grants(v_user_id, v_entity_id, v_now)) THEN
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
    UPDATE stripe_events SET applied_at = clock_timestamp()
    WHERE id = ANY (p_event_ids) AND applied_at IS NULL AND (purchase_id = p_id OR purchase_id IS NULL);
    RETURN true;
END $$;
