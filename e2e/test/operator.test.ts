import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { repositoryRoot } from '@pay-to-view/devstack/data-folder'
import { findTemporal } from '@pay-to-view/devstack/temporal-binary'
import { waitFor } from '@pay-to-view/devstack/wait'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

// What docs/operations.md tells an operator to do with the Temporal UI and CLI, done with the CLI.

const stack = useStack()
let binary: string
beforeAll(async () => {
  binary = await findTemporal()
})

const run = promisify(execFile)

const temporal = async (...args: string[]): Promise<string> => {
  const { temporalAddress, temporalNamespace } = stack().stack
  const { stdout } = await run(binary, [...args, '--address', temporalAddress, '--namespace', temporalNamespace])
  return stdout
}

const json = async <T>(schema: z.ZodType<T>, ...args: string[]): Promise<T> =>
  schema.parse(JSON.parse(await temporal(...args, '--output', 'json')))

const Listed = z.array(z.object({ execution: z.object({ workflowId: z.string() }) })).nullable()
const Metadata = z
  .object({
    queryResult: z.tuple([
      z.object({
        currentDetails: z.string(),
        definition: z.object({ updateDefinitions: z.array(z.object({ name: z.string(), description: z.string() })) }),
      }),
    ]),
  })
  .transform(({ queryResult: [told] }) => told)

/** What the workflow says of itself, as the UI shows it under "User Metadata". */
const detailsOf = async (id: string): Promise<string> =>
  (await json(Metadata, 'workflow', 'metadata', '--workflow-id', id)).currentDetails

const Updated = z
  .object({
    result: z.object({ response: z.object({ amountRefunded: z.number() }).optional(), rejected: z.string().optional() }),
  })
  .transform(({ result }) => result.rejected ?? result.response?.amountRefunded)

/** The documented update: what has been refunded by now, or the code of the refusal. */
const refund = (id: string, input: object) =>
  json(Updated, 'workflow', 'update', 'execute', '--workflow-id', id, '--name', 'refund', '--input', JSON.stringify(input))

/** The queries of the runbook's table. */
const runbook = [...readFileSync(path.join(repositoryRoot, 'docs/operations.md'), 'utf8').matchAll(/^\| `(.+ = .+)` +\|/gm)].map(
  ([, query = '']) => query,
)

/** The rows of the runbook that find a purchase now, with its own ids in their places. */
const foundBy = async (id: string, user: string): Promise<string[]> => {
  const found: string[] = []
  for (const row of runbook) {
    const query = row
      .replace('ptv_…', id)
      .replace('"alice"', `"${user}"`)
      .replace('vid_…', seedIds.film)
      .replace('prod_…', seedIds.thirtyDayProduct)
    const listed = await json(Listed, 'workflow', 'list', '--query', query)
    if (listed?.some(({ execution }) => execution.workflowId === id)) found.push(row)
  }
  return found
}

const always = ['WorkflowId = "ptv_…"', 'UserId = "alice"', 'PayToViewProductId = "prod_…"']
const open = [...always, 'PurchaseStatus = "Pending" AND ExecutionStatus = "Running"'].sort()
const sold = [...always, 'EntityId = "vid_…" AND PurchaseStatus = "Completed"'].sort()
const disputed = [...always, 'PurchaseStatus = "Disputed"'].sort()

/** Visibility follows the workflow a moment later. */
const whenFoundBy = (rows: string[], id: string, user: string) =>
  waitFor(
    `${id} to be found by ${rows.join('; ')}`,
    async () => (await foundBy(id, user)).sort().join() === [...rows].sort().join(),
    { timeoutMs: 15_000 },
  )

const buyer = async () => {
  const { client, newUser, create } = stack()
  const user = newUser()
  const viewer = await client(user)
  return { user, viewer, ...(await create(viewer)) }
}

test('the runbook has queries', () => {
  expect(runbook.length).toBeGreaterThan(6)
  for (const row of new Set([...open, ...sold, ...disputed])) expect(runbook).toContain(row)
})

test('an open checkout is found, with its summary; what it says of itself begins with the first word of Stripe', async () => {
  const { user, purchaseId } = await buyer()
  await whenFoundBy(open, purchaseId, user)
  const described = await temporal('workflow', 'describe', '--workflow-id', purchaseId)
  expect(described).toContain(`${user} · Nosferatu · 4.99 USD`)
  expect(described).toContain('the checkout expires at')
  await expect(detailsOf(purchaseId)).rejects.toThrow(/not scheduled yet/)
})

test('a bank debit under way says so', async () => {
  const { user, purchaseId, sessionId } = await buyer()
  await stack().pay(sessionId, { method: 'us_bank_account' })
  const details = await waitFor(
    'the workflow to say that the payment is under way',
    async () => {
      const told = await detailsOf(purchaseId).catch((error: Error) => {
        if (/not scheduled yet/.test(error.message)) return ''
        throw error
      })
      return told.includes('A delayed payment is processing') ? told : null
    },
    { timeoutMs: 15_000 },
  )
  expect(details).toContain('**Pending** – Nosferatu')
  await whenFoundBy(open, purchaseId, user)
})

test('a refund by the documented command: a part, the same again, and the rest', async () => {
  const { user, viewer, purchaseId, sessionId } = await buyer()
  await stack().pay(sessionId)
  await stack().waitForStatus(viewer, purchaseId, 'Completed')
  await whenFoundBy(sold, purchaseId, user)
  expect(await detailsOf(purchaseId)).toMatch(
    /\*\*Completed\*\* – Nosferatu.*4\.99 USD paid, 0\.00 USD refunded.*Access: until 20/s,
  )

  const part = { requestId: 'ticket-4711', amount: 100, reason: 'asked by mail', by: 'olga' }
  expect(await refund(purchaseId, part)).toBe(100)
  expect(await refund(purchaseId, part)).toBe(100)
  expect(await detailsOf(purchaseId)).toMatch(/\*\*Completed\*\*.*Partially refunded.*1\.00 USD refunded/s)
  await whenFoundBy(sold, purchaseId, user)

  expect(await refund(purchaseId, { requestId: 'ticket-4712', by: 'olga' })).toBe(499)
  await stack().waitForStatus(viewer, purchaseId, 'Refunded')
  await whenFoundBy(always, purchaseId, user)
  expect(await detailsOf(purchaseId)).toMatch(/\*\*Refunded\*\*.*The payment was refunded in full.*No access/s)
  const audit = await (await stack().client('olga', { admin: true })).admin.purchases.get.query({ id: purchaseId })
  expect(audit.refundRequests.map(({ requestId, requestedBy }) => [requestId, requestedBy]).sort()).toEqual([
    ['ticket-4711', 'olga'],
    ['ticket-4712', 'olga'],
  ])
})

test('a step with Stripe that fails is told with what made it fail, until it works', async () => {
  const { viewer, purchaseId, sessionId } = await buyer()
  const { emulator, pay, waitForStatus } = stack()
  await pay(sessionId)
  await waitForStatus(viewer, purchaseId, 'Completed')
  await emulator('faults', { on: 'api', effect: 'cut', method: 'POST', path: '/v1/refunds' })
  const refunded = refund(purchaseId, { requestId: 'one', amount: 100, by: 'olga' })
  const failed = async () =>
    (await detailsOf(purchaseId)).includes('The last call to Stripe failed (StripeConnectionError). It will be retried.')
  await waitFor('the details to say what failed', failed, { timeoutMs: 20_000 })
  await emulator('faults', {}, 'DELETE')
  expect(await refunded).toBe(100)
  expect(await failed()).toBe(false)
}, 60_000)

test('a slip in the command is told to whoever made it, and does not hold up the purchase', async () => {
  const { viewer, purchaseId, sessionId } = await buyer()
  await stack().pay(sessionId)
  await stack().waitForStatus(viewer, purchaseId, 'Completed')
  for (const [input, said] of [
    [{ requestId: 'ticket 1', by: 'olga' }, /requestId/],
    [{ requestId: 'ticket-1', amount: '1.00', by: 'olga' }, /minor units/],
    [{ requestId: 'ticket-1', amount: 100 }, /your name/],
    [{ requestId: 'ticket-1', amout: 100, by: 'ann' }, /only requestId, amount, reason, by, not amout/],
  ] as const)
    await expect(refund(purchaseId, input)).rejects.toThrow(said)
  await temporal('workflow', 'signal', '--workflow-id', purchaseId, '--name', 'stripeEvent', '--input', '{}')
  expect(await refund(purchaseId, { requestId: 'ticket-1', amount: 500, by: 'olga' })).toBe('amount_too_large')
  expect(await refund(purchaseId, { requestId: 'ticket-2', by: 'olga' })).toBe(499)
})

test('a dispute is found, and says what to do', async () => {
  const { user, viewer, purchaseId, sessionId } = await buyer()
  await stack().pay(sessionId, { card: '4000000000000259' })
  await stack().waitForStatus(viewer, purchaseId, 'Disputed')
  await whenFoundBy(disputed, purchaseId, user)
  expect(await detailsOf(purchaseId)).toMatch(/\*\*Disputed\*\*.*Respond in the Stripe dashboard.*No access/s)
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

test('every activity and timer of a history says what it is for, and every update what it takes', async () => {
  const { viewer, purchaseId, sessionId } = await buyer()
  await stack().pay(sessionId)
  await stack().waitForStatus(viewer, purchaseId, 'Completed')
  await refund(purchaseId, { requestId: 'one', amount: 1, by: 'olga' })
  const { events } = await json(Events, 'workflow', 'show', '--workflow-id', purchaseId)
  const summaries = events
    .filter(({ eventType }) => /_(ACTIVITY_TASK_SCHEDULED|TIMER_STARTED|MARKER_RECORDED)$/.test(eventType))
    .map(({ userMetadata }) => userMetadata?.summary)
  expect(summaries).toContain('"Refund at Stripe"')
  expect(summaries).toContain('"Waiting for the end of the dispute window"')
  expect(summaries).not.toContain(undefined)
  const { definition } = await json(Metadata, 'workflow', 'metadata', '--workflow-id', purchaseId)
  expect(definition.updateDefinitions.map(({ name }) => name).sort()).toEqual(['acceptPayment', 'closeCheckout', 'refund'])
})
