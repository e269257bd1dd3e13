-- As before, but Postgres inlines the calculation of the times. OFFSET 0 makes each time a column, which is calculated only once; otherwise
-- the subquery of a pre-sold grant's start prevents inlining, and the function is called twice per grant.
CREATE OR REPLACE FUNCTION access_periods(p_user_id text, p_entity_id text, p_at timestamptz) RETURNS TABLE (
    grant_id text, source grant_source, purchase_id text, watch_within_hours integer, first_played_at timestamptz,
    starts_at timestamptz, expires_at timestamptz, startable_until timestamptz
) LANGUAGE sql STABLE AS $$
    SELECT grants.id, grants.source, grants.purchase_id, grants.rental_watch_within_hours, grants.first_played_at,
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
        granting.removed_at IS NULL OR (
            grants.created_at < granting.removed_at AND (
                SELECT products.keeps_removed_members FROM purchases JOIN products ON products.id = purchases.product_id
                WHERE purchases.id = grants.purchase_id
            )
        )
    )
$$;
