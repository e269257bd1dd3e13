-- The product's limit is looked up separately for each period. With a join, Postgres might read whole tables.
CREATE OR REPLACE FUNCTION playable_periods(p_user_id text, p_entity_id text, p_at timestamptz) RETURNS TABLE (
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

-- As before, except that the transaction does not wait for the disk: a crash of Postgres may lose sessions of its last second, whose
-- players start again.
CREATE OR REPLACE FUNCTION end_expired_playback(p_user_id text, p_lease_seconds integer) RETURNS timestamptz LANGUAGE plpgsql AS $$
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
