import { problemOf } from '@pay-to-view/client'
import { waitFor } from '@pay-to-view/devstack/wait'
import { seedIds, useSharedStack } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'

const stack = useSharedStack()

test('a payment with a mismatch gives no access and raises an alert; an admin accepts it or refunds it', async () => {
  const { client, newUser, create, payInDashboard, waitForStatus } = stack()
  const admin = await client('root', { admin: true })
  const createMismatch = async () => {
    const user = await client(newUser())
    const { purchaseId, sessionId } = await create(user)
    await payInDashboard(sessionId, 100)
    await waitFor('the mismatch', async () => (await admin.admin.purchases.get.query({ id: purchaseId })).mismatch, {
      timeoutMs: 20_000,
    })
    return { user, purchaseId, sessionId }
  }
  const first = await createMismatch()
  const input = {
    payToViewProductId: seedIds.thirtyDayProduct,
    entityId: seedIds.film,
    returnUrl: 'https://yoursite.com/purchase/complete',
  }
  expect(await first.user.purchases.create.mutate(input)).toEqual({
    ...{ success: false, hasAccess: false, purchaseId: first.purchaseId, reason: 'payment_review' },
  })
  expect((await stack().stripe.checkout.sessions.retrieve(first.sessionId)).status).toBe('expired')
  expect(await first.user.access.check.query({ entityId: seedIds.film })).toMatchObject({ hasAccess: false })
  const { items } = await admin.admin.alerts.list.query({ kind: 'mismatch' })
  expect(items).toContainEqual(
    expect.objectContaining({ purchaseId: first.purchaseId, detail: expect.objectContaining({ amount: 100 }) }),
  )
  expect(await admin.admin.purchases.accept.mutate({ id: first.purchaseId, reason: 'agreed by email' })).toMatchObject({
    status: 'Completed',
    hasAccess: true,
  })
  const openAlerts = async () =>
    (await admin.admin.alerts.list.query({ kind: 'mismatch' })).items.map(({ purchaseId }) => purchaseId)
  expect(await openAlerts()).not.toContain(first.purchaseId)
  const audit = await admin.admin.purchases.get.query({ id: first.purchaseId })
  expect(audit.timeline.at(-1)).toMatchObject({
    toStatus: 'Completed',
    cause: { kind: 'payment_accepted', by: 'root', reason: 'agreed by email' },
  })
  await expect(admin.admin.purchases.accept.mutate({ id: first.purchaseId })).rejects.toMatchObject({
    data: { problem: { code: 'nothing_to_accept' } },
  })

  const second = await createMismatch()
  expect(await admin.admin.purchases.refund.mutate({ id: second.purchaseId })).toMatchObject({ status: 'Refunded', amount: 100 })
  await waitForStatus(second.user, second.purchaseId, 'Refunded')
})

test('an unconfirmed partial refund without a key returns a key, and a retry with this key refunds once', async () => {
  const { client, newUser, create, pay, waitForStatus, emulator } = stack()
  const admin = await client('root', { admin: true })
  const user = await client(newUser())
  const { purchaseId, sessionId } = await create(user)
  await pay(sessionId)
  await waitForStatus(user, purchaseId, 'Completed')
  await emulator('faults', { on: 'api', effect: 'cut', method: 'POST', path: '/v1/refunds' })
  const input = { id: purchaseId, amount: 100 }
  const unconfirmed = await admin.admin.purchases.refund.mutate(input).then(() => null, problemOf)
  await emulator('faults', {}, 'DELETE')
  expect(unconfirmed).toMatchObject({ status: 504, code: 'refund_unconfirmed', errors: [{ field: 'requestId' }] })
  const requestId = unconfirmed?.errors[0]?.message.replace('Expected ', '')
  expect(await admin.admin.purchases.refund.mutate({ ...input, requestId })).toMatchObject({ amount: 100, amountRefunded: 100 })
}, 90_000)

test('a second payment for the same purchase is refunded as a duplicate and raises an alert', async () => {
  const { client, newUser, create, pay, payInDashboard, stripe, waitForStatus } = stack()
  const user = await client(newUser())
  const { purchaseId, sessionId } = await create(user)
  await pay(sessionId)
  const first = await waitForStatus(user, purchaseId, 'Completed')
  const { payment_intent } = await stripe.checkout.sessions.retrieve(await payInDashboard(sessionId, 499))
  const second = typeof payment_intent === 'string' ? payment_intent : ''
  // If both payments were created in the same second on Stripe's clock, either payment may count as the first. Exactly one is refunded.
  const refunds = async () =>
    (
      await Promise.all(
        [first.externalTransactionId ?? '', second].map((payment) => stripe.refunds.list({ payment_intent: payment })),
      )
    ).flatMap(({ data }) => data)
  await waitFor('the refund', async () => (await refunds()).some(({ status }) => status === 'succeeded'), { timeoutMs: 20_000 })
  expect(await refunds()).toMatchObject([{ amount: 499, reason: 'duplicate', status: 'succeeded' }])
  expect(await user.purchases.get.query({ id: purchaseId })).toMatchObject({
    status: 'Completed',
    hasAccess: true,
    amountRefunded: 0,
  })
  const admin = await client('root', { admin: true })
  const { items } = await admin.admin.alerts.list.query({ kind: 'duplicate_refunded' })
  expect(items.map((alert) => alert.purchaseId)).toContain(purchaseId)
})

test('a delayed payment is processing and blocks a second checkout; after its failure the user can buy again', async () => {
  const { client, newUser, create, pay, stripe, emulator, waitForStatus } = stack()
  const user = await client(newUser())
  const { purchaseId, sessionId } = await create(user)
  await pay(sessionId, { method: 'us_bank_account' })
  await waitFor('the payment to be processing', async () => (await user.purchases.get.query({ id: purchaseId })).processing, {
    timeoutMs: 20_000,
  })
  const input = { payToViewProductId: seedIds.permanentProduct, entityId: seedIds.film, returnUrl: 'https://yoursite.com/' }
  expect(await user.purchases.create.mutate(input)).toEqual({
    ...{ success: false, hasAccess: false, purchaseId, reason: 'payment_processing' },
  })
  const { payment_intent } = await stripe.checkout.sessions.retrieve(sessionId)
  await emulator(`payment_intents/${payment_intent}/settle`, { outcome: 'failed' })
  await waitForStatus(user, purchaseId, 'Failed')
  const next = await create(user, seedIds.permanentProduct)
  await pay(next.sessionId, { method: 'us_bank_account' })
  const { payment_intent: later } = await stripe.checkout.sessions.retrieve(next.sessionId)
  await emulator(`payment_intents/${later}/settle`, { outcome: 'succeeded' })
  expect(await waitForStatus(user, next.purchaseId, 'Completed')).toMatchObject({ hasAccess: true, expiresAt: null })
})

test('a dispute suspends access, a lost dispute ends it, and a won appeal restores it', async () => {
  const { client, newUser, create, pay, stripe, emulator, waitForStatus } = stack()
  const user = await client(newUser())
  const { purchaseId, sessionId } = await create(user)
  await pay(sessionId, { card: '4000000000000259' })
  const disputed = await waitForStatus(user, purchaseId, 'Disputed')
  expect(disputed.hasAccess).toBe(false)
  expect(
    await user.purchases.create.mutate({
      payToViewProductId: seedIds.permanentProduct,
      entityId: seedIds.film,
      returnUrl: 'https://yoursite.com/',
    }),
  ).toEqual({ success: false, hasAccess: false, purchaseId, reason: 'disputed' })
  const admin = await client('root', { admin: true })
  await expect(admin.admin.purchases.refund.mutate({ id: purchaseId })).rejects.toMatchObject({
    data: { problem: { code: 'disputed' } },
  })
  const dispute = (await stripe.disputes.list({ payment_intent: disputed.externalTransactionId ?? '' })).data[0]?.id
  await emulator(`disputes/${dispute}/lose`)
  await waitForStatus(user, purchaseId, 'ChargedBack')
  await expect(admin.admin.purchases.refund.mutate({ id: purchaseId })).rejects.toMatchObject({
    data: { problem: { code: 'charged_back' } },
  })
  await emulator(`disputes/${dispute}/appeal`)
  await waitForStatus(user, purchaseId, 'Disputed')
  await emulator(`disputes/${dispute}/win`)
  expect(await waitForStatus(user, purchaseId, 'Completed')).toMatchObject({ hasAccess: true, expiresAt: disputed.expiresAt })
})

test('a partial and a full refund at the same time, and one in the dashboard, never refund more than was paid', async () => {
  const { client, newUser, create, pay, stripe, waitForStatus, emulator } = stack()
  const user = await client(newUser())
  const admin = await client('root', { admin: true })
  const { purchaseId, sessionId } = await create(user)
  await pay(sessionId)
  const { externalTransactionId } = await waitForStatus(user, purchaseId, 'Completed')
  const payment = externalTransactionId ?? ''
  // Slow responses from Stripe make the refunds overlap.
  await emulator('faults', { on: 'api', path: '/v1/refunds', effect: 'latency', ms: [100, 400], probability: 1 })
  const fullRefund = admin.admin.purchases.refund.mutate({ id: purchaseId, requestId: 'all' })
  // If the full refund comes first, the partial refunds are rejected.
  await Promise.allSettled([
    admin.admin.purchases.refund.mutate({ id: purchaseId, amount: 150 }),
    stripe.refunds.create({ payment_intent: payment, amount: 100 }),
    fullRefund,
  ])
  await emulator('faults', {}, 'DELETE')
  await waitForStatus(user, purchaseId, 'Refunded')
  const { data } = await stripe.refunds.list({ payment_intent: payment })
  expect(data.reduce((sum, { amount }) => sum + amount, 0)).toBe(499)
  expect(await admin.admin.purchases.refund.mutate({ id: purchaseId, requestId: 'all' })).toEqual(await fullRefund)
})

test('a refund that fails later restores access and raises an alert', async () => {
  const { client, newUser, create, pay, stripe, emulator, waitForStatus } = stack()
  const user = await client(newUser())
  const { purchaseId, sessionId } = await create(user)
  await pay(sessionId)
  await waitForStatus(user, purchaseId, 'Completed')
  const admin = await client('root', { admin: true })
  const refund = { id: purchaseId, requestId: 'once' }
  const { refundId } = await admin.admin.purchases.refund.mutate(refund)
  expect(await user.purchases.get.query({ id: purchaseId })).toMatchObject({ status: 'Refunded', hasAccess: false })
  await emulator(`refunds/${refundId}/fail`)
  expect(await waitForStatus(user, purchaseId, 'Completed')).toMatchObject({
    hasAccess: true,
    amountRefunded: 0,
    refundedAt: null,
  })
  expect(await admin.admin.purchases.refund.mutate(refund)).toMatchObject({ refundId, status: 'Refunded' })
  const audit = await admin.admin.purchases.get.query({ id: purchaseId })
  expect(audit.alerts.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['refund_failed', 'restored']))
  expect(audit.links).toMatchObject({ payment: expect.stringContaining(`/payments/${audit.externalTransactionId}`) })
  expect((await stripe.refunds.list({ payment_intent: audit.externalTransactionId ?? '' })).data).toHaveLength(1)
})

test('errors, rate limits and lost responses from Stripe never charge twice or block a purchase', async () => {
  const { client, newUser, create, pay, emulator, waitForStatus, stripe } = stack()
  const user = await client(newUser())
  for (const fault of [{ effect: 'error' }, { effect: 'rate_limit' }, { effect: 'lost_response', times: 2 }]) {
    await emulator('faults', { on: 'api', path: '/v1/checkout/sessions', method: 'POST', times: 1, ...fault })
  }
  const { purchaseId, sessionId } = await waitFor('a checkout', () => create(user).catch(() => null), {
    timeoutMs: 30_000,
    intervalMs: 500,
  })
  await emulator('faults', {}, 'DELETE')
  const { customer } = await stripe.checkout.sessions.retrieve(sessionId)
  const sessions = await stripe.checkout.sessions.list({ customer: typeof customer === 'string' ? customer : '', status: 'open' })
  expect(sessions.data.map((session) => session.id)).toEqual([sessionId])
  await pay(sessionId)
  await waitForStatus(user, purchaseId, 'Completed')
  await emulator('faults', { on: 'api', path: '/v1/refunds', method: 'POST', effect: 'error', times: 1 })
  const admin = await client('root', { admin: true })
  const refunded = await admin.admin.purchases.refund.mutate({ id: purchaseId, amount: 100, requestId: 'partial' })
  expect(refunded).toMatchObject({ amountRefunded: 100 })
})

test('a customer that was deleted in Stripe is created again', async () => {
  const { client, newUser, create, stripe } = stack()
  const user = await client(newUser())
  const first = await create(user)
  const { customer } = await stripe.checkout.sessions.retrieve(first.sessionId)
  await stripe.customers.del(typeof customer === 'string' ? customer : '')
  await expect(create(user, seedIds.permanentProduct)).resolves.toMatchObject({ sessionId: expect.stringMatching(/^cs_/) })
})
