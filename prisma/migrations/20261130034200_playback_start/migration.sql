-- As before, but with fewer statements: sessions are updated only if one has to end. Servers of the previous version still use
-- start_playback with a jsonb parameter.
CREATE FUNCTION start_playback(
    p_id text, p_user_id text, p_entity_id text, p_device_id text, p_device text, p_address text,
    p_max_streams integer, p_take_over boolean, p_lease_seconds integer
) RETURNS boolean LANGUAGE plpgsql
-- Makes plans use the table's indexes, even plans that were made while the table was empty.
SET enable_seqscan = off AS $$
DECLARE
    v_now timestamptz;
    -- The open sessions of other devices, most recently seen first.
    v_others text[];
    v_replaced text[];
    v_has_expired boolean;
BEGIN
    -- The transaction does not wait for the disk: if Postgres crashes, sessions of the last second may be lost, and their players start
    -- again.
    PERFORM set_config('synchronous_commit', 'off', true), pg_advisory_xact_lock(hashtextextended(p_user_id, 0));
    v_now := clock_timestamp();
    LOOP
        SELECT array_agg(id ORDER BY last_seen_at DESC, id DESC) FILTER (WHERE coalesce(device_id <> p_device_id, true)),
            array_agg(id) FILTER (WHERE device_id = p_device_id),
            bool_or(last_seen_at <= v_now - make_interval(secs => p_lease_seconds))
        INTO v_others, v_replaced, v_has_expired
        FROM playback_sessions WHERE user_id = p_user_id AND ended_at IS NULL;
        EXIT WHEN v_has_expired IS NOT TRUE;
        -- Waits for a concurrent heartbeat that extends a lease. Afterward, no session that had expired at v_now is open.
        PERFORM end_expired_playback(p_user_id, p_lease_seconds);
    END LOOP;
    IF cardinality(v_others) >= p_max_streams THEN
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
