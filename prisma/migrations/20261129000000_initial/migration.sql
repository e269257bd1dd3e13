-- The schema of pay-to-view. prisma/schema.prisma describes the tables and columns. This file was written by hand, because it also contains
-- what Prisma's schema language cannot express: check constraints, functions, triggers, views, partitions and some indexes. A later change
-- is a separate migration: docs/deployment.md.
--
-- Sections: text search; catalog; purchases and Stripe's facts; grants and access; playback; jobs on entities; sales; Stripe's balance;
-- messages; operations.
--
-- * Money is an integer in minor units with a lowercase ISO currency.
-- * Functions that check a user's purchases, access or playback and then write hold the user's advisory lock, hashtextextended(user id, 0).
--   They are VOLATILE, because each statement of a VOLATILE function sees all changes that were committed before it began, including
--   changes made earlier under the lock. A single SQL statement that takes the lock and then reads would not.
-- * The names of parameters begin with p_, and those of variables with v_.


-- ==== Text search ====

-- The words of a title in any language: `simple` neither stems nor drops words. Punctuation is removed, because Postgres would parse words
-- joined by it as a host or path. The words are lowercase and have no accents, regardless of the database's locale: in the C locale,
-- Postgres would lowercase only A to Z. `packages/db/src/reads/entity-list.ts` normalizes the words of a query in the same way.
CREATE FUNCTION title_words(p_title text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
    SELECT to_tsvector('simple', regexp_replace(
        regexp_replace(lower(normalize(p_title, NFKD) COLLATE "und-x-icu"), '[\u0300-\u036F]', '', 'g'), '[!-/:-@[-`{-~]+', ' ', 'g'))
$$;


-- ==== Catalog ====

CREATE TYPE entity_type AS ENUM ('video', 'channel', 'content');
CREATE TYPE entity_status AS ENUM ('draft', 'published', 'archived');
CREATE TYPE product_status AS ENUM ('active', 'withdrawn');
CREATE TYPE tax_behavior AS ENUM ('inclusive', 'exclusive');

CREATE TABLE entities (
    id text PRIMARY KEY,
    title text NOT NULL,
    description text NOT NULL DEFAULT '',
    created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    available_from timestamptz(3),
    available_until timestamptz(3),
    duration_seconds integer,
    image_url text,
    metadata jsonb NOT NULL DEFAULT '{}',
    playback jsonb,
    status entity_status NOT NULL DEFAULT 'published',
    type entity_type NOT NULL,
    updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- Stored, because reading the words is ten times cheaper than computing them.
    title_words tsvector GENERATED ALWAYS AS (title_words(title)) STORED,
    canceled_at timestamptz(3),
    -- A valid id of the site. packages/purchase, ids.ts has the same pattern.
    CONSTRAINT entities_id_pattern CHECK (id ~ '^[A-Za-z0-9._~:-]{1,128}$' AND id NOT IN ('.', '..')),
    CONSTRAINT entities_duration_positive CHECK (duration_seconds > 0)
);
CREATE INDEX entities_status_id_idx ON entities (status, id);
CREATE INDEX entities_type_id_idx ON entities (type, id);
CREATE INDEX entities_status_type_id_idx ON entities (status, type, id);
CREATE INDEX entities_title_words ON entities USING gin (title_words) WITH (fastupdate = off);

CREATE TABLE memberships (
    container_id text NOT NULL REFERENCES entities ON DELETE CASCADE ON UPDATE CASCADE,
    member_id text NOT NULL REFERENCES entities ON DELETE CASCADE ON UPDATE CASCADE,
    position integer,
    PRIMARY KEY (member_id, container_id),
    CONSTRAINT memberships_not_of_itself CHECK (container_id <> member_id)
);
-- The order of a container's members. Members without a position come last. A constant is used instead of null, so rows can be compared.
CREATE INDEX memberships_order ON memberships (container_id, coalesce(position, 2147483647), member_id);

CREATE TABLE containments (
    container_id text NOT NULL REFERENCES entities ON DELETE CASCADE ON UPDATE CASCADE,
    member_id text NOT NULL REFERENCES entities ON DELETE CASCADE ON UPDATE CASCADE,
    depth integer NOT NULL,
    added_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    removed_at timestamptz(3),
    PRIMARY KEY (member_id, container_id),
    CONSTRAINT containments_within_levels CHECK (container_id <> member_id AND depth BETWEEN 1 AND 8)
);
CREATE INDEX containments_container_id_member_id_idx ON containments (container_id, member_id);

CREATE TABLE products (
    id text PRIMARY KEY,
    name text NOT NULL,
    access_duration_days integer,
    created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    allow_promotion_codes boolean NOT NULL DEFAULT false,
    keeps_removed_members boolean NOT NULL DEFAULT false,
    max_streams integer,
    rental_start_within_days integer,
    rental_watch_within_hours integer,
    sale_from timestamptz(3),
    sale_until timestamptz(3),
    status product_status NOT NULL DEFAULT 'active',
    tax_behavior tax_behavior,
    tax_code text,
    CONSTRAINT products_id_pattern CHECK (id ~ '^[A-Za-z0-9._~:-]{1,128}$' AND id NOT IN ('.', '..')),
    CONSTRAINT products_duration_positive CHECK (access_duration_days > 0),
    CONSTRAINT products_rental_complete CHECK ((rental_start_within_days IS NULL) = (rental_watch_within_hours IS NULL)),
    CONSTRAINT products_rental_or_duration CHECK (rental_start_within_days IS NULL OR access_duration_days IS NULL)
);
CREATE INDEX products_status_id_idx ON products (status, id);

CREATE TABLE prices (
    product_id text NOT NULL REFERENCES products ON DELETE CASCADE ON UPDATE CASCADE,
    currency text NOT NULL,
    amount integer NOT NULL,
    position integer NOT NULL,
    PRIMARY KEY (product_id, currency),
    CONSTRAINT prices_amount_positive CHECK (amount > 0),
    CONSTRAINT prices_currency_iso CHECK (currency ~ '^[a-z]{3}$')
);

CREATE TABLE offers (
    product_id text NOT NULL REFERENCES products ON DELETE RESTRICT ON UPDATE CASCADE,
    entity_id text NOT NULL REFERENCES entities ON DELETE RESTRICT ON UPDATE CASCADE,
    PRIMARY KEY (product_id, entity_id)
);
CREATE INDEX offers_entity_id_product_id_idx ON offers (entity_id, product_id);

-- Brings the containers of the given entities and of all their members up to date with the memberships. The caller holds the catalog's
-- lock. The check constraint of containments rejects cycles (in which an entity is its own container) and chains of more than 8 levels. The
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

-- The entities whose titles contain the given words. Always uses the index, because Postgres cannot estimate the number of matches for
-- prefixes.
CREATE FUNCTION search_titles(p_query tsquery) RETURNS TABLE (id text, type entity_type, status entity_status, title_words tsvector)
LANGUAGE sql STABLE ROWS 100000 SET enable_seqscan = off AS $$
    SELECT id, type, status, title_words FROM entities WHERE title_words @@ p_query
$$;


-- ==== Purchases and Stripe's facts ====

CREATE TYPE purchase_status AS ENUM ('Pending', 'Completed', 'Refunded', 'Expired', 'Failed', 'Disputed', 'ChargedBack');
CREATE TYPE withdrawal_step_kind AS ENUM ('requested', 'confirmed', 'refused');

CREATE TABLE customers (
    user_id text PRIMARY KEY,
    stripe_customer_id text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    email_hash text
);
CREATE UNIQUE INDEX customers_stripe_customer_id_key ON customers (stripe_customer_id);

-- The keys of the payments in the facts of a purchase, as `payment:pi_…`.
CREATE FUNCTION payment_keys(p_facts jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_path_query_array(p_facts, '$.keyvalue() ? (@.key starts with "payment:").key')
$$;

CREATE TABLE purchases (
    id text PRIMARY KEY,
    user_id text NOT NULL,
    entity_id text NOT NULL REFERENCES entities ON DELETE RESTRICT ON UPDATE CASCADE,
    product_id text NOT NULL REFERENCES products ON DELETE RESTRICT ON UPDATE CASCADE,
    amount integer NOT NULL,
    currency text NOT NULL,
    access_duration_days integer,
    checkout_request jsonb NOT NULL,
    checkout_deadline timestamptz(3) NOT NULL,
    return_url text,
    session_id text,
    workflow_started_at timestamptz(3),
    status purchase_status NOT NULL DEFAULT 'Pending',
    open boolean NOT NULL DEFAULT true,
    facts jsonb NOT NULL DEFAULT '{}',
    external_transaction_id text,
    processing boolean NOT NULL DEFAULT false,
    mismatch text,
    amount_paid integer NOT NULL DEFAULT 0,
    currency_paid text,
    amount_refunded integer NOT NULL DEFAULT 0,
    completed_at timestamptz(3),
    refunded_at timestamptz(3),
    created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    allowed_discount text NOT NULL DEFAULT 'none',
    chosen_promotion_code_id text,
    chosen_promotion_code text,
    tax_behavior tax_behavior,
    amount_subtotal integer NOT NULL DEFAULT 0,
    amount_discount integer NOT NULL DEFAULT 0,
    amount_tax integer NOT NULL DEFAULT 0,
    promotion_code text,
    country text,
    invoice_number text,
    invoice_url text,
    invoice_pdf_url text,
    rental_start_within_days integer,
    rental_watch_within_hours integer,
    is_renewal boolean NOT NULL DEFAULT false,
    locale text,
    consent_version text,
    consent_at timestamptz(3),
    withdrawn_at timestamptz(3),
    CONSTRAINT purchases_amount_positive CHECK (amount > 0),
    CONSTRAINT purchases_refunded_within_paid CHECK (0 <= amount_refunded AND amount_refunded <= amount_paid),
    -- A free order has no payment.
    CONSTRAINT purchases_paid_is_known CHECK (
        status NOT IN ('Completed', 'Refunded', 'Disputed', 'ChargedBack')
        OR (completed_at IS NOT NULL AND currency_paid IS NOT NULL AND (external_transaction_id IS NOT NULL OR amount_paid = 0))
    )
);
CREATE UNIQUE INDEX purchases_session_id_key ON purchases (session_id);
CREATE UNIQUE INDEX purchases_external_transaction_id_key ON purchases (external_transaction_id);
CREATE UNIQUE INDEX one_open_purchase ON purchases (user_id, entity_id) WHERE open;
CREATE INDEX purchases_history ON purchases (user_id, created_at DESC, id DESC);
-- The external_transaction_id column contains the payment that counts. Almost every purchase has only one payment. The index contains the
-- few purchases that have several payments.
CREATE INDEX purchases_with_several_payments ON purchases USING gin (payment_keys(facts)) WHERE jsonb_array_length(payment_keys(facts)) > 1;
-- The search for purchases. Each index is in the order of the results. Most purchases have no promotion code.
CREATE INDEX purchases_user_prefix ON purchases (user_id text_pattern_ops);
CREATE INDEX purchases_created_at_id_idx ON purchases (created_at DESC, id DESC);
CREATE INDEX purchases_product_id_created_at_id_idx ON purchases (product_id, created_at DESC, id DESC);
CREATE INDEX purchases_status_created_at_id_idx ON purchases (status, created_at DESC, id DESC);
CREATE INDEX purchases_promotion_code_created_at_id_idx ON purchases (promotion_code, created_at DESC, id DESC) WHERE promotion_code IS NOT NULL;
CREATE INDEX purchases_country_created_at_id_idx ON purchases (country, created_at DESC, id DESC) WHERE country IS NOT NULL;
-- Without this index, a search for a rare currency would read all purchases.
CREATE INDEX purchases_currency_created_at_id_idx ON purchases (currency, created_at DESC, id DESC);
-- The search by entity. The other columns allow an index-only scan of an entity's checkouts.
CREATE INDEX purchases_of_entity ON purchases (entity_id, created_at DESC, id DESC, completed_at, currency, product_id);

CREATE TABLE refund_requests (
    purchase_id text NOT NULL REFERENCES purchases ON DELETE RESTRICT ON UPDATE CASCADE,
    request_id text NOT NULL,
    payment_intent_id text,
    amount integer,
    requested_amount integer,
    reason text,
    requested_by text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    refund_id text,
    error text,
    response jsonb,
    responded_at timestamptz(3),
    free_order_id text,
    PRIMARY KEY (purchase_id, request_id),
    CONSTRAINT refund_requests_amount_positive CHECK (amount > 0)
);
CREATE UNIQUE INDEX refund_requests_refund_id_key ON refund_requests (refund_id);
CREATE INDEX refund_requests_pending ON refund_requests (created_at) WHERE responded_at IS NULL;

CREATE TABLE refunds (
    id text PRIMARY KEY,
    purchase_id text NOT NULL REFERENCES purchases ON DELETE RESTRICT ON UPDATE CASCADE,
    payment_intent_id text NOT NULL,
    amount integer NOT NULL,
    status text NOT NULL,
    request_id text,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT refunds_amount_positive CHECK (amount > 0)
);
CREATE INDEX refunds_purchase_id_idx ON refunds (purchase_id);

CREATE TABLE changes (
    id bigserial PRIMARY KEY,
    purchase_id text NOT NULL REFERENCES purchases ON DELETE RESTRICT ON UPDATE CASCADE,
    at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    from_status purchase_status NOT NULL,
    to_status purchase_status NOT NULL,
    cause jsonb NOT NULL,
    note text
);
CREATE INDEX changes_purchase_id_id_idx ON changes (purchase_id, id);

-- The buyers' withdrawals from the contract, if CONSENT=eu.
CREATE TABLE withdrawal_steps (
    id bigserial PRIMARY KEY,
    purchase_id text NOT NULL REFERENCES purchases ON DELETE RESTRICT ON UPDATE CASCADE,
    at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    step withdrawal_step_kind NOT NULL,
    reason text,
    amount integer,
    currency text,
    CONSTRAINT withdrawal_steps_refused_has_reason CHECK ((step = 'refused') = (reason IS NOT NULL)),
    CONSTRAINT withdrawal_steps_amount_has_currency CHECK ((amount IS NULL) = (currency IS NULL))
);
CREATE UNIQUE INDEX one_withdrawal ON withdrawal_steps (purchase_id) WHERE step = 'confirmed';
CREATE INDEX withdrawal_steps_purchase_id_id_idx ON withdrawal_steps (purchase_id, id);

CREATE TABLE stripe_events (
    id text PRIMARY KEY,
    type text NOT NULL,
    created_at timestamptz(3) NOT NULL,
    object_id text NOT NULL,
    livemode boolean NOT NULL,
    account text,
    outcome text NOT NULL,
    purchase_id text,
    parsed jsonb NOT NULL,
    received_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    dispatched_at timestamptz(3),
    applied_at timestamptz(3),
    source text NOT NULL
);
CREATE INDEX stripe_events_purchase_id_idx ON stripe_events (purchase_id);
CREATE INDEX stripe_events_unapplied ON stripe_events (received_at) WHERE applied_at IS NULL AND outcome IN ('received', 'matched');
CREATE INDEX stripe_events_outcome_received_at_idx ON stripe_events (outcome, received_at DESC);
CREATE INDEX stripe_events_with_content ON stripe_events (received_at) WHERE parsed <> '{}';


-- ==== Grants and access ====

CREATE TYPE grant_source AS ENUM ('purchase', 'complimentary', 'import');

-- A user may have several active grants for an entity. Access is their union.
CREATE TABLE grants (
    purchase_id text REFERENCES purchases ON DELETE RESTRICT ON UPDATE CASCADE,
    user_id text NOT NULL,
    entity_id text NOT NULL REFERENCES entities ON DELETE RESTRICT ON UPDATE CASCADE,
    expires_at timestamptz(3),
    created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    revoked_at timestamptz(3),
    id text PRIMARY KEY,
    source grant_source NOT NULL,
    starts_at timestamptz(3) NOT NULL,
    pre_sold boolean NOT NULL DEFAULT false,
    access_duration_days integer,
    rental_start_within_days integer,
    rental_watch_within_hours integer,
    first_played_at timestamptz(3),
    extended_until timestamptz(3),
    extended_at timestamptz(3),
    granted_until timestamptz(3),
    reason text,
    granted_by text,
    reference text,
    idempotency_key text,
    revoked_by text,
    revoked_reason text,
    keeps_removed_members boolean NOT NULL DEFAULT false,
    granted_from timestamptz(3),
    CONSTRAINT grants_source_is_known CHECK ((source = 'purchase') = (purchase_id IS NOT NULL)),
    CONSTRAINT grants_ends_after_start CHECK (expires_at > starts_at),
    CONSTRAINT grants_rental_has_both_clocks CHECK ((rental_start_within_days IS NULL) = (rental_watch_within_hours IS NULL))
);
CREATE UNIQUE INDEX grants_purchase_id_key ON grants (purchase_id);
CREATE UNIQUE INDEX grants_reference ON grants (source, reference);
CREATE UNIQUE INDEX grants_idempotency_key ON grants (granted_by, idempotency_key);
CREATE INDEX grants_access ON grants (user_id, entity_id) WHERE revoked_at IS NULL;
CREATE INDEX grants_user_id_id_idx ON grants (user_id, id);
CREATE INDEX grants_entity_id_id_idx ON grants (entity_id, id);
CREATE INDEX grants_source_id_idx ON grants (source, id);

-- The next three functions compute the same times as grantPeriod and firstPlaybackOf (packages/purchase, grant.ts). The entity's release
-- and the start are parameters, so that Postgres inlines the functions in the calling query.
CREATE FUNCTION grant_starts_at(p_grant grants, p_available_from timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_grant.pre_sold THEN greatest(p_grant.starts_at, p_available_from) ELSE p_grant.starts_at END
$$;

-- A playback before a rental's start does not count: its event was moved to a later date after the playback.
CREATE FUNCTION grant_first_played_at(p_grant grants, p_starts_at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN p_grant.rental_watch_within_hours IS NULL OR p_grant.first_played_at >= p_starts_at THEN p_grant.first_played_at
    END
$$;

CREATE FUNCTION grant_expires_at(p_grant grants, p_starts_at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN p_grant.rental_watch_within_hours IS NULL THEN
            CASE WHEN p_grant.access_duration_days IS NOT NULL OR p_grant.expires_at IS NOT NULL THEN greatest(
                p_grant.expires_at, p_starts_at + p_grant.access_duration_days * interval '86400 seconds', p_grant.extended_until
            ) END
        WHEN p_grant.first_played_at >= p_starts_at THEN greatest(
            p_grant.first_played_at + p_grant.rental_watch_within_hours * interval '3600 seconds',
            CASE WHEN p_grant.extended_at > p_grant.first_played_at THEN p_grant.extended_until END
        )
        ELSE greatest(p_starts_at + p_grant.rental_start_within_days * interval '86400 seconds', p_grant.extended_until)
    END
$$;

-- The grants that give a user access to an entity now or later: grants of the entity and of its containers that are neither revoked nor
-- expired. A removed member stays in a container for users who bought the container before the removal, with a product that kept removed
-- members when the access was granted. Access through a container also does not start before the release of the entity itself. A rental
-- can be started until startable_until.
--
-- Postgres inlines the calculation of the times. OFFSET 0 makes each time a column, which is calculated only once; otherwise the subquery
-- of a pre-sold grant's start prevents inlining, and the function is called twice per grant.
CREATE FUNCTION access_periods(p_user_id text, p_entity_id text, p_at timestamptz) RETURNS TABLE (
    grant_id text, source grant_source, purchase_id text, watch_within_hours integer, first_played_at timestamptz,
    starts_at timestamptz, expires_at timestamptz, startable_until timestamptz
) LANGUAGE sql STABLE AS $$
    SELECT grants.id, grants.source, grants.purchase_id, grants.rental_watch_within_hours,
        grant_first_played_at(grants, own.starts_at),
        CASE WHEN granting.is_container
            THEN greatest(own.starts_at, (SELECT asked.available_from FROM entities AS asked WHERE asked.id = p_entity_id))
            ELSE own.starts_at
        END,
        own.expires_at, own.starts_at + grants.rental_start_within_days * interval '86400 seconds'
    FROM (
        SELECT p_entity_id AS entity_id, NULL::timestamptz AS removed_at, false AS is_container
        UNION ALL
        SELECT container_id, containments.removed_at, true FROM containments WHERE member_id = p_entity_id
    ) AS granting
    -- Here, OFFSET 0 preserves the lookup by user and entity, because a user may have many grants.
    CROSS JOIN LATERAL (
        SELECT * FROM grants WHERE grants.user_id = p_user_id AND grants.entity_id = granting.entity_id AND grants.revoked_at IS NULL OFFSET 0
    ) AS grants
    CROSS JOIN LATERAL (
        SELECT start.starts_at, grant_expires_at(grants, start.starts_at) AS expires_at
        FROM (
            SELECT CASE WHEN grants.pre_sold
                THEN grant_starts_at(grants, (SELECT granted.available_from FROM entities AS granted WHERE granted.id = grants.entity_id))
                ELSE grants.starts_at
            END AS starts_at
            OFFSET 0
        ) AS start
        OFFSET 0
    ) AS own
    WHERE coalesce(own.expires_at > p_at, true) AND (
        granting.removed_at IS NULL OR (grants.keeps_removed_members AND grants.created_at < granting.removed_at)
    )
$$;

-- Notifies the listeners of a user's access when the transaction commits.
CREATE FUNCTION notify_access(p_user_id text, p_entity_id text) RETURNS void LANGUAGE sql AS $$
    SELECT pg_notify('access', json_build_object('userId', p_user_id, 'entityId', p_entity_id)::text)
$$;

-- Grants, or restores, the access of a purchase. The caller holds the user's lock.
CREATE FUNCTION grant_access(p_grant_id text, p_purchase_id text, p_starts_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_user_id text;
    v_entity_id text;
BEGIN
    INSERT INTO grants (id, source, purchase_id, user_id, entity_id, starts_at, pre_sold, access_duration_days, rental_start_within_days, rental_watch_within_hours, keeps_removed_members)
    SELECT p_grant_id, 'purchase', purchases.id, purchases.user_id, purchases.entity_id, p_starts_at, coalesce(entities.available_from > p_starts_at, false),
        purchases.access_duration_days, purchases.rental_start_within_days, purchases.rental_watch_within_hours, products.keeps_removed_members
    FROM purchases JOIN entities ON entities.id = purchases.entity_id JOIN products ON products.id = purchases.product_id
    WHERE purchases.id = p_purchase_id
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

-- The next two functions create a purchase and apply its first payment under the user's lock, in one round trip each.

-- Inserts a purchase, whose columns are the properties of p_purchase, unless the user already owns the entity (`owned`; packages/purchase,
-- isOwned), or another purchase is open or blocks it (`taken`). Access that expires before the entity's release does not count, for example
-- access through a season to an episode that is released later. The time of consent is the creation time of the purchase.
CREATE FUNCTION insert_purchase(p_purchase jsonb) RETURNS text LANGUAGE plpgsql AS $$
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
        checkout_request, checkout_deadline, return_url, locale, consent_version, consent_at)
    VALUES (v_new.id, v_new.user_id, v_new.entity_id, v_new.product_id, v_new.amount, v_new.currency, v_new.access_duration_days,
        v_new.rental_start_within_days, v_new.rental_watch_within_hours, v_new.is_renewal, v_new.allowed_discount, v_new.chosen_promotion_code_id,
        v_new.chosen_promotion_code, v_new.chosen_promotion_code, v_new.tax_behavior, v_new.checkout_request, v_new.checkout_deadline,
        v_new.return_url, v_new.locale, v_new.consent_version, CASE WHEN v_new.consent_version IS NOT NULL THEN v_now END)
    ON CONFLICT DO NOTHING;
    RETURN CASE WHEN FOUND THEN 'inserted' ELSE 'taken' END;
END $$;

-- Whether Stripe rejected the checkout of a purchase, so the buyer never had a checkout (isCheckoutRejected in packages/purchase, project.ts).
-- The facts are read only for the few purchases that have expired without a session id.
CREATE FUNCTION is_checkout_rejected(p_purchase purchases) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT p_purchase.status = 'Expired' AND p_purchase.session_id IS NULL AND p_purchase.facts ? ('rejection:' || p_purchase.id)
        AND NOT jsonb_path_exists(p_purchase.facts, '$.* ? (@.kind == "session")')
$$;

-- Grants the access of a first payment, starting at p_starts_at. The projection's columns are the properties of p_projection. Returns false
-- if the row has changed since it was read (its version is its xmin), if the user has, or will have, access through another grant, or if the
-- user has a renewal that has not started and may have to be moved.
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
        OR EXISTS (SELECT FROM access_periods(v_user_id, v_entity_id, clock_timestamp()))
        OR EXISTS (
            SELECT FROM grants JOIN purchases ON purchases.id = grants.purchase_id
            WHERE grants.user_id = v_user_id AND grants.revoked_at IS NULL AND grants.starts_at > clock_timestamp() AND purchases.is_renewal
        ) THEN
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


-- ==== Playback ====

-- Why a playback session has ended: its player stopped, its lease expired, the same device started another session, another screen took
-- over its place, or the access ended.
CREATE TYPE playback_end AS ENUM ('stopped', 'expired', 'replaced', 'taken_over', 'no_access');

CREATE TABLE playback_sessions (
    id text PRIMARY KEY,
    user_id text NOT NULL,
    entity_id text NOT NULL,
    device_id text,
    device text,
    address text,
    started_at timestamptz(3) NOT NULL,
    last_seen_at timestamptz(3) NOT NULL,
    ended_at timestamptz(3),
    end_reason playback_end,
    max_position_seconds integer NOT NULL DEFAULT 0,
    CONSTRAINT playback_sessions_end_has_reason CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) WITH (fillfactor = 80); -- Leaves room for a row's new version on its page. A heartbeat changes no indexed column, so no index is updated.
CREATE INDEX playback_sessions_open ON playback_sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX playback_sessions_log ON playback_sessions (user_id, started_at DESC, id DESC);
-- For reports of one entity's plays.
CREATE INDEX playback_sessions_of_entity ON playback_sessions (entity_id, started_at, user_id);
CREATE INDEX playback_sessions_started_at_idx ON playback_sessions (started_at);

-- The periods of access_periods with the data that a playback needs: maxStreams of the purchased product. The product's limit is looked up
-- separately for each period, because with a join, Postgres might read whole tables.
CREATE FUNCTION playable_periods(p_user_id text, p_entity_id text, p_at timestamptz) RETURNS TABLE (
    grant_id text, source grant_source, purchase_id text, watch_within_hours integer, first_played_at timestamptz,
    starts_at timestamptz, expires_at timestamptz, max_streams integer
) LANGUAGE sql STABLE AS $$
    SELECT period.grant_id, period.source, period.purchase_id, period.watch_within_hours, period.first_played_at, period.starts_at,
        period.expires_at, (
            SELECT products.max_streams FROM purchases JOIN products ON products.id = purchases.product_id
            WHERE purchases.id = period.purchase_id
        )
    FROM access_periods(p_user_id, p_entity_id, p_at) AS period
$$;

-- Locks the user, ends the sessions whose lease has expired, and returns the time. Waits for a concurrent heartbeat that extends a lease,
-- so afterward each session without ended_at holds a place. The transaction does not wait for the disk: if Postgres crashes, sessions of
-- the last second may be lost, and their players start again.
CREATE FUNCTION end_expired_playback(p_user_id text, p_lease_seconds integer) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamptz;
    v_lease interval := make_interval(secs => p_lease_seconds);
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM pg_advisory_xact_lock(hashtextextended(p_user_id, 0));
    v_now := clock_timestamp();
    UPDATE playback_sessions SET ended_at = last_seen_at + v_lease, end_reason = 'expired'
    WHERE user_id = p_user_id AND ended_at IS NULL AND last_seen_at <= v_now - v_lease;
    RETURN v_now;
END $$;

-- Starts a session, which replaces an open session of the same device. If sessions of other devices hold all places, returns false without
-- starting the session or, with p_take_over, ends the sessions that have been idle longest. Other sessions are updated only if one of them
-- has to end. With p_nowait, returns null instead of waiting for the user's lock or updating another session, which might wait for a
-- heartbeat.
CREATE FUNCTION start_playback(
    p_id text, p_user_id text, p_entity_id text, p_device_id text, p_device text, p_address text,
    p_max_streams integer, p_take_over boolean, p_lease_seconds integer, p_nowait boolean
) RETURNS boolean LANGUAGE plpgsql
-- Makes plans use the table's indexes, even plans that were made while the table was empty.
SET enable_seqscan = off AS $$
DECLARE
    v_lock bigint := hashtextextended(p_user_id, 0);
    v_now timestamptz;
    -- The open sessions of other devices, most recently seen first.
    v_others text[];
    v_replaced text[];
    v_has_expired boolean;
    v_is_full boolean;
BEGIN
    -- The transaction does not wait for the disk: if Postgres crashes, sessions of the last second may be lost, and their players start
    -- again.
    PERFORM set_config('synchronous_commit', 'off', true);
    IF NOT p_nowait THEN
        PERFORM pg_advisory_xact_lock(v_lock);
    ELSIF NOT pg_try_advisory_xact_lock(v_lock) THEN
        RETURN NULL;
    END IF;
    v_now := clock_timestamp();
    LOOP
        SELECT array_agg(id ORDER BY last_seen_at DESC, id DESC) FILTER (WHERE coalesce(device_id <> p_device_id, true)),
            array_agg(id) FILTER (WHERE device_id = p_device_id),
            bool_or(last_seen_at <= v_now - make_interval(secs => p_lease_seconds))
        INTO v_others, v_replaced, v_has_expired
        FROM playback_sessions WHERE user_id = p_user_id AND ended_at IS NULL;
        v_is_full := coalesce(cardinality(v_others), 0) >= p_max_streams;
        IF p_nowait AND (v_has_expired OR v_replaced IS NOT NULL OR v_is_full) THEN
            RETURN NULL;
        END IF;
        EXIT WHEN v_has_expired IS NOT TRUE;
        -- Waits for a concurrent heartbeat that extends a lease. Afterward, no session that had expired at v_now is open.
        PERFORM end_expired_playback(p_user_id, p_lease_seconds);
    END LOOP;
    IF v_is_full THEN
        IF NOT p_take_over THEN
            RETURN false;
        END IF;
        UPDATE playback_sessions SET ended_at = v_now, end_reason = 'taken_over'
        WHERE user_id = p_user_id AND ended_at IS NULL AND id = ANY (v_others[p_max_streams:]);
    END IF;
    IF v_replaced IS NOT NULL THEN
        UPDATE playback_sessions SET ended_at = v_now, end_reason = 'replaced'
        WHERE user_id = p_user_id AND ended_at IS NULL AND id = ANY (v_replaced);
    END IF;
    INSERT INTO playback_sessions (id, user_id, entity_id, device_id, device, address, started_at, last_seen_at)
    VALUES (p_id, p_user_id, p_entity_id, p_device_id, p_device, p_address, v_now, v_now);
    RETURN true;
END $$;

-- Gives a new place to a session that has lost its place, unless its player has stopped. Returns false if other sessions hold all places,
-- or if its device plays in another session.
CREATE FUNCTION resume_playback(p_id text, p_user_id text, p_max_streams integer, p_lease_seconds integer) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamptz := end_expired_playback(p_user_id, p_lease_seconds);
BEGIN
    UPDATE playback_sessions AS session SET last_seen_at = v_now, ended_at = NULL, end_reason = NULL
    WHERE id = p_id AND user_id = p_user_id AND end_reason IS DISTINCT FROM 'stopped' AND p_max_streams > (
        SELECT count(*) FROM playback_sessions AS other WHERE other.user_id = p_user_id AND other.ended_at IS NULL AND other.id <> p_id
    ) AND NOT EXISTS (
        SELECT FROM playback_sessions AS other
        WHERE other.user_id = p_user_id AND other.ended_at IS NULL AND other.id <> p_id AND other.device_id = session.device_id
    );
    RETURN FOUND;
END $$;


-- ==== Jobs on entities ====

CREATE TYPE entity_job_kind AS ENUM ('cancel', 'extend', 'move');
CREATE TYPE entity_job_subject AS ENUM ('purchase', 'grant');
CREATE TYPE entity_job_outcome AS ENUM (
    'pending', 'waiting', 'refunded', 'taken_back', 'closed', 'revoked', 'extended', 'moved', 'unchanged', 'skipped', 'failed'
);

CREATE TABLE entity_jobs (
    id text PRIMARY KEY,
    kind entity_job_kind NOT NULL,
    entity_id text NOT NULL REFERENCES entities ON DELETE CASCADE ON UPDATE CASCADE,
    requested_by text NOT NULL,
    reason text,
    days integer,
    idempotency_key text,
    created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    planned_at timestamptz(3),
    paused_at timestamptz(3),
    paused_by text,
    finished_at timestamptz(3),
    CONSTRAINT entity_jobs_extend_by_days CHECK ((kind = 'extend') = (days IS NOT NULL))
);
CREATE UNIQUE INDEX entity_jobs_idempotency_key ON entity_jobs (requested_by, idempotency_key);
CREATE UNIQUE INDEX one_cancellation ON entity_jobs (entity_id) WHERE kind = 'cancel';
CREATE INDEX entity_jobs_entity_id_id_idx ON entity_jobs (entity_id, id);
CREATE INDEX entity_jobs_unfinished ON entity_jobs (created_at) WHERE finished_at IS NULL;

CREATE TABLE entity_job_items (
    job_id text NOT NULL REFERENCES entity_jobs ON DELETE CASCADE ON UPDATE CASCADE,
    subject_id text NOT NULL,
    kind entity_job_subject NOT NULL,
    outcome entity_job_outcome NOT NULL DEFAULT 'pending',
    reason text,
    attempts integer NOT NULL DEFAULT 0,
    updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (job_id, subject_id)
);
CREATE INDEX entity_job_items_next ON entity_job_items (job_id, outcome, attempts, subject_id);


-- ==== Sales ====

CREATE TYPE sales_entry_kind AS ENUM ('purchase', 'refund', 'dispute', 'fee');
CREATE TYPE sales_grain AS ENUM ('quarter_hour', 'day', 'month', 'hour');
CREATE TYPE sales_dimension AS ENUM ('total', 'entity', 'product', 'promotion_code', 'country');

-- The money movements of purchases (packages/purchase, sales.ts). The figures of the reports are sums of these entries.
CREATE TABLE sales_entries (
    id bigserial PRIMARY KEY,
    purchase_id text NOT NULL REFERENCES purchases ON DELETE RESTRICT ON UPDATE CASCADE,
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
    rolled_up boolean NOT NULL DEFAULT false
);
CREATE INDEX sales_entries_purchase_id_idx ON sales_entries (purchase_id);
-- For pages of the export, which end at a purchase, because many entries may have the same time.
CREATE INDEX sales_entries_at_purchase_id_idx ON sales_entries (at, purchase_id);
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

-- Checkout conversion: how many purchases were created, and how many of them have completed. Both are counted at the time of creation. The
-- table contains the purchases that were created or completed since the last roll-up. Rows are deleted when they are added to
-- sales_rollups, because `purchases` still has the data.
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

-- Sums of the rolled-up entries and checkouts. The `total` dimension has sums per quarter hour, for reports in any time zone, and per hour:
-- most time zones need no quarter hours, and a one-year report by hour reads only a quarter as many rows. All other dimensions have sums
-- per day and month in UTC, because a single entity would have about as many sums per quarter hour as entries. The key is '' if
-- there is none.
--
-- One table per grain: a one-year report by entity reads sums per month, which would otherwise be scattered among twenty times as many sums
-- per day.
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
    checkouts bigint NOT NULL DEFAULT 0,
    paid_checkouts bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (dimension, grain, bucket, key, currency)
) PARTITION BY LIST (grain);
CREATE TABLE sales_rollups_by_quarter_hour PARTITION OF sales_rollups FOR VALUES IN ('quarter_hour');
CREATE TABLE sales_rollups_by_hour PARTITION OF sales_rollups FOR VALUES IN ('hour');
CREATE TABLE sales_rollups_by_day PARTITION OF sales_rollups FOR VALUES IN ('day');
CREATE TABLE sales_rollups_by_month PARTITION OF sales_rollups FOR VALUES IN ('month');

-- The rows of sales_rollups to which an entry or a checkout is added, given its time and keys. A checkout has neither a code nor a country:
-- both are known only after the payment.
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

-- Sales figures, one row per sales entry.
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
        CASE WHEN kind = 'dispute' THEN count ELSE 0 END AS disputes,
        0 AS checkouts,
        0 AS paid_checkouts
    FROM sales_entries;

-- The rows that each sales entry adds to sales_rollups, with the entry's id.
CREATE VIEW sales_parts AS
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

-- Adds up to p_limit entries to the rollups and returns the number of added entries. Entries are marked individually: transactions do not
-- commit in the order of their entries' ids, so a cursor would skip some entries. Only one process runs this function at a time, so there
-- is no contention for rows of sales_rollups.
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

-- Moves up to p_limit changes to the rollups and returns the number of moved changes. Uses the same lock as roll_up_sales, which writes the
-- same rows.
CREATE FUNCTION roll_up_checkouts(p_limit integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_count integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(20261130, 28) THEN
        RETURN 0;
    END IF;
    -- contract: rows are not needed after they are rolled up.
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


-- ==== Stripe's balance ====

-- Stripe's balance transactions, in the currency of the account. The purchase is null until it is known, and for payments of other systems.
CREATE TABLE balance_transactions (
    id text PRIMARY KEY,
    type text NOT NULL,
    reporting_category text NOT NULL,
    source_id text,
    payment_intent_id text,
    purchase_id text REFERENCES purchases ON DELETE RESTRICT ON UPDATE CASCADE,
    currency text NOT NULL,
    amount bigint NOT NULL,
    fee bigint NOT NULL,
    net bigint NOT NULL,
    exchange_rate double precision,
    created_at timestamptz(3) NOT NULL,
    available_on timestamptz(3) NOT NULL,
    payout_id text
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


-- ==== Messages: outbox, webhooks and e-mail ====

-- E-mail is a separate kind of endpoint, which uses the same messages and deliveries as webhooks.
CREATE TABLE webhook_endpoints (
    id text PRIMARY KEY,
    url text NOT NULL,
    events text[],
    description text NOT NULL DEFAULT '',
    enabled boolean NOT NULL DEFAULT true,
    disabled_reason text,
    secret text NOT NULL,
    previous_secret text,
    previous_secret_until timestamptz(3),
    max_per_second integer,
    max_concurrent integer,
    failing_since timestamptz(3),
    created_by text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    kind text NOT NULL DEFAULT 'webhook',
    CONSTRAINT webhook_endpoints_kind CHECK (kind IN ('webhook', 'email'))
);

-- Requests with an idempotency key about an endpoint, and their results. The endpoint is 'new' for a request that created an endpoint. These
-- requests outlive the endpoint, so there is no foreign key.
CREATE TABLE webhook_requests (
    endpoint_id text NOT NULL,
    requested_by text NOT NULL,
    idempotency_key text NOT NULL,
    request text NOT NULL,
    result text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (endpoint_id, requested_by, idempotency_key)
);
CREATE INDEX webhook_requests_created_at_idx ON webhook_requests (created_at);

-- A message about a time in the future waits until it is due. A message with a key is written only once.
CREATE TABLE outbox_messages (
    id text PRIMARY KEY,
    version bigserial NOT NULL,
    type text NOT NULL,
    data jsonb NOT NULL,
    user_id text,
    purchase_id text,
    created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    dispatched_at timestamptz(3),
    due_at timestamptz(3),
    dedupe_key text
);
CREATE UNIQUE INDEX outbox_messages_version_key ON outbox_messages (version);
CREATE UNIQUE INDEX outbox_messages_dedupe_key ON outbox_messages (dedupe_key);
CREATE INDEX outbox_messages_undispatched ON outbox_messages (version) WHERE dispatched_at IS NULL AND due_at IS NULL;
CREATE INDEX outbox_messages_due ON outbox_messages (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_messages_user_id_idx ON outbox_messages (user_id);
CREATE INDEX outbox_messages_created_at_idx ON outbox_messages (created_at);

CREATE TABLE deliveries (
    endpoint_id text NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE ON UPDATE CASCADE,
    message_id text NOT NULL REFERENCES outbox_messages ON DELETE CASCADE ON UPDATE CASCADE,
    version bigint NOT NULL,
    status text NOT NULL DEFAULT 'pending',
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz(3),
    created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- When an operator last resent the message. Resending also sends e-mails that are too old to be sent automatically.
    resent_at timestamptz(3),
    PRIMARY KEY (endpoint_id, message_id),
    CONSTRAINT deliveries_status CHECK (status IN ('pending', 'failing', 'succeeded', 'failed')),
    CONSTRAINT deliveries_retry_has_a_time CHECK ((status = 'failing') = (next_attempt_at IS NOT NULL))
);
CREATE INDEX deliveries_message_id_idx ON deliveries (message_id);
CREATE INDEX deliveries_endpoint_id_version_idx ON deliveries (endpoint_id, version DESC);
CREATE INDEX deliveries_pending ON deliveries (endpoint_id, version) WHERE status = 'pending';
CREATE INDEX deliveries_failing ON deliveries (next_attempt_at) WHERE status = 'failing';

CREATE TABLE delivery_attempts (
    id bigserial PRIMARY KEY,
    endpoint_id text NOT NULL,
    message_id text NOT NULL,
    at timestamptz(3) NOT NULL,
    duration_ms integer NOT NULL,
    status integer,
    error text,
    response text,
    FOREIGN KEY (endpoint_id, message_id) REFERENCES deliveries ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX delivery_attempts_endpoint_id_message_id_id_idx ON delivery_attempts (endpoint_id, message_id, id);
CREATE INDEX delivery_attempts_endpoint_id_at_idx ON delivery_attempts (endpoint_id, at);

-- Whether an enabled endpoint is subscribed to messages of a type. E-mails go only to the users, not to endpoints of the site.
CREATE FUNCTION wants_message(p_endpoint webhook_endpoints, p_type text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT p_endpoint.enabled AND p_type <> 'test' AND CASE p_endpoint.kind
        WHEN 'email' THEN p_type LIKE 'email.%'
        ELSE p_type NOT LIKE 'email.%' AND (p_endpoint.events @> ARRAY['*'] OR p_endpoint.events @> ARRAY[p_type])
    END
$$;

-- Writes the given messages to which an endpoint is subscribed, in the same order, and wakes the relay. packages/db, outbox/ decides which
-- messages to send.
CREATE FUNCTION record_messages(p_messages jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox_messages (id, type, data, user_id, purchase_id, created_at, due_at, dedupe_key)
    SELECT message.id, message.type, message.data, message.user_id, message.purchase_id, clock_timestamp(), message.due_at, message.dedupe_key
    FROM jsonb_to_recordset(p_messages) AS message (
        id text, type text, data jsonb, user_id text, purchase_id text, due_at timestamptz, dedupe_key text
    )
    WHERE EXISTS (SELECT FROM webhook_endpoints WHERE wants_message(webhook_endpoints, message.type))
    ON CONFLICT (dedupe_key) DO NOTHING;
    IF FOUND THEN
        PERFORM pg_notify('outbox', '');
    END IF;
END $$;


-- ==== Operations: alerts, API keys, audit log, erasures, cursors ====

CREATE TABLE alerts (
    id bigserial PRIMARY KEY,
    kind text NOT NULL,
    dedupe_key text NOT NULL,
    purchase_id text REFERENCES purchases ON DELETE SET NULL ON UPDATE CASCADE,
    detail jsonb NOT NULL,
    at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    resolved_at timestamptz(3),
    resolved_by text,
    due_at timestamptz(3),
    note text
);
CREATE UNIQUE INDEX alerts_dedupe_key_key ON alerts (dedupe_key);
CREATE INDEX alerts_open ON alerts (at DESC) WHERE resolved_at IS NULL;
CREATE INDEX alerts_purchase_id_idx ON alerts (purchase_id);

CREATE TABLE api_keys (
    id text PRIMARY KEY,
    name text NOT NULL,
    hash text NOT NULL,
    prefix text NOT NULL,
    scopes text[],
    rate_limit integer,
    created_by text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    expires_at timestamptz(3),
    last_used_at timestamptz(3),
    revoked_at timestamptz(3),
    idempotency_key text
);
CREATE UNIQUE INDEX api_keys_hash_key ON api_keys (hash);
CREATE UNIQUE INDEX api_keys_created_by_idempotency_key_key ON api_keys (created_by, idempotency_key);

CREATE TABLE audit_entries (
    id bigserial PRIMARY KEY,
    at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    actor text NOT NULL,
    action text NOT NULL,
    subject_id text NOT NULL,
    before jsonb,
    after jsonb
);
CREATE INDEX audit_entries_subject_id_id_idx ON audit_entries (subject_id, id DESC);

CREATE TABLE erasures (
    pseudonym text PRIMARY KEY,
    user_id text,
    pending jsonb,
    requested_by text NOT NULL,
    started_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    finished_at timestamptz(3),
    purchases integer NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX erasures_user_id_key ON erasures (user_id);

CREATE TABLE cursors (
    name text PRIMARY KEY,
    at timestamptz(3) NOT NULL
);
