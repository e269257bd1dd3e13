import { repositoryRoot } from '@pay-to-view/devstack'
import { waitFor } from '@pay-to-view/devstack/wait'
import { programOf } from '@pay-to-view/testing/built'
import { openStack, seedIds, type TestStack, useStack } from '@pay-to-view/testing/stack'
import { deleteRuns } from '@pay-to-view/workflow-client/delete-runs'
import { Client, Connection } from '@temporalio/client'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'
import { copyDatabase, restoreDatabase } from './backup/database-copy.ts'

// Follows the procedure in docs/backups.md. The scheduled reconciler does not run, so only the operator's commands make repairs.
const withoutReconciler = { workerEnvironment: { RECONCILE_EVERY: '86400' } }
const stack = useStack(withoutReconciler)

const ops = async ({ stack: addresses }: TestStack, ...args: string[]) => {
  const env = {
    ...{ PATH: process.env.PATH, DATABASE_URL: addresses.databaseUrl, TEMPORAL_ADDRESS: addresses.temporalAddress },
    ...{ TEMPORAL_NAMESPACE: addresses.temporalNamespace },
    ...{ STRIPE_SECRET_KEY: 'sk_test_operator', STRIPE_API_BASE: addresses.stripeApi },
  }
  const command = [...programOf('ops'), ...args]
  const options = { cwd: repositoryRoot, env, extendEnv: false, all: true, reject: false } as const
  const { exitCode, all } = await execa(process.execPath, command, options)
  return { code: exitCode, output: all }
}

const allEventsApplied = ({ query }: TestStack) =>
  waitFor(
    'all events to be applied',
    async () => (await query("select 1 from stripe_events where applied_at is null and outcome <> 'foreign'")).length === 0,
    { timeoutMs: 30_000 },
  )

const expectCleanDoctor = (running: TestStack) =>
  expect
    .poll(async () => (await ops(running, 'doctor', '--stripe')).output, { timeout: 60_000, interval: 2_000 })
    .toMatch(/No problems found\.$/)

const newBuyer = async ({ client }: TestStack, user: string) => ({ user, client: await client(user) })

const accessOf = async (user: Awaited<ReturnType<typeof newBuyer>>, entityId: string = seedIds.film) =>
  (await user.client.access.check.query({ entityId })).hasAccess

/** The state of all purchases, as seen by users and by accounting. */
const stateOf = ({ query }: TestStack) =>
  query(
    `select purchases.id, status, amount, amount_paid, amount_refunded, external_transaction_id,
       grants.starts_at, grants.id is not null and grants.revoked_at is null as access
     from purchases left join grants on grants.purchase_id = purchases.id order by purchases.id`,
  )

test('an older database with a newer Temporal: purchases, payments and refunds since the dump are restored from Stripe', async () => {
  const running = stack()
  const { create, pay, waitForStatus, client, stack: addresses } = running
  const admin = await client('root', { admin: true })
  const [kept, refunded, paidLater, abandoned] = await Promise.all(
    ['kept', 'refunded', 'paid-later', 'abandoned'].map((user) => newBuyer(running, user)),
  )
  if (!kept || !refunded || !paidLater || !abandoned) throw new Error('A buyer is missing')
  const buy = async (buyer: typeof kept, productId?: string, entityId?: string) => {
    const { purchaseId, sessionId } = await create(buyer.client, productId, entityId)
    await pay(sessionId)
    await waitForStatus(buyer.client, purchaseId, 'Completed')
    return purchaseId
  }
  const keptId = await buy(kept)
  const refundedId = await buy(refunded)
  const pending = await create(paidLater.client)
  const unpaid = await create(abandoned.client)
  await allEventsApplied(running)
  const dump = await copyDatabase(addresses.databaseUrl)

  // Changes after the dump: a payment, an expiry, refunds and new purchases.
  await pay(pending.sessionId)
  await waitForStatus(paidLater.client, pending.purchaseId, 'Completed')
  await running.stripe.checkout.sessions.expire(unpaid.sessionId)
  await waitForStatus(abandoned.client, unpaid.purchaseId, 'Expired')
  await admin.admin.purchases.refund.mutate({ id: refundedId })
  await waitForStatus(refunded.client, refundedId, 'Refunded')
  await admin.admin.purchases.refund.mutate({ id: keptId, amount: 100, requestId: 'partial' })
  const channelId = await buy(kept, seedIds.channelProduct, seedIds.channel)
  const newUser = await newBuyer(running, 'new')
  const newId = await buy(newUser)
  const lostAndRefunded = await buy(refunded)
  await admin.admin.purchases.refund.mutate({ id: lostAndRefunded })
  await allEventsApplied(running)
  const before = await stateOf(running)

  await restoreDatabase(addresses.databaseUrl, dump)
  expect([await accessOf(paidLater), await accessOf(newUser), await accessOf(refunded)]).toEqual([false, false, true])

  const missing = await ops(running, 'import:purchases', '--from-stripe', '--since', '1d', '--dry-run')
  expect(missing).toMatchObject({ code: 1, output: expect.stringContaining('3 purchases to import') })
  const restored = await ops(running, 'import:purchases', '--from-stripe', '--since', '1d', '--list')
  expect(restored.code, restored.output).toBe(0)
  for (const id of [channelId, newId, lostAndRefunded]) expect(restored.output).toContain(`imported  ${id}`)
  expect((await ops(running, 'reconcile', '--since', '30d')).code).toBe(0)
  await allEventsApplied(running)
  await expectCleanDoctor(running)

  expect(await stateOf(running)).toEqual(before)
  expect([await accessOf(paidLater), await accessOf(newUser), await accessOf(refunded)]).toEqual([true, true, false])
  expect(await accessOf(kept, seedIds.channel)).toBe(true)
  // The refund's reason and the operator who requested it were stored only in the database, so they are lost.
  const { refunds, refundRequests } = await admin.admin.purchases.get.query({ id: keptId })
  expect([refunds.map(({ requestId }) => requestId), refundRequests]).toEqual([['partial'], []])
  expect(await ops(running, 'import:purchases', '--from-stripe', '--since', '1d', '--list')).toMatchObject({ code: 0 })

  // Refunds and new purchases still work.
  await admin.admin.purchases.refund.mutate({ id: newId })
  await waitForStatus(newUser.client, newId, 'Refunded')
  await buy(newUser)
  await allEventsApplied(running)
  await expectCleanDoctor(running)
}, 240_000)

test('restored purchases get their events, even if the events have become orphans', async () => {
  const running = stack()
  const { create, pay, waitForStatus, query, stack: addresses } = running
  const dump = await copyDatabase(addresses.databaseUrl)
  const buyer = await newBuyer(running, 'orphaned')
  const { purchaseId, sessionId } = await create(buyer.client)
  await pay(sessionId)
  await waitForStatus(buyer.client, purchaseId, 'Completed')
  await allEventsApplied(running)
  await restoreDatabase(addresses.databaseUrl, dump)
  // Runs the steps in the wrong order, so the reconciler finds the events before the purchase is restored.
  await ops(running, 'reconcile', '--since', '30d')
  const outcomes = () => query('select distinct outcome from stripe_events where purchase_id = $1', [purchaseId])
  expect(await outcomes()).toEqual([{ outcome: 'orphan' }])
  expect((await ops(running, 'doctor', '--stripe')).output).toContain(`session_has_purchase  ${purchaseId}`)
  expect((await ops(running, 'import:purchases', '--from-stripe', '--since', '1d', '--list')).code).toBe(0)
  // The reconciler ignores events from the last two minutes.
  await query("update stripe_events set received_at = received_at - interval '3 minutes' where purchase_id = $1", [purchaseId])
  expect((await ops(running, 'reconcile', '--since', '30d')).code).toBe(0)
  await waitForStatus(buyer.client, purchaseId, 'Completed')
  await allEventsApplied(running)
  await expectCleanDoctor(running)
}, 120_000)

test('a newer database with an empty Temporal: payments, refunds and lost webhooks are handled by new workflows', async () => {
  const before = stack()
  const { stripe, stack: addresses } = before
  const [completed, open, withoutWebhook] = await Promise.all(
    ['completed', 'open', 'without-webhook'].map((user) => newBuyer(before, user)),
  )
  if (!completed || !open || !withoutWebhook) throw new Error('A buyer is missing')
  const bought = await before.create(completed.client)
  await before.pay(bought.sessionId)
  await before.waitForStatus(completed.client, bought.purchaseId, 'Completed')
  const openCheckout = await before.create(open.client)
  const lostCheckout = await before.create(withoutWebhook.client)
  await allEventsApplied(before)

  // Starts a new Temporal server, with servers and workers that use the old database and Stripe account.
  const { data: endpoints } = await stripe.webhookEndpoints.list({ limit: 100 })
  for (const { id } of endpoints) await stripe.webhookEndpoints.update(id, { disabled: true })
  const connection = await Connection.connect({ address: addresses.temporalAddress })
  const oldTemporal = new Client({ connection, namespace: addresses.temporalNamespace })
  const rows = await before.query('select id from purchases')
  await deleteRuns(
    oldTemporal,
    rows.map(({ id }) => String(id)),
  )
  await connection.close()
  const webhookSecret = 'whsec_of_the_new_servers'
  const after = await openStack({
    ...withoutReconciler,
    environment: {
      ...{ DATABASE_URL: addresses.databaseUrl, STRIPE_API_BASE: addresses.stripeApi, STRIPE_SECRET_KEY: 'sk_test_new' },
      ...{ STRIPE_PUBLISHABLE_KEY: 'pk_test_new', STRIPE_WEBHOOK_SECRET: webhookSecret },
    },
  })
  onTestFinished(() => after.close())
  const admin = await after.client('root', { admin: true })
  const user = async ({ user: id }: { user: string }) => after.client(id)

  // A refund starts a new workflow for a completed purchase, because its old workflow no longer exists.
  await admin.admin.purchases.refund.mutate({ id: bought.purchaseId })
  await after.waitForStatus(await user(completed), bought.purchaseId, 'Refunded')
  // The webhooks of these payments are lost, because no endpoint is enabled.
  for (const { sessionId } of [openCheckout, lostCheckout]) expect(await after.pay(sessionId)).toBe(200)
  expect((await ops(after, 'reconcile', '--since', '30d')).code).toBe(0)
  await after.waitForStatus(await user(open), openCheckout.purchaseId, 'Completed')
  await after.waitForStatus(await user(withoutWebhook), lostCheckout.purchaseId, 'Completed')
  await allEventsApplied(after)
  await expectCleanDoctor(after)
}, 240_000)
