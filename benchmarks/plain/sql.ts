/** Everything that a create has to know, in one statement. $1 user, $2 product, $3 entity. */
export const situation = `
  select products.name, products.amount, products.currency, products.access_duration_days, products.active,
    entities.title, customers.stripe_customer_id, attempt.id as open_id, attempt.session_id,
    offers.product_id is not null as offered,
    exists (
      select from grants
      where user_id = $1 and entity_id in ($3, entities.channel_id) and ended_at is null and (expires_at is null or expires_at > now())
    ) as has_access
  from products
  join entities on entities.id = $3
  left join offers on offers.product_id = products.id and offers.entity_id = entities.id
  left join customers on customers.user_id = $1
  left join purchases as attempt on attempt.user_id = $1 and attempt.entity_id = $3 and attempt.open
    and attempt.product_id = products.id and attempt.created_at > now() - interval '5 minutes'
  where products.id = $2`

export const keepCustomer = `insert into customers (user_id, stripe_customer_id) values ($1, $2) on conflict do nothing`

export const insertPurchase = `
  insert into purchases (id, user_id, entity_id, product_id, amount, currency, access_duration_days, checkout_request, checkout_deadline, session_id)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

/** The event's id, type and time, the session, the purchase, what was read of the event, the payment, its amount and currency. */
export type Paid = [
  eventId: string,
  type: string,
  at: Date | string,
  session: string,
  purchaseId: string | undefined,
  reading: object,
  payment: unknown,
  amount: number | null,
  currency: string | null,
]

/** A paid checkout: the event, the purchase, its grant, the audit row and the hint to listeners. An event that is known does nothing. */
export const complete = `
  with event as (
    insert into stripe_events (id, type, created_at, object_id, livemode, outcome, purchase_id, reading, signalled_at, applied_at, source)
    values ($1, $2, $3, $4, false, 'ours', $5, $6, now(), now(), 'webhook')
    on conflict do nothing
    returning id
  ), paid as (
    update purchases set status = 'Completed', open = false, external_transaction_id = $7, amount_paid = $8, currency_paid = $9,
      completed_at = $3, expires_at = $3::timestamptz + make_interval(days => access_duration_days), updated_at = now()
    where id = $5 and status = 'Pending' and exists (select from event)
    returning id, user_id, entity_id, expires_at
  ), granted as (
    insert into grants (purchase_id, user_id, entity_id, expires_at) select id, user_id, entity_id, expires_at from paid
  ), changed as (
    insert into changes (purchase_id, from_status, to_status, cause, note)
    select id, 'Pending', 'Completed', jsonb_build_object('kind', 'event', 'eventIds', jsonb_build_array($1::text)), 'access given' from paid
  )
  select pg_notify('access', json_build_object('userId', user_id, 'entityId', entity_id)::text) from paid`

/** $1 user, $2 rows of a page, $3 rows before it. */
export const history = `
  select purchases.id, product_id, purchases.entity_id, status, processing, amount, amount_refunded, currency, external_transaction_id,
    created_at, completed_at, purchases.expires_at, refunded_at, count(*) over () as total,
    grants.purchase_id is not null and ended_at is null and (grants.expires_at is null or grants.expires_at > now()) as has_access
  from purchases
  left join grants on grants.purchase_id = purchases.id
  where purchases.user_id = $1
  order by created_at desc, id desc
  limit $2 offset $3`

/** $1 user, $2 entity. */
export const access = `
  select grants.purchase_id, grants.expires_at
  from entities
  join grants on grants.user_id = $1 and grants.entity_id in (entities.id, entities.channel_id) and grants.ended_at is null
    and (grants.expires_at is null or grants.expires_at > now())
  where entities.id = $2
  order by grants.expires_at desc nulls first
  limit 1`
