import { repositoryRoot } from '@pay-to-view/devstack'
import { waitFor } from '@pay-to-view/devstack/wait'
import { programOf } from '@pay-to-view/testing/built'
import { decodePayloads } from '@pay-to-view/testing/history-text'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { Client, Connection } from '@temporalio/client'
import { execa } from 'execa'
import { expect, test } from 'vitest'

// Tests `npm run forget`, and which of a user's data remains after it.
const stack = useStack()

/** Runs one of the operator's commands. */
const ops = async (...args: string[]): Promise<{ code: number | undefined; output: string }> => {
  const { databaseUrl, temporalAddress, stripeApi } = stack().stack
  const env = {
    ...{ PATH: process.env.PATH, DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress },
    ...{ STRIPE_SECRET_KEY: 'sk_test_operator', STRIPE_API_BASE: stripeApi },
  }
  const command = [...programOf('ops'), ...args]
  const options = { cwd: repositoryRoot, env, extendEnv: false, all: true, reject: false } as const
  const { exitCode, all } = await execa(process.execPath, command, options)
  return { code: exitCode, output: all }
}
const forget = (user: string, ...options: string[]) => ops('forget', '--user', user, '--by', 'olga', ...options)

/** Creates a user with a completed purchase of a film and a refunded purchase of a channel. */
const createBuyer = async (user: string) => {
  const { client, create, pay, waitForStatus } = stack()
  const userClient = await client(user)
  const kept = await create(userClient)
  await pay(kept.sessionId)
  await waitForStatus(userClient, kept.purchaseId, 'Completed')
  const refunded = await create(userClient, seedIds.channelProduct, seedIds.channel)
  await pay(refunded.sessionId)
  await waitForStatus(userClient, refunded.purchaseId, 'Completed')
  const admin = await client('root', { admin: true })
  await admin.admin.purchases.refund.mutate({ id: refunded.purchaseId })
  await waitForStatus(userClient, refunded.purchaseId, 'Refunded')
  return { userClient, admin, kept, refunded }
}

/** Returns the tables that contain a user id in any column. */
const tablesWith = async (user: string): Promise<string[]> => {
  const tables = await stack().query("select table_name as name from information_schema.tables where table_schema = 'public'")
  const found = await Promise.all(
    tables.map(async ({ name }) => {
      const rows = await stack().query(
        `select 1 from "${name}" as row where strpos(to_jsonb(row)::text, to_jsonb($1::text)::text) > 0`,
        [user],
      )
      return rows.length > 0 ? [String(name)] : []
    }),
  )
  return found.flat().sort()
}

/** Returns the workflow runs whose history contains a user id, in search attributes, payloads, summaries or details. */
const runsWith = async (user: string, ids: readonly string[]): Promise<string[]> => {
  const { temporalAddress: address, temporalNamespace: namespace } = stack().stack
  const connection = await Connection.connect({ address })
  try {
    const { workflow } = new Client({ connection, namespace })
    // A payload is JSON inside the event's JSON, so the id is escaped twice.
    const escaped = JSON.stringify(JSON.stringify(user)).slice(3, -3)
    const found: string[] = []
    for await (const { workflowId, runId } of workflow.list()) {
      if (!ids.includes(workflowId)) continue
      const history = await workflow.getHandle(workflowId, runId).fetchHistory()
      if (decodePayloads(JSON.stringify(history)).includes(escaped)) found.push(runId)
    }
    return found
  } finally {
    await connection.close()
  }
}

test('forget erases a user from Postgres, Stripe and Temporal; payments and refunds are kept, and a later dispute still finds its purchase', async () => {
  const { stripe, query, emulator, waitForStatus, client, create } = stack()
  const user = `o'hara "\\ ö`
  const { userClient, admin, kept, refunded } = await createBuyer(user)
  const ids = [kept.purchaseId, refunded.purchaseId]
  const [{ stripeCustomerId = '' } = {}] = await query(
    'select stripe_customer_id as "stripeCustomerId" from customers where user_id = $1',
    [user],
  )
  const amounts = () =>
    query(
      'select id, status, amount_paid, amount_refunded, currency_paid, completed_at, external_transaction_id from purchases where id = any($1) order by id',
      [ids],
    )
  // An event from another site on the same account and an event without a purchase contain the user id.
  await query(
    `insert into stripe_events (id, type, created_at, object_id, livemode, outcome, parsed, source)
     select 'evt_unmatched_' || outcome, 'checkout.session.completed', now(), 'cs_unmatched', false, outcome,
       jsonb_build_object('snapshots', jsonb_build_array(jsonb_build_object('kind', 'session', 'id', 'cs_unmatched', 'userId', $1::text))), 'webhook'
     from unnest(array['orphan', 'foreign']) as outcome`,
    [user],
  )
  const before = await amounts()
  await userClient.access.playback.start.mutate({ entityId: seedIds.film })
  expect(await tablesWith(user)).toEqual(['customers', 'grants', 'playback_sessions', 'purchases', 'stripe_events'])
  expect(await runsWith(user, ids)).not.toEqual([])

  const rejected = await forget(user)
  expect(rejected).toMatchObject({
    code: 1,
    output: expect.stringContaining(`access   ${kept.purchaseId} gives access to ${seedIds.film}`),
  })
  // The dry run lists what prevents the erasure and what the erasure would change.
  const dryRun = await forget(user, '--dry-run')
  expect(dryRun).toMatchObject({
    code: 1,
    output: expect.stringMatching(/^access {3}(.|\n)*^2 purchases would(.|\n)*^Nothing was erased/m),
  })
  expect(dryRun.output).not.toContain('DeprecationWarning')
  expect(await forget(user, '--give-up-access', '--dry-run')).toMatchObject({
    code: 0,
    output: expect.stringContaining('2 purchases would'),
  })
  expect(await amounts()).toEqual(before)

  const done = await forget(user, '--give-up-access')
  expect(done).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^2 purchases kept under forgotten_\w+, [2-9] workflow runs deleted/m),
  })
  const pseudonym = /forgotten_\w+/.exec(done.output)?.[0] ?? ''
  expect(await tablesWith(user)).toEqual([])
  expect(await amounts()).toEqual(before)
  expect(await stripe.customers.retrieve(String(stripeCustomerId))).toMatchObject({ deleted: true })
  const session = await stripe.checkout.sessions.retrieve(kept.sessionId, { expand: ['payment_intent.latest_charge'] })
  expect(JSON.stringify(session)).not.toContain(JSON.stringify(user))
  expect(session.metadata).toMatchObject({ userId: pseudonym, payToViewPurchaseId: kept.purchaseId })
  await waitFor('the workflow runs to be deleted', async () => (await runsWith(user, ids)).length === 0, { timeoutMs: 120_000 })

  expect((await userClient.purchases.list.query({})).items).toEqual([])
  expect(await userClient.access.check.query({ entityId: seedIds.film })).toMatchObject({ hasAccess: false })
  const audit = await admin.admin.purchases.get.query({ id: kept.purchaseId })
  expect(audit).toMatchObject({
    userId: pseudonym,
    timeline: expect.arrayContaining([expect.objectContaining({ cause: { kind: 'erasure', by: 'olga' } })]),
  })
  expect(
    await query('select user_id, requested_by, purchases, finished_at is not null as done from erasures where pseudonym = $1', [
      pseudonym,
    ]),
  ).toEqual([{ user_id: null, requested_by: 'olga', purchases: 2, done: true }])
  expect(await forget(user)).toEqual({ code: 0, output: 'No data about this user was found.' })
  expect(await ops('doctor', '--stripe')).toMatchObject({ code: 0, output: expect.stringContaining('No problems found.') })

  // A dispute that arrives after the erasure is matched by the payment id.
  const charge = await stripe.charges.list({
    payment_intent: String(before.find(({ id }) => id === kept.purchaseId)?.external_transaction_id),
  })
  expect(await emulator(`charges/${charge.data[0]?.id}/dispute`)).toBe(200)
  await waitFor(
    'the dispute',
    async () => (await admin.admin.purchases.get.query({ id: kept.purchaseId })).status === 'Disputed',
    { timeoutMs: 20_000 },
  )
  expect(await query('select mismatch from purchases where id = $1', [kept.purchaseId])).toEqual([{ mismatch: null }])

  // The same user can buy again, although Stripe returns the deleted customer for the old idempotency key.
  const again = await create(await client(user))
  await stack().pay(again.sessionId)
  await waitForStatus(userClient, again.purchaseId, 'Completed')
  // The timeout is long because Temporal deletes runs in the background, which takes half a minute even on an idle machine.
}, 240_000)

test('forget also erases the user from expired checkouts and declined payments in Stripe', async () => {
  const { client, create, pay, payInDashboard, stripe, query, waitForStatus } = stack()
  const user = 'declined'
  const userClient = await client(user)
  const { purchaseId, sessionId } = await create(userClient)
  await pay(sessionId, { card: '4000000000000002' })
  await stripe.checkout.sessions.expire(sessionId)
  await waitForStatus(userClient, purchaseId, 'Expired')
  const other = await create(userClient, seedIds.channelProduct, seedIds.channel)
  const dashboardSession = await payInDashboard(other.sessionId, 100)
  await stripe.checkout.sessions.expire(other.sessionId)
  const admin = await client('root', { admin: true })
  await waitFor('the mismatch', async () => (await admin.admin.purchases.get.query({ id: other.purchaseId })).mismatch, {
    timeoutMs: 20_000,
  })
  await admin.admin.purchases.refund.mutate({ id: other.purchaseId })
  const unapplied = () => query("select 1 from stripe_events where applied_at is null and outcome in ('received', 'matched')")
  await waitFor('all events to be applied', async () => (await unapplied()).length === 0, { timeoutMs: 20_000 })
  expect(await forget(user)).toMatchObject({ code: 0, output: expect.stringContaining('2 purchases kept') })
  const userIdsOf = async (id: string) => {
    const session = await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] })
    const intent = session.payment_intent
    if (intent === null || typeof intent === 'string') throw new Error(`${id} has no payment`)
    const { data } = await stripe.charges.list({ payment_intent: intent.id })
    expect(data).toHaveLength(1)
    return [session, intent, ...data].map(({ metadata }) => metadata?.userId)
  }
  const pseudonym = expect.stringMatching(/^forgotten_/)
  expect(await userIdsOf(sessionId)).toEqual([pseudonym, pseudonym, pseudonym])
  // The session was created manually, with metadata on the session but not on its payment.
  expect(await userIdsOf(dashboardSession)).toEqual([pseudonym, undefined, undefined])
}, 120_000)

test('forget is rejected while a checkout can still be paid', async () => {
  const { client, create, query } = stack()
  const user = 'in-a-hurry'
  const { purchaseId } = await create(await client(user))
  expect(await forget(user, '--give-up-access')).toEqual({
    code: 1,
    output: `blocker  ${purchaseId} is Pending\nNothing was erased. Try again when the blockers are resolved.`,
  })
  expect(await query('select user_id from purchases where id = $1', [purchaseId])).toEqual([{ user_id: user }])
})

test('an erasure that was interrupted by failed calls to Stripe continues under the same pseudonym', async () => {
  const { emulator, query, stripe } = stack()
  const user = 'interrupted'
  const { admin, kept } = await createBuyer(user)
  await emulator('faults', { on: 'api', effect: 'cut', path: '/v1/checkout/sessions', method: 'POST', times: 20 })
  expect((await forget(user, '--give-up-access')).code).toBe(1)
  const [{ pseudonym } = {}] = await query('select pseudonym from erasures where user_id = $1', [user])
  await emulator('faults', {}, 'DELETE')
  // Before the erasure is completed, the payment is disputed, and Stripe's objects still contain the user id.
  const { externalTransactionId: payment } = await admin.admin.purchases.get.query({ id: kept.purchaseId })
  const { data } = await stripe.charges.list({ payment_intent: String(payment) })
  await emulator(`charges/${data[0]?.id}/dispute`)
  const readPurchase = () => admin.admin.purchases.get.query({ id: kept.purchaseId })
  await waitFor('the dispute', async () => (await readPurchase()).status === 'Disputed', { timeoutMs: 20_000 })
  await waitFor('the user id to reappear', async () => (await tablesWith(user)).includes('purchases'), { timeoutMs: 20_000 })
  const dryRun = await forget(user, '--dry-run')
  expect(dryRun).toMatchObject({ code: 1, output: expect.stringContaining(`${pseudonym} is not complete`) })
  expect(await forget(user)).toMatchObject({ code: 0, output: expect.stringContaining(`2 purchases kept under ${pseudonym}`) })
  expect(await tablesWith(user)).toEqual([])
  expect((await stripe.checkout.sessions.retrieve(kept.sessionId)).metadata).toMatchObject({ userId: pseudonym })
  const [dispute] = (await stripe.disputes.list({ payment_intent: String(payment) })).data
  await emulator(`disputes/${dispute?.id}/win`)
  await waitFor('the dispute to be won', async () => (await readPurchase()).status === 'Completed', { timeoutMs: 20_000 })
  expect(await tablesWith(user)).toEqual([])
}, 120_000)
