import type Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { filmItem, rejection, startTestEmulator } from './harness.ts'

type Emulator = Awaited<ReturnType<typeof startTestEmulator>>

const item = (unit_amount: number, currency = 'usd', quantity = 1) => ({
  quantity,
  price_data: { currency, unit_amount, product_data: { name: 'Nosferatu' } },
})

const newCode = async (
  { stripe }: Emulator,
  coupon: Stripe.CouponCreateParams,
  params: Omit<Stripe.PromotionCodeCreateParams, 'promotion'> = {},
) => {
  const { id } = await stripe.coupons.create(coupon)
  return stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: id }, ...params })
}

const redemptions = async ({ stripe }: Emulator, code: Stripe.PromotionCode) => {
  const { times_redeemed, active, promotion } = await stripe.promotionCodes.retrieve(code.id)
  const coupon = await stripe.coupons.retrieve(String(promotion.coupon))
  return { code: times_redeemed, coupon: coupon.times_redeemed, active }
}

describe('a session with a promotion code', () => {
  test('has discounted totals, charges them, and counts the redemption when it is paid', async () => {
    const emulator = await startTestEmulator()
    const { stripe, newSession, pay } = emulator
    const code = await newCode(emulator, { percent_off: 25 }, { code: 'SPRING', max_redemptions: 1 })
    const session = await newSession({ discounts: [{ promotion_code: code.id }] })
    expect(session).toMatchObject({
      amount_subtotal: 499,
      amount_total: 374,
      total_details: { amount_discount: 125, amount_tax: 0 },
      discounts: [{ coupon: null, promotion_code: code.id }],
    })
    expect(session.total_details).not.toHaveProperty('breakdown')
    expect(await redemptions(emulator, code)).toEqual({ code: 0, coupon: 0, active: true })
    await pay(session.id)
    expect(await redemptions(emulator, code)).toEqual({ code: 1, coupon: 1, active: false })
    const paid = await stripe.checkout.sessions.retrieve(session.id, {
      expand: [
        'payment_intent.latest_charge',
        'total_details.breakdown',
        'discounts.promotion_code',
        'line_items.data.discounts',
      ],
    })
    expect(paid).toMatchObject({
      payment_status: 'paid',
      payment_intent: { amount: 374, amount_received: 374, latest_charge: { amount: 374 } },
      total_details: {
        breakdown: { discounts: [{ amount: 125, discount: { object: 'discount', promotion_code: code.id } }], taxes: [] },
      },
      discounts: [{ promotion_code: { code: 'SPRING' } }],
      line_items: { data: [{ amount_discount: 125, amount_total: 374, discounts: [{ amount: 125 }] }] },
    })
    expect((await stripe.promotionCodes.list({ code: 'spring', active: true })).data).toEqual([])
    expect((await stripe.promotionCodes.list({ code: 'spring', active: false })).data).toMatchObject([{ id: code.id }])
  })

  test.each([
    ['0.5% of 499 is 2.495, rounded down', { percent_off: 0.5 }, [item(499)], 2],
    ['0.5% of 500 is 2.5, rounded up', { percent_off: 0.5 }, [item(500)], 3],
    ['each line is rounded', { percent_off: 0.5 }, [item(100), item(100), item(500)], 5],
    ['33.33%', { percent_off: 33.33 }, [item(1000)], 333],
    ['yen have no decimals', { percent_off: 15 }, [item(990, 'jpy')], 149],
    ['dinars keep a zero as the last digit', { percent_off: 33 }, [item(5000, 'kwd')], 1650],
    ['dinars are rounded to tens', { percent_off: 12.5 }, [item(1500, 'kwd')], 190],
    ['a fixed amount', { amount_off: 200, currency: 'usd' }, [item(499)], 200],
    ['a fixed amount over several lines', { amount_off: 100, currency: 'usd' }, [item(333), item(333), item(334)], 100],
    ['at most the subtotal', { amount_off: 900, currency: 'usd' }, [item(499)], 499],
  ] as const)('%s', async (_case, coupon, lines, discount) => {
    const { stripe, newSession } = await startTestEmulator()
    const { id } = await stripe.coupons.create(coupon)
    const { total_details, amount_subtotal, amount_total } = await newSession({
      line_items: [...lines],
      discounts: [{ coupon: id }],
    })
    expect(total_details).toMatchObject({ amount_discount: discount })
    expect(amount_total).toBe((amount_subtotal ?? 0) - discount)
  })

  test('is rejected together with allow_promotion_codes, and with an unknown code', async () => {
    const emulator = await startTestEmulator()
    const { newSession } = emulator
    const code = await newCode(emulator, { percent_off: 25 })
    expect(await rejection(newSession({ discounts: [{ promotion_code: code.id }], allow_promotion_codes: true }))).toMatchObject({
      statusCode: 400,
      param: 'allow_promotion_codes',
      message: 'You may only specify one of these parameters: allow_promotion_codes, discounts.',
    })
    expect(await rejection(newSession({ discounts: [{ promotion_code: 'promo_1' }] }))).toMatchObject({
      statusCode: 400,
      code: 'resource_missing',
      param: 'discounts[0][promotion_code]',
      message: "No such promotion code: 'promo_1'",
    })
    expect(await rejection(newSession({ discounts: [{ coupon: 'NONE' }] }))).toMatchObject({ param: 'discounts[0][coupon]' })
    const both = { promotion_code: code.id, coupon: 'NONE' }
    expect(await rejection(newSession({ discounts: [both] }))).toMatchObject({ param: 'discounts[0]' })
  })

  test('that would leave less than the minimum charge is rejected', async () => {
    const { stripe, newSession } = await startTestEmulator()
    const { id } = await stripe.coupons.create({ percent_off: 95 })
    expect(await rejection(newSession({ discounts: [{ coupon: id }] }))).toMatchObject({ code: 'amount_too_small' })
  })
})

describe('a code that cannot be redeemed is rejected with the reason', () => {
  const cases: [string, Stripe.CouponCreateParams, Omit<Stripe.PromotionCodeCreateParams, 'promotion'>, string][] = [
    ['inactive', { percent_off: 10 }, { active: false }, 'it is not active'],
    [
      'below the minimum amount',
      { percent_off: 10 },
      { restrictions: { minimum_amount: 500, minimum_amount_currency: 'usd' } },
      'the order does not meet its minimum amount',
    ],
    ['in another currency', { amount_off: 100, currency: 'eur' }, {}, 'its currency does not match'],
  ]
  test.each(cases)('%s', async (_case, coupon, params, reason) => {
    const emulator = await startTestEmulator()
    const code = await newCode(emulator, coupon, params)
    expect(await rejection(emulator.newSession({ discounts: [{ promotion_code: code.id }] }))).toMatchObject({
      statusCode: 400,
      param: 'discounts[0][promotion_code]',
      message: expect.stringContaining(reason),
    })
  })

  test('an expired code, and an expired coupon', async () => {
    const emulator = await startTestEmulator()
    const { stripe, helper, newSession } = emulator
    const inAnHour = Math.floor(Date.now() / 1000) + 3600
    const code = await newCode(emulator, { percent_off: 10 }, { expires_at: inAnHour })
    await stripe.coupons.create({ id: 'OLD', percent_off: 10, redeem_by: inAnHour })
    await helper('/clock/advance', { seconds: 3601 })
    expect((await rejection(newSession({ discounts: [{ promotion_code: code.id }] }))).message).toContain('it has expired')
    expect(await rejection(newSession({ discounts: [{ coupon: 'OLD' }] }))).toMatchObject({
      code: 'coupon_expired',
      message: 'Coupon expired: OLD',
    })
  })

  test('a code of another customer, and a code for a first purchase only', async () => {
    const emulator = await startTestEmulator()
    const { stripe, newSession, pay } = emulator
    const [alice, bob] = [await stripe.customers.create(), await stripe.customers.create()]
    const own = await newCode(emulator, { percent_off: 10 }, { customer: alice.id })
    const first = await newCode(emulator, { percent_off: 10 }, { restrictions: { first_time_transaction: true } })
    const withCode = (code: string, customer: string) => newSession({ customer, discounts: [{ promotion_code: code }] })
    expect((await rejection(withCode(own.id, bob.id))).message).toContain('it is restricted to another customer')
    await pay((await withCode(own.id, alice.id)).id)
    expect((await rejection(withCode(first.id, alice.id))).message).toBe(
      'This promotion code cannot be redeemed because the associated customer has prior transactions.',
    )
    expect(await withCode(first.id, bob.id)).toMatchObject({ amount_total: 449 })
  })

  test('a code of a coupon for other products', async () => {
    const { stripe, newSession } = await startTestEmulator()
    const product = await stripe.products.create({ name: 'Nosferatu' })
    const { id: price } = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 1000 })
    const coupon = await stripe.coupons.create({ percent_off: 50, applies_to: { products: [product.id] } })
    const discounts = [{ coupon: coupon.id }]
    expect((await rejection(newSession({ discounts }))).message).toContain('it does not apply to any of the items')
    const mixed = await newSession({ discounts, line_items: [{ price, quantity: 1 }, filmItem] })
    expect(mixed).toMatchObject({ amount_subtotal: 1499, amount_total: 999 })
  })
})

describe('the last redemption', () => {
  test('goes to the buyer who pays first; the form shows an error to all other buyers', async () => {
    const emulator = await startTestEmulator()
    const { newSession, pay, stripe } = emulator
    const code = await newCode(emulator, { percent_off: 50 }, { max_redemptions: 1 })
    const sessions = await Promise.all([1, 2, 3].map(() => newSession({ discounts: [{ promotion_code: code.id }] })))
    const results = await Promise.all(sessions.map(({ id }) => pay(id)))
    expect(results.map(({ status }) => status).sort()).toEqual([200, 400, 400])
    expect(results.find(({ status }) => status === 400)?.body).toMatchObject({
      error: { type: 'invalid_request_error', param: 'promotion_code', message: 'This code is no longer valid.' },
    })
    expect(await redemptions(emulator, code)).toEqual({ code: 1, coupon: 1, active: false })
    expect((await stripe.charges.list()).data).toHaveLength(1)
  })

  test('is not used up by a declined card or by a payment that is waiting for 3D Secure', async () => {
    const emulator = await startTestEmulator()
    const { newSession, pay } = emulator
    const code = await newCode(emulator, { percent_off: 50 }, { max_redemptions: 1 })
    const [first, second] = await Promise.all([1, 2].map(() => newSession({ discounts: [{ promotion_code: code.id }] })))
    await pay(first?.id ?? '', { card: '4000000000000002' })
    await pay(first?.id ?? '', { card: '4000002760003184' })
    expect(await redemptions(emulator, code)).toEqual({ code: 0, coupon: 0, active: true })
    expect((await pay(second?.id ?? '')).status).toBe(200)
    expect((await pay(first?.id ?? '', { authenticate: 'complete' })).status).toBe(400)
    expect(await redemptions(emulator, code)).toEqual({ code: 1, coupon: 1, active: false })
  })
})

test('a code that becomes invalid before the payment causes an error in the form', async () => {
  const emulator = await startTestEmulator()
  const { stripe, newSession, pay, helper } = emulator
  const inAnHour = Math.floor(Date.now() / 1000) + 3600
  const expiring = await newCode(emulator, { percent_off: 10 }, { expires_at: inAnHour })
  const stopped = await newCode(emulator, { percent_off: 10 })
  const deleted = await newCode(emulator, { percent_off: 10 })
  const sessions = await Promise.all(
    [expiring, stopped, deleted].map((code) => newSession({ discounts: [{ promotion_code: code.id }] })),
  )
  await stripe.promotionCodes.update(stopped.id, { active: false })
  await stripe.coupons.del(String(deleted.promotion.coupon))
  await helper('/clock/advance', { seconds: 3601 })
  const results = await Promise.all(sessions.map(({ id }) => pay(id)))
  expect(results).toMatchObject([
    { status: 400, body: { error: { param: 'promotion_code', message: 'This code has expired.' } } },
    { status: 400, body: { error: { param: 'promotion_code', message: 'This code is no longer valid.' } } },
    { status: 400, body: { error: { param: 'promotion_code', message: 'This code is no longer valid.' } } },
  ])
  expect((await stripe.charges.list()).data).toEqual([])
  expect(await stripe.checkout.sessions.retrieve(sessions[1]?.id ?? '')).toMatchObject({ status: 'open', amount_total: 449 })
})

describe('a code typed in the form', () => {
  test('is applied at payment, in upper or lower case; for a wrong code, the error names the field', async () => {
    const emulator = await startTestEmulator()
    const { stripe, newSession, pay } = emulator
    const code = await newCode(emulator, { amount_off: 100, currency: 'usd' }, { code: 'SUMMER' })
    const { id } = await newSession({ allow_promotion_codes: true })
    expect((await pay(id, { promotionCode: 'WINTER' })).body).toMatchObject({
      error: { param: 'promotion_code', message: 'This code is invalid.' },
    })
    await pay(id, { promotionCode: 'summer' })
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({
      amount_total: 399,
      discounts: [{ promotion_code: code.id }],
      payment_status: 'paid',
    })
    const closed = await newSession()
    expect((await pay(closed.id, { promotionCode: 'SUMMER' })).status).toBe(400)
  })

  test('changes the totals before the payment, and can be removed', async () => {
    const emulator = await startTestEmulator()
    const { stripe, newSession, helper } = emulator
    await newCode(emulator, { percent_off: 10 }, { code: 'TEN' })
    const { id } = await newSession({ allow_promotion_codes: true })
    const form = (promotionCode: string) => helper(`/checkout/sessions/${id}/form`, { promotionCode })
    expect((await form('TEN')).body).toMatchObject({ session: { amount_total: 449 } })
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ amount_total: 449 })
    expect((await form('')).body).toMatchObject({ session: { amount_total: 499, discounts: [] } })
  })

  test('after a declined card, changes the amount of the payment intent', async () => {
    const emulator = await startTestEmulator()
    const { stripe, newSession, pay } = emulator
    await newCode(emulator, { percent_off: 10 }, { code: 'TEN' })
    await newCode(emulator, { percent_off: 100 }, { code: 'FREE' })
    const { id } = await newSession({ allow_promotion_codes: true })
    const declined = await pay(id, { card: '4000000000000002' })
    const intent = String(declined.body.session?.payment_intent)
    expect(await stripe.paymentIntents.retrieve(intent)).toMatchObject({ amount: 499 })
    await pay(id, { card: '4000000000000002', promotionCode: 'TEN' })
    expect(await stripe.paymentIntents.retrieve(intent)).toMatchObject({ amount: 449 })
    expect((await pay(id, { promotionCode: 'FREE' })).body).toMatchObject({
      session: { payment_intent: null, payment_status: 'no_payment_required' },
    })
    expect(await stripe.paymentIntents.retrieve(intent)).toMatchObject({ status: 'canceled' })
  })
})

test('a 100%-off order completes without a payment intent or charge, with a customer, and with one event for the session', async () => {
  const emulator = await startTestEmulator()
  const { stripe, newSession, pay, eventTypes } = emulator
  const code = await newCode(emulator, { percent_off: 100 })
  const { id } = await newSession({ discounts: [{ promotion_code: code.id }] })
  expect((await pay(id, { email: 'alice@example.com' })).body).toMatchObject({ outcome: 'paid', payment_intent: null })
  const session = await stripe.checkout.sessions.retrieve(id, { expand: ['customer'] })
  expect(session).toMatchObject({
    amount_subtotal: 499,
    amount_total: 0,
    payment_intent: null,
    payment_status: 'no_payment_required',
    status: 'complete',
    customer: { email: 'alice@example.com' },
  })
  expect((await stripe.charges.list()).data).toEqual([])
  expect((await eventTypes()).filter((type) => /checkout|payment|charge/.test(type))).toEqual(['checkout.session.completed'])
  expect(await redemptions(emulator, code)).toMatchObject({ code: 1, coupon: 1 })
})
