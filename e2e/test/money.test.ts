import { problemOf } from '@pay-to-view/client'
import { waitFor } from '@pay-to-view/devstack/wait'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'

const stack = useStack()

test('the price quoted is the price charged, even if the product changes meanwhile; a withdrawn product still completes', async () => {
  const { client, newUser, create, pay, waitForStatus } = stack()
  const admin = await client('root', { admin: true })
  const { payToViewProductId } = await admin.admin.products.create.mutate({
    ...{ name: 'A week', amount: 300, currency: 'usd', accessDurationDays: 7 },
  })
  await admin.admin.products.offer.mutate({ payToViewProductId, entityId: seedIds.film, offered: true })
  const viewer = await client(newUser())
  const { purchaseId, sessionId } = await create(viewer, payToViewProductId)
  await admin.admin.products.change.mutate({ payToViewProductId, amount: 900, accessDurationDays: 1, active: false })
  await pay(sessionId)
  const { completedAt, expiresAt, ...paid } = await waitForStatus(viewer, purchaseId, 'Completed')
  expect(paid).toMatchObject({ amount: 300, hasAccess: true })
  expect(Date.parse(expiresAt ?? '') - Date.parse(completedAt ?? '')).toBe(7 * 86_400_000)
  const other = await client(newUser())
  await expect(create(other, payToViewProductId)).rejects.toMatchObject({ data: { problem: { code: 'product_not_on_sale' } } })
})

test('what is on sale for another time is another checkout, also within five minutes', async () => {
  const { client, newUser, create, pay, waitForStatus } = stack()
  const { products } = (await client('root', { admin: true })).admin
  const { payToViewProductId } = await products.create.mutate({
    ...{ name: 'A day', amount: 300, currency: 'usd', accessDurationDays: 1 },
  })
  await products.offer.mutate({ payToViewProductId, entityId: seedIds.film, offered: true })
  const viewer = await client(newUser())
  const day = await create(viewer, payToViewProductId)
  await products.change.mutate({ payToViewProductId, name: 'A year', accessDurationDays: 365 })
  const year = await create(viewer, payToViewProductId)
  expect(year.purchaseId).not.toBe(day.purchaseId)
  await pay(year.sessionId)
  const { completedAt, expiresAt } = await waitForStatus(viewer, year.purchaseId, 'Completed')
  expect(Date.parse(expiresAt ?? '') - Date.parse(completedAt ?? '')).toBe(365 * 86_400_000)
})

test('a price that Stripe does not take, and an offer of what is not there, are refused by their field', async () => {
  const { products } = (await stack().client('root', { admin: true })).admin
  const { payToViewProductId } = await products.create.mutate({
    ...{ name: 'A week in dinars', amount: 1_250, currency: 'kwd', accessDurationDays: 7 },
  })
  const refusal = (code: string, field: string) => ({ data: { problem: { code, errors: [{ field }] } } })
  const unknown = 'prod_01m85eetz6e8qthwvnjjs5zz4z'
  const change = { payToViewProductId }
  await expect(products.change.mutate({ ...change, amount: 1_255 })).rejects.toMatchObject(refusal('validation', 'amount'))
  await products.change.mutate({ ...change, amount: 1_255, currency: 'usd' })
  await expect(products.change.mutate({ ...change, currency: 'kwd' })).rejects.toMatchObject(refusal('validation', 'amount'))
  await expect(products.change.mutate({ payToViewProductId: unknown, name: 'None' })).rejects.toMatchObject(
    refusal('product_not_found', 'payToViewProductId'),
  )
  await expect(
    products.offer.mutate({ payToViewProductId, entityId: 'vid_01m85eetz2e8qthwsqr5v0dh8z', offered: true }),
  ).rejects.toMatchObject(refusal('entity_not_found', 'entityId'))
  await expect(
    products.offer.mutate({ payToViewProductId: unknown, entityId: seedIds.film, offered: true }),
  ).rejects.toMatchObject(refusal('product_not_found', 'payToViewProductId'))
})

test('a payment that is not what was quoted gives nothing and alerts; an admin accepts it, or refunds it', async () => {
  const { client, newUser, create, payInDashboard, waitForStatus } = stack()
  const admin = await client('root', { admin: true })
  const strange = async () => {
    const user = newUser()
    const viewer = await client(user)
    const { purchaseId, sessionId } = await create(viewer)
    await payInDashboard(sessionId, 100)
    await waitFor('an alert', async () => (await admin.admin.purchases.get.query({ id: purchaseId })).mismatch, {
      timeoutMs: 20_000,
    })
    return { viewer, purchaseId, sessionId }
  }
  const first = await strange()
  const wanted = {
    payToViewProductId: seedIds.thirtyDayProduct,
    entityId: seedIds.film,
    returnUrl: 'https://yoursite.com/purchase/complete',
  }
  expect(await first.viewer.purchases.create.mutate(wanted)).toEqual({
    ...{ success: false, hasAccess: false, purchaseId: first.purchaseId, reason: 'payment_review' },
  })
  expect((await stack().stripe.checkout.sessions.retrieve(first.sessionId)).status).toBe('expired')
  expect(await first.viewer.access.check.query({ entityId: seedIds.film })).toMatchObject({ hasAccess: false })
  const { items } = await admin.admin.alerts.list.query({ kind: 'mismatch' })
  expect(items).toContainEqual(
    expect.objectContaining({ purchaseId: first.purchaseId, detail: expect.objectContaining({ amount: 100 }) }),
  )
  expect(await admin.admin.purchases.accept.mutate({ id: first.purchaseId, reason: 'agreed by mail' })).toMatchObject({
    status: 'Completed',
    hasAccess: true,
  })
  const open = async () => (await admin.admin.alerts.list.query({ kind: 'mismatch' })).items.map(({ purchaseId }) => purchaseId)
  expect(await open()).not.toContain(first.purchaseId)
  const told = await admin.admin.purchases.get.query({ id: first.purchaseId })
  expect(told.timeline.at(-1)).toMatchObject({
    toStatus: 'Completed',
    cause: { kind: 'payment_accepted', by: 'root', reason: 'agreed by mail' },
  })
  await expect(admin.admin.purchases.accept.mutate({ id: first.purchaseId })).rejects.toMatchObject({
    data: { problem: { code: 'nothing_to_accept' } },
  })

  const second = await strange()
  expect(await admin.admin.purchases.refund.mutate({ id: second.purchaseId })).toMatchObject({ status: 'Refunded', amount: 100 })
  await waitForStatus(second.viewer, second.purchaseId, 'Refunded')
})

test('a part that is refunded without a key, and not answered in time, tells the key by which it is asked again and carried out once', async () => {
  const { client, newUser, create, pay, waitForStatus, emulator } = stack()
  const admin = await client('root', { admin: true })
  const viewer = await client(newUser())
  const { purchaseId, sessionId } = await create(viewer)
  await pay(sessionId)
  await waitForStatus(viewer, purchaseId, 'Completed')
  await emulator('faults', { on: 'api', effect: 'cut', method: 'POST', path: '/v1/refunds' })
  const wish = { id: purchaseId, amount: 100 }
  const unanswered = await admin.admin.purchases.refund.mutate(wish).then(() => null, problemOf)
  await emulator('faults', {}, 'DELETE')
  expect(unanswered).toMatchObject({ status: 504, code: 'refund_unconfirmed', errors: [{ field: 'requestId' }] })
  const requestId = unanswered?.errors[0]?.message.replace('Expected ', '')
  expect(await admin.admin.purchases.refund.mutate({ ...wish, requestId })).toMatchObject({ amount: 100, amountRefunded: 100 })
}, 90_000)

test('a second payment for what is owned is refunded as a duplicate, and the operator is told', async () => {
  const { client, newUser, create, pay, payInDashboard, stripe, waitForStatus } = stack()
  const viewer = await client(newUser())
  const { purchaseId, sessionId } = await create(viewer)
  await pay(sessionId)
  const first = await waitForStatus(viewer, purchaseId, 'Completed')
  const { payment_intent } = await stripe.checkout.sessions.retrieve(await payInDashboard(sessionId, 499))
  const second = typeof payment_intent === 'string' ? payment_intent : ''
  // Of two payments in one second of Stripe's clock either may count as the first: one of them is given back, and only one.
  const refunds = async () =>
    (
      await Promise.all(
        [first.externalTransactionId ?? '', second].map((payment) => stripe.refunds.list({ payment_intent: payment })),
      )
    ).flatMap(({ data }) => data)
  await waitFor('the refund', async () => (await refunds()).some(({ status }) => status === 'succeeded'), { timeoutMs: 20_000 })
  expect(await refunds()).toMatchObject([{ amount: 499, reason: 'duplicate', status: 'succeeded' }])
  expect(await viewer.purchases.get.query({ id: purchaseId })).toMatchObject({
    status: 'Completed',
    hasAccess: true,
    amountRefunded: 0,
  })
  const admin = await client('root', { admin: true })
  const { items } = await admin.admin.alerts.list.query({ kind: 'duplicate_refunded' })
  expect(items.map((alert) => alert.purchaseId)).toContain(purchaseId)
})

test('a delayed payment is shown as processing; no second checkout meanwhile; its failure lets the viewer buy again', async () => {
  const { client, newUser, create, pay, stripe, emulator, waitForStatus } = stack()
  const viewer = await client(newUser())
  const { purchaseId, sessionId } = await create(viewer)
  await pay(sessionId, { method: 'us_bank_account' })
  await waitFor('processing', async () => (await viewer.purchases.get.query({ id: purchaseId })).processing, {
    timeoutMs: 20_000,
  })
  const again = { payToViewProductId: seedIds.permanentProduct, entityId: seedIds.film, returnUrl: 'https://yoursite.com/' }
  expect(await viewer.purchases.create.mutate(again)).toEqual({
    ...{ success: false, hasAccess: false, purchaseId, reason: 'payment_processing' },
  })
  const { payment_intent } = await stripe.checkout.sessions.retrieve(sessionId)
  await emulator(`payment_intents/${payment_intent}/settle`, { outcome: 'failed' })
  await waitForStatus(viewer, purchaseId, 'Failed')
  const next = await create(viewer, seedIds.permanentProduct)
  await pay(next.sessionId, { method: 'us_bank_account' })
  const { payment_intent: later } = await stripe.checkout.sessions.retrieve(next.sessionId)
  await emulator(`payment_intents/${later}/settle`, { outcome: 'succeeded' })
  expect(await waitForStatus(viewer, next.purchaseId, 'Completed')).toMatchObject({ hasAccess: true, expiresAt: null })
})

test('a dispute withholds access, a won one gives it back, a lost one takes it, and an appeal can still win', async () => {
  const { client, newUser, create, pay, stripe, emulator, waitForStatus } = stack()
  const viewer = await client(newUser())
  const { purchaseId, sessionId } = await create(viewer)
  await pay(sessionId, { card: '4000000000000259' })
  const disputed = await waitForStatus(viewer, purchaseId, 'Disputed')
  expect(disputed.hasAccess).toBe(false)
  expect(
    await viewer.purchases.create.mutate({
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
  await waitForStatus(viewer, purchaseId, 'ChargedBack')
  await expect(admin.admin.purchases.refund.mutate({ id: purchaseId })).rejects.toMatchObject({
    data: { problem: { code: 'charged_back' } },
  })
  await emulator(`disputes/${dispute}/appeal`)
  await waitForStatus(viewer, purchaseId, 'Disputed')
  await emulator(`disputes/${dispute}/win`)
  expect(await waitForStatus(viewer, purchaseId, 'Completed')).toMatchObject({ hasAccess: true, expiresAt: disputed.expiresAt })
})

test('a refund of part and one of all that is left, asked for at once and beside one in the dashboard, give back what was paid and no more', async () => {
  const { client, newUser, create, pay, stripe, waitForStatus, emulator } = stack()
  const viewer = await client(newUser())
  const admin = await client('root', { admin: true })
  const { purchaseId, sessionId } = await create(viewer)
  await pay(sessionId)
  const { externalTransactionId } = await waitForStatus(viewer, purchaseId, 'Completed')
  const payment = externalTransactionId ?? ''
  // Slow answers, so that each is under way while the others are decided.
  await emulator('faults', { on: 'api', path: '/v1/refunds', effect: 'latency', ms: [100, 400], probability: 1 })
  const all = admin.admin.purchases.refund.mutate({ id: purchaseId, requestId: 'all' })
  // Whoever comes after it is refused.
  await Promise.allSettled([
    admin.admin.purchases.refund.mutate({ id: purchaseId, amount: 150 }),
    stripe.refunds.create({ payment_intent: payment, amount: 100 }),
    all,
  ])
  await emulator('faults', {}, 'DELETE')
  await waitForStatus(viewer, purchaseId, 'Refunded')
  const { data } = await stripe.refunds.list({ payment_intent: payment })
  expect(data.reduce((sum, { amount }) => sum + amount, 0)).toBe(499)
  expect(await admin.admin.purchases.refund.mutate({ id: purchaseId, requestId: 'all' })).toEqual(await all)
})

test('a refund that fails later gives access back, and the operator is told', async () => {
  const { client, newUser, create, pay, stripe, emulator, waitForStatus } = stack()
  const viewer = await client(newUser())
  const { purchaseId, sessionId } = await create(viewer)
  await pay(sessionId)
  await waitForStatus(viewer, purchaseId, 'Completed')
  const admin = await client('root', { admin: true })
  const refund = { id: purchaseId, requestId: 'once' }
  const { refundId } = await admin.admin.purchases.refund.mutate(refund)
  expect(await viewer.purchases.get.query({ id: purchaseId })).toMatchObject({ status: 'Refunded', hasAccess: false })
  await emulator(`refunds/${refundId}/fail`)
  expect(await waitForStatus(viewer, purchaseId, 'Completed')).toMatchObject({
    hasAccess: true,
    amountRefunded: 0,
    refundedAt: null,
  })
  expect(await admin.admin.purchases.refund.mutate(refund)).toMatchObject({ refundId, status: 'Refunded' })
  const told = await admin.admin.purchases.get.query({ id: purchaseId })
  expect(told.alerts.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['refund_failed', 'restored']))
  expect(told.links).toMatchObject({ payment: expect.stringContaining(`/payments/${told.externalTransactionId}`) })
  expect((await stripe.refunds.list({ payment_intent: told.externalTransactionId ?? '' })).data).toHaveLength(1)
})

test('Stripe answers with 500, 429 or a cut connection, and nobody is charged twice or left waiting', async () => {
  const { client, newUser, create, pay, emulator, waitForStatus, stripe } = stack()
  const viewer = await client(newUser())
  for (const fault of [{ effect: 'error' }, { effect: 'rate_limit' }, { effect: 'lost_response', times: 2 }]) {
    await emulator('faults', { on: 'api', path: '/v1/checkout/sessions', method: 'POST', times: 1, ...fault })
  }
  const { purchaseId, sessionId } = await waitFor('a checkout', () => create(viewer).catch(() => null), {
    timeoutMs: 30_000,
    intervalMs: 500,
  })
  await emulator('faults', {}, 'DELETE')
  const { customer } = await stripe.checkout.sessions.retrieve(sessionId)
  const made = await stripe.checkout.sessions.list({ customer: typeof customer === 'string' ? customer : '', status: 'open' })
  expect(made.data.map((session) => session.id)).toEqual([sessionId])
  await pay(sessionId)
  await waitForStatus(viewer, purchaseId, 'Completed')
  await emulator('faults', { on: 'api', path: '/v1/refunds', method: 'POST', effect: 'error', times: 1 })
  const admin = await client('root', { admin: true })
  const refunded = await admin.admin.purchases.refund.mutate({ id: purchaseId, amount: 100, requestId: 'partial' })
  expect(refunded).toMatchObject({ amountRefunded: 100 })
})

test('a customer deleted at Stripe is made anew', async () => {
  const { client, newUser, create, stripe } = stack()
  const viewer = await client(newUser())
  const first = await create(viewer)
  const { customer } = await stripe.checkout.sessions.retrieve(first.sessionId)
  await stripe.customers.del(typeof customer === 'string' ? customer : '')
  await expect(create(viewer, seedIds.permanentProduct)).resolves.toMatchObject({ sessionId: expect.stringMatching(/^cs_/) })
})

test('a price that Stripe refuses is a conflict that says so, makes one attempt, and is told to the operator once', async () => {
  const { client, newUser, create } = stack()
  const admin = await client('root', { admin: true })
  const { payToViewProductId } = await admin.admin.products.create.mutate({
    ...{ name: 'Ten cents', amount: 10, currency: 'usd', accessDurationDays: 7 },
  })
  await admin.admin.products.offer.mutate({ payToViewProductId, entityId: seedIds.film, offered: true })
  const user = newUser()
  const viewer = await client(user)
  const refused = { data: { problem: { code: 'checkout_refused', status: 409 } } }
  await expect(create(viewer, payToViewProductId)).rejects.toMatchObject(refused)
  const { items } = await viewer.purchases.list.query({})
  expect(items).toMatchObject([{ status: 'Expired' }])
  await expect(create(viewer, payToViewProductId)).rejects.toMatchObject(refused)
  const alerts = await admin.admin.alerts.list.query({ kind: 'checkout_refused' })
  expect(alerts.items).toMatchObject([{ detail: { productId: payToViewProductId, code: 'amount_too_small' } }])
})
