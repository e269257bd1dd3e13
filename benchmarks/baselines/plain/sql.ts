/** Reads all the data that a create call needs, in one query. $1 is the user, $2 the product, $3 the entity. */
export const selectCreateContext = `
  select products.name, prices.amount, prices.currency, products.access_duration_days, products.status = 'active' as active,
    entities.title, customers.stripe_customer_id, open_purchase.id as open_id, open_purchase.session_id,
    offers.product_id is not null as offered,
    exists (
      select from grants
      where user_id = $1 and (entity_id = $3 or entity_id in (select container_id from memberships where member_id = $3)) and revoked_at is null and (expires_at is null or expires_at > now())
    ) as has_access
  from products
  join prices on prices.product_id = products.id and prices.position = 0
  join entities on entities.id = $3
  left join offers on offers.product_id = products.id and offers.entity_id = entities.id
  left join customers on customers.user_id = $1
  left join purchases as open_purchase on open_purchase.user_id = $1 and open_purchase.entity_id = $3 and open_purchase.open
    and open_purchase.product_id = products.id and open_purchase.created_at > now() - interval '5 minutes'
  where products.id = $2`

export const insertCustomer = `insert into customers (user_id, stripe_customer_id) values ($1, $2) on conflict do nothing`

export const insertPurchase = `
  insert into purchases (id, user_id, entity_id, product_id, amount, currency, access_duration_days, checkout_request, checkout_deadline, session_id)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

/** The parameters of `completePurchase`. */
export type PaymentValues = [
  eventId: string,
  type: string,
  createdAt: Date | string,
  sessionId: string,
  purchaseId: string | undefined,
  parsed: object,
  paymentIntentId: unknown,
  amount: number | null,
  currency: string | null,
]

/** Records a paid checkout (event, purchase, grant, timeline) and sends a Postgres notification. A repeated event has no effect. */
export const completePurchase = `
  with event as (
    insert into stripe_events (id, type, created_at, object_id, livemode, outcome, purchase_id, parsed, dispatched_at, applied_at, source)
    values ($1, $2, $3, $4, false, 'matched', $5, $6, now(), now(), 'webhook')
    on conflict do nothing
    returning id
  ), paid as (
    update purchases set status = 'Completed', open = false, external_transaction_id = $7, amount_paid = $8, currency_paid = $9,
      completed_at = $3, updated_at = now()
    where id = $5 and status = 'Pending' and exists (select from event)
    returning id, user_id, entity_id, completed_at, completed_at + make_interval(days => access_duration_days) as expires_at
  ), granted as (
    insert into grants (id, source, purchase_id, user_id, entity_id, starts_at, expires_at)
    select 'grant_' || id, 'purchase', id, user_id, entity_id, completed_at, expires_at from paid
  ), changed as (
    insert into changes (purchase_id, from_status, to_status, cause, note)
    select id, 'Pending', 'Completed', jsonb_build_object('kind', 'event', 'eventIds', jsonb_build_array($1::text)), 'access granted' from paid
  )
  select pg_notify('access', json_build_object('userId', user_id, 'entityId', entity_id)::text) from paid`

/** Reads a page of the user's purchase history. $1 is the user, $2 the page size, $3 the offset. */
export const selectHistory = `
  select purchases.id, product_id, purchases.entity_id, status, processing, amount, amount_refunded, currency, external_transaction_id,
    purchases.created_at, completed_at, grants.expires_at, refunded_at, count(*) over () as total,
    grants.purchase_id is not null and revoked_at is null and (grants.expires_at is null or grants.expires_at > now()) as has_access
  from purchases
  left join grants on grants.purchase_id = purchases.id
  where purchases.user_id = $1
  order by purchases.created_at desc, purchases.id desc
  limit $2 offset $3`

/** Reads the user's access to an entity. $1 is the user, $2 the entity. */
export const selectAccess = `
  select grants.purchase_id, grants.expires_at
  from entities
  join grants on grants.user_id = $1 and grants.revoked_at is null
    and (grants.entity_id = entities.id or grants.entity_id in (select container_id from memberships where member_id = entities.id))
    and (grants.expires_at is null or grants.expires_at > now())
  where entities.id = $2
  order by grants.expires_at desc nulls first
  limit 1`
