import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { waitFor } from '@pay-to-view/devstack/wait'
import { decodePayloads } from '@pay-to-view/testing/history-text'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { Client, Connection } from '@temporalio/client'
import { expect, test } from 'vitest'

// `npm run forget`, and what is left of a user after it.
const stack = useStack()

const ops = async (...args: string[]): Promise<{ code: number; said: string }> => {
  const { databaseUrl, temporalAddress, stripeApi } = stack().stack
  const env = {
    ...{ PATH: process.env.PATH, DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress },
    ...{ STRIPE_SECRET_KEY: 'sk_test_operator', STRIPE_API_BASE: stripeApi },
  }
  const running = promisify(execFile)(process.execPath, ['--import', 'tsx', 'apps/ops/src/main.ts', ...args], { env })
  return running.then(
    ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, said: stdout + stderr }),
  )
}
const forget = (user: string, ...more: string[]) => ops('forget', '--user', user, '--by', 'olga', ...more)

/** A user with one film that is paid for, and one that was and was refunded. */
const buyer = async (user: string) => {
  const { client, create, pay, waitForStatus } = stack()
  const viewer = await client(user)
  const kept = await create(viewer)
  await pay(kept.sessionId)
  await waitForStatus(viewer, kept.purchaseId, 'Completed')
  const refunded = await create(viewer, seedIds.channelProduct, seedIds.channel)
  await pay(refunded.sessionId)
  await waitForStatus(viewer, refunded.purchaseId, 'Completed')
  const admin = await client('root', { admin: true })
  await admin.admin.purchases.refund.mutate({ id: refunded.purchaseId })
  await waitForStatus(viewer, refunded.purchaseId, 'Refunded')
  return { viewer, admin, kept, refunded }
}

/** The tables that name a user anywhere. */
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

/** The runs whose history names a user: its search attributes, payloads, summaries and details are in it. */
const runsNaming = async (user: string, ids: readonly string[]): Promise<string[]> => {
  const { temporalAddress: address, temporalNamespace: namespace } = stack().stack
  const connection = await Connection.connect({ address })
  try {
    const { workflow } = new Client({ connection, namespace })
    // A payload is JSON within that of its event.
    const named = JSON.stringify(JSON.stringify(user)).slice(3, -3)
    const found: string[] = []
    for await (const { workflowId, runId } of workflow.list()) {
      if (!ids.includes(workflowId)) continue
      const history = await workflow.getHandle(workflowId, runId).fetchHistory()
      if (decodePayloads(JSON.stringify(history)).includes(named)) found.push(runId)
    }
    return found
  } finally {
    await connection.close()
  }
}

test('a user is forgotten in Postgres, Stripe and Temporal; what was bought, paid and refunded stays, and a dispute still finds it', async () => {
  const { stripe, query, emulator, waitForStatus, client, create } = stack()
  const user = `o'hara "\\ ö`
  const { viewer, admin, kept, refunded } = await buyer(user)
  const ids = [kept.purchaseId, refunded.purchaseId]
  const [{ stripeCustomerId = '' } = {}] = await query(
    'select stripe_customer_id as "stripeCustomerId" from customers where user_id = $1',
    [user],
  )
  const money = () =>
    query(
      'select id, status, amount_paid, amount_refunded, currency_paid, completed_at, external_transaction_id from purchases where id = any($1) order by id',
      [ids],
    )
  // Another site's on the same account, and one of a purchase that is not there, name the user too.
  await query(
    `insert into stripe_events (id, type, created_at, object_id, livemode, outcome, parsed, source)
     select 'evt_stray_' || outcome, 'checkout.session.completed', now(), 'cs_stray', false, outcome,
       jsonb_build_object('snapshots', jsonb_build_array(jsonb_build_object('kind', 'session', 'id', 'cs_stray', 'userId', $1::text))), 'webhook'
     from unnest(array['orphan', 'foreign']) as outcome`,
    [user],
  )
  const before = await money()
  expect(await tablesWith(user)).toEqual(['customers', 'grants', 'purchases', 'stripe_events'])
  expect(await runsNaming(user, ids)).not.toEqual([])

  const refused = await forget(user)
  expect(refused).toMatchObject({ code: 1, said: expect.stringContaining(`access  ${kept.purchaseId} opens ${seedIds.film}`) })
  expect(await forget(user, '--give-up-access', '--dry-run')).toMatchObject({
    code: 0,
    said: expect.stringContaining('2 purchase(s) would'),
  })
  expect(await money()).toEqual(before)

  const done = await forget(user, '--give-up-access')
  expect(done).toMatchObject({
    code: 0,
    said: expect.stringMatching(/^2 purchase\(s\) kept under forgotten_\w+, [2-9] run\(s\) deleted/m),
  })
  const pseudonym = /forgotten_\w+/.exec(done.said)?.[0] ?? ''
  expect(await tablesWith(user)).toEqual([])
  expect(await money()).toEqual(before)
  expect(await stripe.customers.retrieve(String(stripeCustomerId))).toMatchObject({ deleted: true })
  const session = await stripe.checkout.sessions.retrieve(kept.sessionId, { expand: ['payment_intent.latest_charge'] })
  expect(JSON.stringify(session)).not.toContain(JSON.stringify(user))
  expect(session.metadata).toMatchObject({ userId: pseudonym, payToViewPurchaseId: kept.purchaseId })
  await waitFor('no run to name the user', async () => (await runsNaming(user, ids)).length === 0, { timeoutMs: 120_000 })

  expect((await viewer.purchases.list.query({})).items).toEqual([])
  expect(await viewer.access.check.query({ entityId: seedIds.film })).toMatchObject({ hasAccess: false })
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
  expect(await forget(user)).toEqual({ code: 0, said: 'Nothing is known of this user.\n' })
  expect(await ops('doctor', '--stripe')).toMatchObject({ code: 0, said: expect.stringContaining('Everything holds.') })

  // A bank disputes the payment months later: it is found by its own id.
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

  // Who comes back is somebody new, although Stripe still answers the old key with the customer that is gone.
  const again = await create(await client(user))
  await stack().pay(again.sessionId)
  await waitForStatus(viewer, again.purchaseId, 'Completed')
  // Temporal deletes when it comes to it: that takes half a minute on an idle machine.
}, 240_000)

test('of a checkout that came to nothing, and of the payment that was declined in it, Stripe keeps no name either', async () => {
  const { client, create, pay, payInDashboard, stripe, query, waitForStatus } = stack()
  const user = 'declined'
  const viewer = await client(user)
  const { purchaseId, sessionId } = await create(viewer)
  await pay(sessionId, { card: '4000000000000002' })
  await stripe.checkout.sessions.expire(sessionId)
  await waitForStatus(viewer, purchaseId, 'Expired')
  const other = await create(viewer, seedIds.channelProduct, seedIds.channel)
  const byHand = await payInDashboard(other.sessionId, 100)
  await stripe.checkout.sessions.expire(other.sessionId)
  const admin = await client('root', { admin: true })
  await waitFor('the payment by hand', async () => (await admin.admin.purchases.get.query({ id: other.purchaseId })).mismatch, {
    timeoutMs: 20_000,
  })
  await admin.admin.purchases.refund.mutate({ id: other.purchaseId })
  const late = () => query("select 1 from stripe_events where applied_at is null and outcome in ('received', 'matched')")
  await waitFor('all events to be applied', async () => (await late()).length === 0, { timeoutMs: 20_000 })
  expect(await forget(user)).toMatchObject({ code: 0, said: expect.stringContaining('2 purchase(s) kept') })
  const named = async (id: string) => {
    const session = await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] })
    const intent = session.payment_intent
    if (intent === null || typeof intent === 'string') throw new Error(`${id} has led to no payment`)
    const { data } = await stripe.charges.list({ payment_intent: intent.id })
    expect(data).toHaveLength(1)
    return [session, intent, ...data].map(({ metadata }) => metadata?.userId)
  }
  for (const id of [sessionId, byHand])
    expect(await named(id)).toEqual(Array.from({ length: 3 }, () => expect.stringMatching(/^forgotten_/)))
}, 120_000)

test('nobody is forgotten while money may still move', async () => {
  const { client, create, query } = stack()
  const user = 'in-a-hurry'
  const { purchaseId } = await create(await client(user))
  expect(await forget(user, '--give-up-access')).toEqual({
    code: 1,
    said: `open    ${purchaseId} is Pending\nNothing was done.\n`,
  })
  expect(await query('select user_id from purchases where id = $1', [purchaseId])).toEqual([{ user_id: user }])
})

test('an erasure that Stripe interrupts goes on where it was, under the same name', async () => {
  const { emulator, query, stripe } = stack()
  const user = 'interrupted'
  const { admin, kept } = await buyer(user)
  await emulator('faults', { on: 'api', effect: 'cut', path: '/v1/checkout/sessions', method: 'POST', times: 20 })
  expect((await forget(user, '--give-up-access')).code).toBe(1)
  const [{ pseudonym } = {}] = await query('select pseudonym from erasures where user_id = $1', [user])
  await emulator('faults', {}, 'DELETE')
  // A bank disputes the payment meanwhile: Stripe is asked, and still names the user.
  const { externalTransactionId: payment } = await admin.admin.purchases.get.query({ id: kept.purchaseId })
  const { data } = await stripe.charges.list({ payment_intent: String(payment) })
  await emulator(`charges/${data[0]?.id}/dispute`)
  const known = () => admin.admin.purchases.get.query({ id: kept.purchaseId })
  await waitFor('the dispute', async () => (await known()).status === 'Disputed', { timeoutMs: 20_000 })
  await waitFor('the name to be back', async () => (await tablesWith(user)).includes('purchases'), { timeoutMs: 20_000 })
  const looked = await forget(user, '--dry-run')
  expect(looked).toMatchObject({ code: 1, said: expect.stringContaining(`${pseudonym} is not finished`) })
  expect(await forget(user)).toMatchObject({ code: 0, said: expect.stringContaining(`2 purchase(s) kept under ${pseudonym}`) })
  expect(await tablesWith(user)).toEqual([])
  expect((await stripe.checkout.sessions.retrieve(kept.sessionId)).metadata).toMatchObject({ userId: pseudonym })
  const [dispute] = (await stripe.disputes.list({ payment_intent: String(payment) })).data
  await emulator(`disputes/${dispute?.id}/win`)
  await waitFor('the dispute to be won', async () => (await known()).status === 'Completed', { timeoutMs: 20_000 })
  expect(await tablesWith(user)).toEqual([])
}, 120_000)
