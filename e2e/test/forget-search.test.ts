import { repositoryRoot } from '@pay-to-view/devstack'
import { waitFor } from '@pay-to-view/devstack/wait'
import { programOf } from '@pay-to-view/testing/built'
import { decodePayloads, mapProperties } from '@pay-to-view/testing/history-text'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { Client, Connection } from '@temporalio/client'
import { execa } from 'execa'
import type Stripe from 'stripe'
import { expect, test } from 'vitest'

// After `npm run forget`, searches every system for the user's id and e-mail addresses.
const stack = useStack()

const user = 'alice.doe-4711'
/** The first address is entered in the checkout. The second address is passed to the command. */
const emails = ['alice.doe@example.com', 'a.doe@work.example'] as const
const names = [user, ...emails].flatMap((name) => [name, encodeURIComponent(name)]).map((name) => name.toLowerCase())

const namedIn = (text: string): string[] => [...new Set(names.filter((name) => text.toLowerCase().includes(name)))]

const forget = async (...options: string[]) => {
  const { databaseUrl, temporalAddress, stripeApi } = stack().stack
  const env = {
    ...{ PATH: process.env.PATH, DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress },
    ...{ STRIPE_SECRET_KEY: 'sk_test_operator', STRIPE_API_BASE: stripeApi },
  }
  const command = [...programOf('ops'), 'forget', '--user', user, ...options]
  const { exitCode, all } = await execa(process.execPath, command, {
    ...{ cwd: repositoryRoot, env, extendEnv: false, all: true, reject: false },
  })
  return { code: exitCode, output: all }
}

/** Returns the text and JSON columns, in all tables, that contain one of the user's names. */
const searchDatabase = async (): Promise<string[]> => {
  const columns = await stack().query(
    `select table_name as "table", column_name as "column" from information_schema.columns
     where table_schema = 'public' and data_type in ('text', 'character varying', 'json', 'jsonb', 'ARRAY')`,
  )
  expect(columns.length).toBeGreaterThan(40)
  const found: string[] = []
  for (const { table, column } of columns) {
    const rows = await stack().query(`select "${column}"::text as value from "${table}"`)
    if (namedIn(rows.map(({ value }) => String(value)).join('\n')).length > 0) found.push(`${table}.${column}`)
  }
  return found.sort()
}

const listAll = async (list: (page: { starting_after?: string }) => Promise<Stripe.ApiList<{ id: string }>>) => {
  const items: { id: string }[] = []
  for (;;) {
    const { data, has_more } = await list(items.length > 0 ? { starting_after: items.at(-1)?.id ?? '' } : {})
    items.push(...data)
    if (!has_more) return items
  }
}

/** Whether a field contains an e-mail address that was entered in a checkout. Only a redaction in Stripe's dashboard removes it. */
const typedAtStripe = (key: string) => key === 'customer_details' || key === 'billing_details' || key === 'receipt_email'

/** Returns the types of Stripe objects that contain one of the user's names. */
const searchStripe = async (): Promise<string[]> => {
  const { stripe } = stack()
  const limit = 100
  const lists = {
    customers: await listAll((page) => stripe.customers.list({ limit, ...page })),
    sessions: await listAll((page) => stripe.checkout.sessions.list({ limit, ...page })),
    paymentIntents: await listAll((page) => stripe.paymentIntents.list({ limit, ...page })),
    charges: await listAll((page) => stripe.charges.list({ limit, ...page })),
    refunds: await listAll((page) => stripe.refunds.list({ limit, ...page })),
    disputes: await listAll((page) => stripe.disputes.list({ limit, ...page })),
    balanceTransactions: await listAll((page) => stripe.balanceTransactions.list({ limit, ...page })),
    products: await listAll((page) => stripe.products.list({ limit, ...page })),
    prices: await listAll((page) => stripe.prices.list({ limit, ...page })),
  }
  return Object.entries(lists).flatMap(([kind, items]) => {
    const searched = mapProperties(JSON.parse(JSON.stringify(items)), (key, value) => (typedAtStripe(key) ? null : value))
    return namedIn(JSON.stringify(searched)).length > 0 ? [kind] : []
  })
}

/** Returns the workflows, of all purchases, whose history contains one of the user's names. */
const searchTemporal = async (): Promise<string[]> => {
  const { temporalAddress: address, temporalNamespace: namespace } = stack().stack
  const connection = await Connection.connect({ address })
  try {
    const { workflow } = new Client({ connection, namespace })
    const found: string[] = []
    for await (const { workflowId, runId } of workflow.list()) {
      const history = await workflow.getHandle(workflowId, runId).fetchHistory()
      if (namedIn(decodePayloads(JSON.stringify(history))).length > 0) found.push(workflowId)
    }
    return found
  } finally {
    await connection.close()
  }
}

const buy = async (buyer: string, productId: string, entityId: string, email?: string) => {
  const { client, create, pay, waitForStatus } = stack()
  const userClient = await client(buyer)
  const { purchaseId, sessionId } = await create(userClient, productId, entityId)
  await pay(sessionId, { card: '4242424242424242', ...(email && { email }) })
  await waitForStatus(userClient, purchaseId, 'Completed')
  return { purchaseId, sessionId, userClient }
}

/** Puts the user's id or e-mail addresses into every text that an operator can write. */
const nameEverywhere = async () => {
  const { client, stripe, query, payInDashboard, create } = stack()
  const admin = await client('root', { admin: true })
  const film = await buy(user, seedIds.thirtyDayProduct, seedIds.film, emails[0])
  const refund = (id: string, requestId: string, reason: string, by = admin) =>
    by.admin.purchases.refund.mutate({ id, requestId, amount: 100, reason })
  await refund(film.purchaseId, `refund-${emails[0]}`, `asked by ${user}, ${emails[1].toUpperCase()}`)
  await refund(film.purchaseId, `refund-${emails[0].toUpperCase()}`, `asked again by ${encodeURIComponent(emails[1])}`)

  // A different amount is paid through a session that was created manually, and an operator accepts the payment.
  const channel = await create(film.userClient, seedIds.channelProduct, seedIds.channel)
  await payInDashboard(channel.sessionId, 100)
  await stripe.checkout.sessions.expire(channel.sessionId)
  const details = () => admin.admin.purchases.get.query({ id: channel.purchaseId })
  await waitFor('the mismatch', async () => (await details()).mismatch, { timeoutMs: 20_000 })
  const { items } = await admin.admin.alerts.list.query({ kind: 'mismatch' })
  const alert = items.find(({ purchaseId }) => purchaseId === channel.purchaseId)
  await admin.admin.alerts.resolve.mutate({ id: alert?.id ?? '', note: `${emails[1]} called` })
  await admin.admin.purchases.accept.mutate({ id: channel.purchaseId, reason: `agreed with ${emails[0]}` })

  // The user refunds another user's purchase as an admin, and the refund names the user.
  const gift = await buy('bob', seedIds.thirtyDayProduct, seedIds.film)
  const userAsAdmin = await client(user, { admin: true })
  await refund(gift.purchaseId, `gift-for-${emails[1]}`, `a gift for ${emails[0]}`, userAsAdmin)

  // An operator who sends an update from the Temporal UI can enter any text as the acting person's name.
  const by = `olga for ${emails[0]}`
  await query(
    `insert into refund_requests (purchase_id, request_id, requested_by, error, responded_at)
     values ($1, 'from-ui', $2, 'refund_failed', now())`,
    [gift.purchaseId, by],
  )
  await query(
    `insert into alerts (kind, dedupe_key, detail, purchase_id, resolved_at, resolved_by) values ('restored', 'test:2', '{}', $1, now(), $2)`,
    [gift.purchaseId, by],
  )

  // The user creates an API key as an admin, and another admin names an API key after the user.
  await userAsAdmin.admin.apiKeys.create.mutate({ name: 'site', scopes: ['catalog:read'], idempotencyKey: user })
  await admin.admin.apiKeys.create.mutate({ name: `for ${emails[0]}`, scopes: ['catalog:read'] })

  // Changes metadata in Stripe, as a manual edit in the dashboard would.
  const [{ payment = '' } = {}] = await query('select external_transaction_id as payment from purchases where id = $1', [
    film.purchaseId,
  ])
  const { data: charges } = await stripe.charges.list({ payment_intent: String(payment) })
  const metadata = { contact: emails[0], link: `https://crm.example/?user=${encodeURIComponent(user)}` }
  await stripe.paymentIntents.update(String(payment), { metadata })
  await stripe.charges.update(charges[0]?.id ?? '', { metadata })
  await query(
    `insert into alerts (kind, dedupe_key, detail) values ('reconciler_failing', 'test:1', jsonb_build_object('errors', jsonb_build_array($1::text)))`,
    [`Key (user_id)=(${user}) exists`],
  )
  const unapplied = () => query("select 1 from stripe_events where applied_at is null and outcome in ('received', 'matched')")
  await waitFor('all events to be applied', async () => (await unapplied()).length === 0, { timeoutMs: 20_000 })
  return { admin, film, channel, gift }
}

test('after forget, nothing in Postgres, Temporal or Stripe names the user, not even text written by operators', async () => {
  const { query, stripe, emulator } = stack()
  const { admin, film, channel, gift } = await nameEverywhere()
  expect(await searchDatabase()).toEqual(
    expect.arrayContaining([
      ...['api_keys.created_by', 'api_keys.idempotency_key', 'api_keys.name', 'audit_entries.actor', 'audit_entries.after'],
      ...['alerts.detail', 'alerts.note', 'changes.cause', 'customers.user_id', 'grants.user_id'],
      ...['purchases.checkout_request', 'purchases.facts', 'purchases.user_id', 'stripe_events.parsed'],
      ...['refund_requests.reason', 'refund_requests.request_id', 'refund_requests.requested_by', 'refunds.request_id'],
    ]),
  )
  expect(await searchStripe()).toEqual(expect.arrayContaining(['customers', 'sessions', 'paymentIntents', 'charges', 'refunds']))
  expect(await searchTemporal()).toEqual(expect.arrayContaining([film.purchaseId, channel.purchaseId, gift.purchaseId]))
  const money = () => query('select id, status, amount_paid, amount_refunded, mismatch from purchases order by id')
  const before = await money()

  const options = ['--email', emails[1], '--by', user, '--give-up-access']
  const done = await forget(...options)
  expect(done).toMatchObject({ code: 0, output: expect.stringMatching(/^2 purchases kept under forgotten_\w+/m) })
  expect(await searchDatabase()).toEqual([])
  expect(await searchStripe()).toEqual([])
  await waitFor('Temporal to delete the runs', async () => (await searchTemporal()).length === 0, { timeoutMs: 120_000 })
  expect(await money()).toEqual(before)

  // Each refund still matches its request, and the other user still owns the other purchase.
  const { refunds, refundRequests, userId } = await admin.admin.purchases.get.query({ id: film.purchaseId })
  const requestIds = refundRequests.map(({ requestId }) => requestId)
  expect(new Set(requestIds)).toEqual(new Set(refunds.map(({ requestId }) => requestId)))
  expect(requestIds.toSorted()).toEqual([`refund-${userId}`, `refund-${userId}-2`])
  const { userId: other } = await admin.admin.purchases.get.query({ id: gift.purchaseId })
  expect(other).toBe('bob')
  for (const { id, requestId } of refunds)
    expect((await stripe.refunds.retrieve(id)).metadata).toMatchObject({ payToViewRequestId: requestId })
  expect(await forget(...options)).toEqual({ code: 0, output: 'No data about this user was found.' })

  // Stripe keeps events for 30 days, and they cannot be changed.
  expect(namedIn(JSON.stringify(await listAll((page) => stripe.events.list({ limit: 100, ...page }))))).not.toEqual([])
  expect(await emulator('clock/advance', { seconds: 31 * 86_400 })).toBe(200)
  expect(namedIn(JSON.stringify(await listAll((page) => stripe.events.list({ limit: 100, ...page }))))).toEqual([])
}, 240_000)
