import { problemOf } from '@pay-to-view/client'
import { withClient } from '@pay-to-view/devstack/postgres'
import { waitFor } from '@pay-to-view/devstack/wait'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { afterAll, beforeAll, expect, test } from 'vitest'

// In these tests, an operator cancels or terminates a workflow while the API waits for a workflow update.

const stack = useStack()
let temporal: ReturnType<typeof createTemporalClient>
beforeAll(() => {
  const { temporalAddress: address, temporalNamespace: namespace } = stack().stack
  temporal = createTemporalClient({ address, namespace, tls: false })
})
afterAll(() => temporal?.connection.close())

const ends = {
  canceled: (id: string) => temporal.workflow.getHandle(id).cancel(),
  terminated: (id: string) => temporal.workflow.getHandle(id).terminate(),
}

const slow = (path: string) => stack().emulator('faults', { on: 'api', effect: 'latency', method: 'POST', path, ms: 2_000 })

const paidPurchase = async () => {
  const { client, newUser, create, pay, waitForStatus } = stack()
  const user = await client(newUser())
  const { purchaseId, sessionId } = await create(user)
  await pay(sessionId)
  const { externalTransactionId } = await waitForStatus(user, purchaseId, 'Completed')
  return { user, id: purchaseId, payment: externalTransactionId ?? '' }
}

/** Waits until a workflow has accepted an update with the given name. */
const waitForUpdate = (id: string, name: string) =>
  waitFor(
    `${name} of ${id}`,
    async () => {
      const { events } = await temporal.workflow.getHandle(id).fetchHistory()
      return events?.some((event) => event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name === name)
    },
    { timeoutMs: 20_000 },
  )

test.each([
  ['canceled', { amount: 100 }],
  ['terminated', { amount: 100 }],
  ['canceled', { amount: 100, requestId: 'of-the-caller' }],
  ['terminated', {}],
] as const)(
  '%s during the refund %j: the API returns 504 with the key, and a retry with this key refunds once',
  async (name, refund) => {
    const { client, emulator, stripe } = stack()
    const { refund: request } = (await client('root', { admin: true })).admin.purchases
    const { id, payment } = await paidPurchase()
    await slow('/v1/refunds')
    const answer = request.mutate({ id, ...refund }).then(() => null, problemOf)
    await waitForUpdate(id, 'refund')
    await ends[name](id)
    const unconfirmed = await answer
    await emulator('faults', {}, 'DELETE')
    expect(unconfirmed).toMatchObject({ status: 504, code: 'refund_unconfirmed', errors: [{ field: 'requestId' }] })
    const requestId = unconfirmed?.errors[0]?.message.replace('Expected ', '')
    if ('requestId' in refund) expect(requestId).toBe(refund.requestId)
    const amount = 'amount' in refund ? refund.amount : 499
    const retried = await waitFor('the retry', () => request.mutate({ id, ...refund, requestId }).catch(() => null), {
      timeoutMs: 20_000,
    })
    expect(retried).toMatchObject({ amount, amountRefunded: amount })
    expect((await stripe.refunds.list({ payment_intent: payment })).data).toMatchObject([{ amount }])
  },
  60_000,
)

test.each(['canceled', 'terminated'] as const)(
  '%s while create closes an open checkout: create tries again, and exactly one checkout is open',
  async (name) => {
    const { client, newUser, create, emulator, stripe } = stack()
    const user = await client(newUser())
    const first = await create(user)
    await slow(`/v1/checkout/sessions/${first.sessionId}/expire`)
    const second = create(user, seedIds.permanentProduct)
    await waitForUpdate(first.purchaseId, 'closeCheckout')
    await ends[name](first.purchaseId)
    await emulator('faults', {}, 'DELETE')
    const { purchaseId, sessionId } = await second
    expect(purchaseId).not.toBe(first.purchaseId)
    const statuses = await Promise.all([first.sessionId, sessionId].map((id) => stripe.checkout.sessions.retrieve(id)))
    expect(statuses.map(({ status }) => status)).toEqual(['expired', 'open'])
  },
  60_000,
)

test('terminated while a payment is accepted: the API returns 504 and says that the payment may have been accepted', async () => {
  const { client, newUser, create, payInDashboard, query } = stack()
  const { accept } = (await client('root', { admin: true })).admin.purchases
  const userId = newUser()
  const user = await client(userId)
  const { purchaseId: id, sessionId } = await create(user)
  await payInDashboard(sessionId, 100)
  const findMismatch = async () => (await query('select from purchases where id = $1 and mismatch is not null', [id])).length
  await waitFor('the mismatch', findMismatch, { timeoutMs: 20_000 })
  // The activity waits for the user's lock, which this connection holds until it is closed.
  await withClient(stack().stack.databaseUrl, async (database) => {
    await database.query('select pg_advisory_lock(hashtextextended($1, 0))', [userId])
    const answer = accept.mutate({ id }).then(() => null, problemOf)
    await waitForUpdate(id, 'acceptPayment')
    await ends.terminated(id)
    expect(await answer).toMatchObject({ status: 504, code: 'acceptance_unconfirmed' })
  })
  const acceptAgain = async () => {
    const problem = await accept.mutate({ id }).then(() => null, problemOf)
    return problem === null || problem.code === 'nothing_to_accept'
  }
  await waitFor('the acceptance', acceptAgain, { timeoutMs: 20_000 })
  expect(await user.purchases.get.query({ id })).toMatchObject({ status: 'Completed', hasAccess: true })
}, 90_000)
