-- Adds two plays of each Completed purchase. For each of the 10,000 newest purchases, one of the plays stays open while the benchmark runs.
insert into playback_sessions (id, user_id, entity_id, device, address, started_at, last_seen_at, ended_at, end_reason, max_position_seconds)
select 'play_' || nth || lpad(to_hex(n), 25, '0'), user_id, entity_id, 'Chrome on Windows', '203.0.113.0/24', at,
  case when is_open then now() + interval '1 hour' else at + interval '90 minutes' end,
  case when not is_open then at + interval '90 minutes' end, case when not is_open then 'stopped'::playback_end end, 5400
from (
  select nth, n, user_id, entity_id, completed_at + nth * interval '1 day' as at, n <= 10000 and nth = 0 as is_open
  from (select row_number() over (order by created_at desc) as n, * from purchases where status = 'Completed') as purchase, generate_series(0, 1) as nth
) as plays;
