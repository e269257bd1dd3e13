import { readFileSync } from 'node:fs'
import path from 'node:path'
import { repositoryRoot } from '@pay-to-view/devstack'
import { findTemporal } from '@pay-to-view/devstack/temporal-binary'
import { waitFor } from '@pay-to-view/devstack/wait'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { execa } from 'execa'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

// Runs the procedures that docs/operations.md describes for the Temporal UI and CLI, using the CLI.

const stack = useStack()
let binary: string
beforeAll(async () => {
  binary = await findTemporal()
})

const temporal = async (...args: string[]): Promise<string> => {
  const { temporalAddress, temporalNamespace } = stack().stack
  const { stdout } = await execa(binary, [...args, '--address', temporalAddress, '--namespace', temporalNamespace])
  return stdout
}

const json = async <T>(schema: z.ZodType<T>, ...args: string[]): Promise<T> =>
  schema.parse(JSON.parse(await temporal(...args, '--output', 'json')))

const WorkflowList = z.array(z.object({ execution: z.object({ workflowId: z.string() }) })).nullable()
const Metadata = z
  .object({
    queryResult: z.tuple([
      z.object({
        currentDetails: z.string(),
        definition: z.object({ updateDefinitions: z.array(z.object({ name: z.string(), description: z.string() })) }),
      }),
    ]),
  })
  .transform(({ queryResult: [metadata] }) => metadata)

/** The workflow's current details, which the UI shows under "User Metadata". */
const detailsOf = async (id: string): Promise<string> =>
  (await json(Metadata, 'workflow', 'metadata', '--workflow-id', id)).currentDetails

const RefundResult = z
  .object({
    result: z.object({ response: z.object({ amountRefunded: z.number() }).optional(), rejected: z.string().optional() }),
  })
  .transform(({ result }) => result.rejected ?? result.response?.amountRefunded)

/** Runs the documented update. Returns the purchase's refunded amount, or the code of the rejection. */
const refund = (id: string, input: object) =>
  json(RefundResult, 'workflow', 'update', 'execute', '--workflow-id', id, '--name', 'refund', '--input', JSON.stringify(input))

/** The search queries in the runbook's table. */
const runbookQueries = [
  ...readFileSync(path.join(repositoryRoot, 'docs/operations.md'), 'utf8').matchAll(/^\| `(.+ = .+)` +\|/gm),
].map(([, query = '']) => query)

/** Returns the runbook's queries that currently find a purchase. The purchase's ids replace the placeholders. */
const queriesFinding = async (id: string, user: string): Promise<string[]> => {
  const found: string[] = []
  for (const template of runbookQueries) {
    const query = template
      .replace('ptv_…', id)
      .replace('"alice"', `"${user}"`)
      .replace('vid_…', seedIds.film)
      .replace('prod_…', seedIds.thirtyDayProduct)
    const workflows = await json(WorkflowList, 'workflow', 'list', '--query', query)
    if (workflows?.some(({ execution }) => execution.workflowId === id)) found.push(template)
  }
  return found
}

const always = ['WorkflowId = "ptv_…"', 'UserId = "alice"', 'PayToViewProductId = "prod_…"']
const open = [...always, 'PurchaseStatus = "Pending" AND ExecutionStatus = "Running"'].sort()
const sold = [...always, 'EntityId = "vid_…" AND PurchaseStatus = "Completed"'].sort()
const disputed = [...always, 'PurchaseStatus = "Disputed"'].sort()

/** Polls, because Temporal's visibility store is eventually consistent. */
const waitUntilFoundBy = (queries: string[], id: string, user: string) =>
  waitFor(
    `${id} to be found by ${queries.join('; ')}`,
    async () => (await queriesFinding(id, user)).sort().join() === [...queries].sort().join(),
    { timeoutMs: 15_000 },
  )

const createPurchase = async () => {
  const { client, newUser, create } = stack()
  const userId = newUser()
  const user = await client(userId)
  return { userId, user, ...(await create(user)) }
}

test('the runbook has queries', () => {
  expect(runbookQueries.length).toBeGreaterThan(6)
  for (const row of new Set([...open, ...sold, ...disputed])) expect(runbookQueries).toContain(row)
})

test('an open checkout is found by the queries and has a summary, but has no details before the first Stripe event', async () => {
  const { userId, purchaseId } = await createPurchase()
  await waitUntilFoundBy(open, purchaseId, userId)
  const description = await temporal('workflow', 'describe', '--workflow-id', purchaseId)
  expect(description).toContain(`${userId} · Nosferatu · 4.99 USD`)
  expect(description).toContain('the checkout expires at')
  await expect(detailsOf(purchaseId)).rejects.toThrow(/not scheduled yet/)
})

test('the details say that a bank debit is processing', async () => {
  const { userId, purchaseId, sessionId } = await createPurchase()
  await stack().pay(sessionId, { method: 'us_bank_account' })
  const details = await waitFor(
    'the details to show the processing payment',
    async () => {
      const text = await detailsOf(purchaseId).catch((error: Error) => {
        if (/not scheduled yet/.test(error.message)) return ''
        throw error
      })
      return text.includes('A delayed payment is processing') ? text : null
    },
    { timeoutMs: 15_000 },
  )
  expect(details).toContain('**Pending** – Nosferatu')
  await waitUntilFoundBy(open, purchaseId, userId)
})

test('the documented command makes a partial refund, only once if repeated, and then refunds the remaining amount', async () => {
  const { userId, user, purchaseId, sessionId } = await createPurchase()
  await stack().pay(sessionId)
  await stack().waitForStatus(user, purchaseId, 'Completed')
  await waitUntilFoundBy(sold, purchaseId, userId)
  expect(await detailsOf(purchaseId)).toMatch(
    /\*\*Completed\*\* – Nosferatu.*4\.99 USD paid, 0\.00 USD refunded.*Access: until 20/s,
  )

  const partialRefund = { requestId: 'ticket-4711', amount: 100, reason: 'requested by email', by: 'olga' }
  expect(await refund(purchaseId, partialRefund)).toBe(100)
  expect(await refund(purchaseId, partialRefund)).toBe(100)
  expect(await detailsOf(purchaseId)).toMatch(/\*\*Completed\*\*.*Partially refunded.*1\.00 USD refunded/s)
  await waitUntilFoundBy(sold, purchaseId, userId)

  expect(await refund(purchaseId, { requestId: 'ticket-4712', by: 'olga' })).toBe(499)
  await stack().waitForStatus(user, purchaseId, 'Refunded')
  await waitUntilFoundBy(always, purchaseId, userId)
  expect(await detailsOf(purchaseId)).toMatch(/\*\*Refunded\*\*.*The payment was refunded in full.*No access/s)
  const audit = await (await stack().client('olga', { admin: true })).admin.purchases.get.query({ id: purchaseId })
  expect(audit.refundRequests.map(({ requestId, requestedBy }) => [requestId, requestedBy]).sort()).toEqual([
    ['ticket-4711', 'olga'],
    ['ticket-4712', 'olga'],
  ])
})

test('the details show the error of a failing Stripe call until the call succeeds', async () => {
  const { user, purchaseId, sessionId } = await createPurchase()
  const { emulator, pay, waitForStatus } = stack()
  await pay(sessionId)
  await waitForStatus(user, purchaseId, 'Completed')
  await emulator('faults', { on: 'api', effect: 'cut', method: 'POST', path: '/v1/refunds' })
  const refunded = refund(purchaseId, { requestId: 'one', amount: 100, by: 'olga' })
  const showsError = async () =>
    (await detailsOf(purchaseId)).includes('The last call to Stripe failed (StripeConnectionError). It will be retried.')
  await waitFor('the details to show the error', showsError, { timeoutMs: 20_000 })
  await emulator('faults', {}, 'DELETE')
  expect(await refunded).toBe(100)
  expect(await showsError()).toBe(false)
}, 60_000)

test('a mistake in the command is rejected with a reason and does not block the purchase', async () => {
  const { user, purchaseId, sessionId } = await createPurchase()
  await stack().pay(sessionId)
  await stack().waitForStatus(user, purchaseId, 'Completed')
  for (const [input, reason] of [
    [{ requestId: 'ticket 1', by: 'olga' }, /requestId/],
    [{ requestId: 'ticket-1', amount: '1.00', by: 'olga' }, /minor units/],
    [{ requestId: 'ticket-1', amount: 100 }, /your name/],
    [{ requestId: 'ticket-1', amout: 100, by: 'ann' }, /only requestId, amount, reason, by, not amout/],
  ] as const)
    await expect(refund(purchaseId, input)).rejects.toThrow(reason)
  await temporal('workflow', 'signal', '--workflow-id', purchaseId, '--name', 'stripeEvent', '--input', '{}')
  expect(await refund(purchaseId, { requestId: 'ticket-1', amount: 500, by: 'olga' })).toBe('amount_too_large')
  expect(await refund(purchaseId, { requestId: 'ticket-2', by: 'olga' })).toBe(499)
})

test('a signal that cannot be decoded is skipped with an alert, and a later dispute still suspends access', async () => {
  const { user, purchaseId, sessionId } = await createPurchase()
  await stack().pay(sessionId, { card: '4242424242424242' })
  await stack().waitForStatus(user, purchaseId, 'Completed')
  const signal = ['workflow', 'signal', '--workflow-id', purchaseId, '--name', 'stripeEvent', '--input', '{}']
  for (const encoding of ['json/protobuf', 'binary/encrypted']) await temporal(...signal, '--input-meta', `encoding=${encoding}`)
  const { externalTransactionId } = await user.purchases.get.query({ id: purchaseId })
  const [charge] = (await stack().stripe.charges.list({ payment_intent: externalTransactionId ?? '' })).data
  await stack().emulator(`charges/${charge?.id}/dispute`)
  expect(await stack().waitForStatus(user, purchaseId, 'Disputed')).toMatchObject({ hasAccess: false })
  const alerts = await stack().query('select kind, detail from alerts where purchase_id = $1 order by kind', [purchaseId])
  expect(alerts).toMatchObject([{ kind: 'disputed' }, { kind: 'malformed_message', detail: { name: 'stripeEvent' } }])
})

test('a disputed purchase is found by the queries, and its details say what to do', async () => {
  const { userId, user, purchaseId, sessionId } = await createPurchase()
  await stack().pay(sessionId, { card: '4000000000000259' })
  await stack().waitForStatus(user, purchaseId, 'Disputed')
  await waitUntilFoundBy(disputed, purchaseId, userId)
  expect(await detailsOf(purchaseId)).toMatch(
    /\*\*Disputed\*\*.*Submit the evidence on the purchase page in the back office.*No access/s,
  )
})

const Events = z.object({
  events: z.array(
    z.looseObject({
      eventType: z.string(),
      userMetadata: z
        .object({ summary: z.object({ data: z.string() }).transform(({ data }) => Buffer.from(data, 'base64').toString()) })
        .optional(),
    }),
  ),
})

test('every activity and timer in a history has a summary, and every update is described', async () => {
  const { user, purchaseId, sessionId } = await createPurchase()
  await stack().pay(sessionId)
  await stack().waitForStatus(user, purchaseId, 'Completed')
  await refund(purchaseId, { requestId: 'one', amount: 1, by: 'olga' })
  const { events } = await json(Events, 'workflow', 'show', '--workflow-id', purchaseId)
  const summaries = events
    .filter(({ eventType }) => /_(ACTIVITY_TASK_SCHEDULED|TIMER_STARTED|MARKER_RECORDED)$/.test(eventType))
    .map(({ userMetadata }) => userMetadata?.summary)
  expect(summaries).toContain('"Refund in Stripe"')
  expect(summaries).toContain('"Waiting for the end of the dispute window"')
  expect(summaries).not.toContain(undefined)
  const { definition } = await json(Metadata, 'workflow', 'metadata', '--workflow-id', purchaseId)
  expect(definition.updateDefinitions.map(({ name }) => name).sort()).toEqual(['acceptPayment', 'closeCheckout', 'refund'])
})
