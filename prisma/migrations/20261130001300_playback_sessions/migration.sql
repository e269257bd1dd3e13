-- Why a playback session has ended: its player stopped, its lease expired, the same device started another, another screen took its place,
-- or the access ended.
CREATE TYPE "playback_end" AS ENUM ('stopped', 'expired', 'replaced', 'taken_over', 'no_access');

CREATE TABLE "playback_sessions" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "device_id" TEXT,
    "device" TEXT,
    "address" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "end_reason" "playback_end",
    "max_position_seconds" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "playback_sessions_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "playback_sessions_end_has_reason" CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) WITH (fillfactor = 80); -- No index has the columns that a heartbeat changes, so the new row fits on the page of the old one.

CREATE INDEX "playback_sessions_open" ON "playback_sessions"("user_id") WHERE (ended_at IS NULL);
CREATE INDEX "playback_sessions_log" ON "playback_sessions"("user_id", "started_at" DESC, "id" DESC);
CREATE INDEX "playback_sessions_started_at_idx" ON "playback_sessions"("started_at");

-- The periods of access_periods with the data that a playback needs: maxStreams of the purchased product.
CREATE FUNCTION playable_periods(p_user_id text, p_entity_id text, p_at timestamptz) RETURNS TABLE (
    grant_id text, source grant_source, purchase_id text, watch_within_hours integer, first_played_at timestamptz,
    starts_at timestamptz, expires_at timestamptz, max_streams integer
) LANGUAGE sql STABLE AS $$
    SELECT period.grant_id, period.source, period.purchase_id, period.watch_within_hours, period.first_played_at, period.starts_at,
        period.expires_at, products.max_streams
    FROM access_periods(p_user_id, p_entity_id, p_at) AS period
    LEFT JOIN purchases ON purchases.id = period.purchase_id
    LEFT JOIN products ON products.id = purchases.product_id
$$;

-- Locks the user, ends the sessions whose lease has expired, and returns the time. Waits for a concurrent heartbeat that extends a lease,
-- so afterward each session without ended_at holds a place. Each statement of a VOLATILE function sees all changes that were committed
-- before it began.
CREATE FUNCTION end_expired_playback(p_user_id text, p_lease_seconds integer) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamptz;
    v_lease interval := make_interval(secs => p_lease_seconds);
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(p_user_id, 0));
    v_now := clock_timestamp();
    UPDATE playback_sessions SET ended_at = last_seen_at + v_lease, end_reason = 'expired'
    WHERE user_id = p_user_id AND ended_at IS NULL AND last_seen_at <= v_now - v_lease;
    RETURN v_now;
END $$;

-- Starts a session, whose columns are the properties of p_session. It replaces an open session of the same device. Returns false, without
-- starting it, if other sessions have all places; p_take_over ends those that have been idle longest instead.
CREATE FUNCTION start_playback(p_session jsonb, p_max_streams integer, p_take_over boolean, p_lease_seconds integer) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_new playback_sessions := jsonb_populate_record(NULL::playback_sessions, p_session);
    v_now timestamptz := end_expired_playback(v_new.user_id, p_lease_seconds);
    -- Sessions are ordered by when they were last seen, most recent first.
    v_others text[] := ARRAY(
        SELECT id FROM playback_sessions
        WHERE user_id = v_new.user_id AND ended_at IS NULL AND coalesce(device_id <> v_new.device_id, true)
        ORDER BY last_seen_at DESC, id DESC
    );
BEGIN
    IF cardinality(v_others) >= p_max_streams AND NOT p_take_over THEN
        RETURN false;
    END IF;
    UPDATE playback_sessions SET ended_at = v_now, end_reason = 'taken_over' WHERE id = ANY (v_others[p_max_streams:]);
    UPDATE playback_sessions SET ended_at = v_now, end_reason = 'replaced'
    WHERE user_id = v_new.user_id AND ended_at IS NULL AND device_id = v_new.device_id;
    INSERT INTO playback_sessions (id, user_id, entity_id, device_id, device, address, started_at, last_seen_at)
    VALUES (v_new.id, v_new.user_id, v_new.entity_id, v_new.device_id, v_new.device, v_new.address, v_now, v_now);
    RETURN true;
END $$;

-- Gives a new place to a session that has lost its own, unless its player has stopped. Returns false if other sessions have all places, or
-- if its device plays in another session.
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
