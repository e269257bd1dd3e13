-- Generates :purchases purchases over one year, of 1,000 films, from 8 countries, with 20 promotion codes, in 3 currencies. Every twentieth
-- purchase is refunded, and every purchase has a fee. For every two purchases, there is one additional checkout that was not paid.
set session_replication_role = replica; -- skips foreign key checks
insert into entities (id, type, title) select 'film-' || n, 'video', 'Film ' || n from generate_series(1, 1000) n;
insert into products (id, name) select 'product-' || n, 'Product ' || n from generate_series(1, 20) n;

insert into purchases (id, user_id, entity_id, product_id, amount, currency, checkout_request, checkout_deadline, status, open, external_transaction_id, completed_at,
  created_at, amount_paid, currency_paid, promotion_code, country)
select 'ptv_' || n, 'user-' || n % 250000, 'film-' || 1 + (n::bigint * 7919) % 1000, 'product-' || 1 + n % 20, 499, (array['usd', 'eur', 'gbp'])[1 + n % 3],
  '{}', at, 'Completed', false, 'pi_' || n, at, at - interval '3 minutes', 499, (array['usd', 'eur', 'gbp'])[1 + n % 3],
  case when n % 10 = 0 then 'CODE' || n / 10 % 20 end, (array['DE', 'US', 'FR', 'GB', 'AT', 'CH', 'NL', 'ES'])[1 + n % 8]
from (select n, now() - n * (interval '365 days' / :purchases) as at from generate_series(1, :purchases) n) as generated;

insert into purchases (id, user_id, entity_id, product_id, amount, currency, checkout_request, checkout_deadline, status, open, created_at)
select 'left_' || n, 'user-' || n % 250000, 'film-' || 1 + (n::bigint * 7919) % 1000, 'product-' || 1 + n % 20, 499, (array['usd', 'eur', 'gbp'])[1 + n % 3],
  '{}', at, 'Expired', false, at
from (select n, now() - n * (interval '365 days' / :purchases) as at from generate_series(1, :purchases, 2) n) as generated;

insert into sales_entries (purchase_id, kind, subject_id, at, currency, entity_id, product_id, promotion_code, country, count, subtotal, discount, tax, amount, fee, net)
select id, part.kind::sales_entry_kind, part.subject, completed_at + part.delay, currency, entity_id, product_id,
  case when n % 10 = 0 then 'CODE' || n / 10 % 20 end, (array['DE', 'US', 'FR', 'GB', 'AT', 'CH', 'NL', 'ES'])[1 + n % 8],
  part.count, part.subtotal, 0, part.tax, part.amount, part.fee, part.net
from (select *, substr(id, 5)::bigint as n from purchases where id like 'ptv\_%') as purchase cross join lateral (values
  ('purchase', 'pi_' || n, interval '0', 1, 499, 80, 499, 0, 0),
  ('fee', 'txn_' || n, interval '1 second', 0, 0, 0, 499, 44, 455),
  ('refund', 're_' || n, interval '3 days', 1, 0, 0, 499, 0, 0)
) as part (kind, subject, delay, count, subtotal, tax, amount, fee, net)
where part.kind <> 'refund' or n % 20 = 0;
-- Triggers do not run in replica mode, so this table is filled directly.
insert into checkout_changes (at, currency, entity_id, product_id, checkouts, paid_checkouts)
select created_at, currency, entity_id, product_id, 1, (completed_at is not null)::integer from purchases;
set session_replication_role = default;
analyze;
