import { expect, test } from 'vitest'
import { rejection, startTestEmulator, waitFor } from './harness.ts'

test('a full refund succeeds and marks the charge as refunded, without the refund’s metadata', async () => {
  const { stripe, createPaidSession } = await startTestEmulator()
  const { intent, charge } = await createPaidSession()
  const refund = await stripe.refunds.create({
    payment_intent: intent.id,
    reason: 'requested_by_customer',
    metadata: { by: 'admin' },
  })
  expect(refund).toMatchObject({
    amount: 499,
    status: 'succeeded',
    charge: charge.id,
    payment_intent: intent.id,
    metadata: { by: 'admin' },
  })
  expect(await stripe.charges.retrieve(charge.id)).toMatchObject({ amount_refunded: 499, refunded: true })
  const [event] = (await stripe.events.list({ type: 'charge.refunded' })).data
  expect(event?.data.object).toMatchObject({ id: charge.id, refunded: true, metadata: {} })
  expect(event?.data.object).not.toHaveProperty('refunds')
  expect(event?.data.previous_attributes).toEqual({ amount_refunded: 0, refunded: false })
  expect(await rejection(stripe.refunds.create({ charge: charge.id }))).toMatchObject({
    code: 'charge_already_refunded',
    statusCode: 400,
  })
})

test('partial refunds add up, and refunded becomes true only with the last one', async () => {
  const { stripe, createPaidSession } = await startTestEmulator()
  const { intent, charge } = await createPaidSession()
  const refunded = async () => {
    const { amount_refunded, refunded } = await stripe.charges.retrieve(charge.id)
    return [amount_refunded, refunded]
  }
  expect((await rejection(stripe.refunds.create({ charge: charge.id, amount: 500 }))).message).toBe(
    'Refund amount ($5.00) is greater than charge amount ($4.99)',
  )
  await stripe.refunds.create({ charge: charge.id, amount: 100 })
  expect(await refunded()).toEqual([100, false])
  expect((await rejection(stripe.refunds.create({ charge: charge.id, amount: 400 }))).message).toBe(
    'Refund amount ($4.00) is greater than unrefunded amount on charge ($3.99)',
  )
  await stripe.refunds.create({ payment_intent: intent.id, amount: 300 })
  await stripe.refunds.create({ payment_intent: intent.id })
  expect(await refunded()).toEqual([499, true])
  expect((await stripe.events.list({ type: 'charge.refunded' })).data).toHaveLength(3)
  expect((await stripe.refunds.list({ payment_intent: intent.id })).data.map(({ amount }) => amount)).toEqual([99, 300, 100])
  expect((await stripe.refunds.list({ charge: charge.id, limit: 2 })).has_more).toBe(true)
  const withRefunds = await stripe.charges.retrieve(charge.id, { expand: ['refunds'] })
  expect(withRefunds.refunds?.data).toHaveLength(3)
})

test.each([
  [{}, 'parameter_missing'],
  [{ charge: 'ch_x' }, 'resource_missing'],
  [{ payment_intent: 'pi_x' }, 'resource_missing'],
  [{ payment_intent: 'pi_x', charge: 'ch_x' }, 'parameters_exclusive'],
  [{ payment_intent: 'pi_x', amount: 0 }, 'parameter_invalid_integer'],
  [{ payment_intent: 'pi_x', reason: 'bored' }, undefined],
])('a refund with %o is rejected', async (params, code) => {
  const { stripe } = await startTestEmulator()
  expect(await rejection(stripe.refunds.create(params))).toMatchObject({ type: 'StripeInvalidRequestError', code })
})

test('an unsuccessful payment cannot be refunded', async () => {
  const { stripe, newSession, pay } = await startTestEmulator()
  const { id } = await newSession()
  const { body } = await pay(id, { card: '4000000000000002' })
  const error = await rejection(stripe.refunds.create({ payment_intent: String(body.session?.payment_intent) }))
  expect(error.message).toContain('does not have a successful charge to refund')
})

test('card …5126: the refund succeeds, then fails, and the charge no longer counts it as refunded', async () => {
  const { stripe, createPaidSession, eventTypes } = await startTestEmulator()
  const { intent, charge } = await createPaidSession('4000000000005126')
  expect(await stripe.refunds.create({ payment_intent: intent.id })).toMatchObject({ status: 'succeeded' })
  const failed = await waitFor(async () =>
    (await stripe.refunds.list({ payment_intent: intent.id })).data.find(({ status }) => status === 'failed'),
  )
  expect(failed).toMatchObject({
    failure_reason: 'expired_or_canceled_card',
    failure_balance_transaction: expect.stringMatching(/^txn_/),
  })
  expect(await stripe.charges.retrieve(charge.id)).toMatchObject({ amount_refunded: 0, refunded: false })
  expect((await eventTypes()).slice(-5)).toEqual([
    'refund.created',
    'charge.refunded',
    'refund.updated',
    'charge.refund.updated',
    'refund.failed',
  ])
  expect(await stripe.refunds.create({ payment_intent: intent.id })).toMatchObject({ amount: 499 })
})

test('card …7726: the refund is pending, then succeeds', async () => {
  const { stripe, createPaidSession, helper } = await startTestEmulator({ refundDelaySeconds: 3600 })
  const { charge } = await createPaidSession('4000000000007726')
  const { id } = await stripe.refunds.create({ charge: charge.id })
  expect(await stripe.refunds.retrieve(id)).toMatchObject({ status: 'pending' })
  expect(await stripe.charges.retrieve(charge.id)).toMatchObject({ amount_refunded: 499, refunded: true })
  await helper('/clock/advance', { seconds: 3600 })
  expect(await stripe.refunds.retrieve(id)).toMatchObject({ status: 'succeeded' })
  const [event] = (await stripe.events.list({ type: 'refund.updated' })).data
  expect(event?.data.previous_attributes).toMatchObject({ status: 'pending' })
})

test('the helpers move a refund through its statuses, but only as Stripe would', async () => {
  const { stripe, createPaidSession, helper } = await startTestEmulator({ refundDelaySeconds: 86_400 })
  const { charge } = await createPaidSession('4000000000007726')
  const { id } = await stripe.refunds.create({ charge: charge.id })
  expect(await rejection(stripe.refunds.cancel(id))).toMatchObject({ statusCode: 400 })
  expect((await helper(`/refunds/${id}/require_action`)).body).toMatchObject({ status: 'requires_action' })
  expect((await helper(`/refunds/${id}/set_pending`)).body).toMatchObject({ status: 'pending' })
  await helper(`/refunds/${id}/require_action`)
  expect(await stripe.refunds.cancel(id)).toMatchObject({ status: 'canceled' })
  expect(await stripe.charges.retrieve(charge.id)).toMatchObject({ amount_refunded: 0, refunded: false })
  expect((await helper(`/refunds/${id}/succeed`)).status).toBe(400)
  const second = await stripe.refunds.create({ charge: charge.id, amount: 10 })
  expect((await helper(`/refunds/${second.id}/succeed`)).body).toMatchObject({ status: 'succeeded' })
  expect((await helper(`/refunds/${second.id}/set_pending`)).status).toBe(400)
  expect((await helper(`/refunds/${second.id}/fail`)).body).toMatchObject({ status: 'failed' })
  expect(await stripe.refunds.update(second.id, { metadata: { seen: 'yes' } })).toMatchObject({ metadata: { seen: 'yes' } })
})
