-- Generates :purchases purchases over two years, by 250,000 users, of :films films in :channels channels. Nine in ten purchases are
-- Completed, and 30 are Pending. The ids contain hexadecimal digits, which are valid in TypeIDs.
create function pg_temp.id(prefix text, n bigint) returns text language sql immutable as
  $$ select prefix || '_0' || lpad(to_hex(n), 25, '0') $$;

insert into entities (id, type, title)
select pg_temp.id('chan', n), 'channel', 'Channel ' || n from generate_series(1, :channels) n;
insert into entities (id, type, title)
select pg_temp.id('vid', n), 'video', 'Film ' || n from generate_series(1, :films) n;
insert into memberships (container_id, member_id)
select pg_temp.id('chan', 1 + n % :channels), pg_temp.id('vid', n) from generate_series(1, :films) n;
insert into containments (container_id, member_id, depth) select container_id, member_id, 1 from memberships;
insert into products (id, name, access_duration_days) values (pg_temp.id('prod', 1), '30-day rental', 30);
insert into prices (product_id, amount, currency, position) values (pg_temp.id('prod', 1), 499, 'usd', 0);

insert into purchases (id, user_id, entity_id, product_id, amount, currency, access_duration_days, checkout_request, checkout_deadline, session_id,
  workflow_started_at, status, open, facts, external_transaction_id, amount_paid, currency_paid, amount_refunded, completed_at, refunded_at,
  created_at, updated_at, promotion_code, country)
select pg_temp.id('ptv', n), 'user-' || n % 250000, pg_temp.id('vid', 1 + (n::bigint * 7919) % :films), pg_temp.id('prod', 1), 499, 'usd', 30,
  jsonb_build_object('names', repeat('x', 600)), at + interval '40 minutes', 'cs_' || n, at, status::purchase_status, status = 'Pending',
  case when paid then jsonb_build_object(
      'session:cs_' || n, jsonb_build_object('kind', 'session', 'id', 'cs_' || n, 'status', 'complete', 'paymentIntentId', 'pi_' || n, 'hasPaymentIntent', true,
        'userId', 'user-' || n % 250000, 'entityId', pg_temp.id('vid', 1 + (n::bigint * 7919) % :films), 'createdAt', extract(epoch from at)::bigint,
        'observedAt', extract(epoch from at)::bigint),
      'payment:pi_' || n, jsonb_build_object('kind', 'payment', 'id', 'pi_' || n, 'status', 'paid', 'amount', 499, 'currency', 'usd',
        'observedAt', extract(epoch from at)::bigint))
    else jsonb_build_object('session:cs_' || n, jsonb_build_object('kind', 'session', 'id', 'cs_' || n, 'status', 'expired', 'paymentIntentId', null, 'hasPaymentIntent', false,
      'userId', null, 'entityId', null, 'createdAt', extract(epoch from at)::bigint, 'observedAt', extract(epoch from at)::bigint)) end, case when paid then 'pi_' || n end, case when paid then 499 else 0 end,
  case when paid then 'usd' end, case when status = 'Refunded' then 499 else 0 end, case when paid then at end,
  case when status = 'Refunded' then at end, at, at, case when paid and n % 10 = 0 then 'CODE' || n / 10 % 20 end,
  case when paid then (array['DE', 'US', 'FR', 'GB', 'AT', 'CH', 'NL', 'ES'])[1 + n % 8] end
from (
  select n, now() - n * (interval '730 days' / :purchases) as at,
    case when n <= 30 then 'Pending' when n % 5000 = 7 then 'Disputed' when n % 20 = 0 then 'Refunded' when n % 20 = 1 then 'Expired'
      else 'Completed' end as status,
    n > 30 and n % 20 <> 1 as paid
  from generate_series(1, :purchases) n
) as generated;

insert into grants (id, source, purchase_id, user_id, entity_id, starts_at, access_duration_days, created_at, revoked_at)
select replace(id, 'ptv', 'grant'), 'purchase', id, user_id, entity_id, completed_at, access_duration_days, completed_at,
  case when status = 'Refunded' then refunded_at end
from purchases where status in ('Completed', 'Refunded')
on conflict do nothing;

insert into stripe_events (id, type, created_at, object_id, livemode, outcome, purchase_id, parsed, received_at, dispatched_at, applied_at, source)
select 'evt_' || id, 'checkout.session.completed', created_at, session_id, false, 'matched', id, jsonb_build_object('r', repeat('z', 300)), created_at,
  created_at, created_at, 'webhook'
from purchases where status not in ('Expired', 'Pending');

insert into customers (user_id, stripe_customer_id) select 'user-' || n, 'cus_' || n from generate_series(0, 249999) n;
insert into offers (product_id, entity_id) select pg_temp.id('prod', 1), id from entities;

insert into changes (purchase_id, at, from_status, to_status, cause)
select id, created_at, 'Pending', status, jsonb_build_object('kind', 'event', 'eventIds', jsonb_build_array('evt_' || id))
from purchases where status <> 'Pending';
analyze;
