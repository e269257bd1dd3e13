import type Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { rejection, startTestEmulator } from './harness.ts'

describe('products and prices', () => {
  test('a product can be updated, with an event that contains the old values', async () => {
    const { stripe } = await startTestEmulator()
    const { id } = await stripe.products.create({ name: 'Nosferatu', tax_code: 'txcd_10402000', metadata: { a: '1' } })
    const price = await stripe.prices.create({ product: id, currency: 'usd', unit_amount: 499 })
    const updated = await stripe.products.update(id, {
      name: 'Nosferatu (1922)',
      tax_code: '',
      default_price: price.id,
      metadata: { b: '2' },
    })
    expect(updated).toMatchObject({
      name: 'Nosferatu (1922)',
      tax_code: null,
      default_price: price.id,
      metadata: { a: '1', b: '2' },
    })
    const [event] = (await stripe.events.list({ type: 'product.updated' })).data
    expect(event?.data.previous_attributes).toEqual({
      name: 'Nosferatu',
      tax_code: 'txcd_10402000',
      default_price: null,
      metadata: { b: null },
    })
    await stripe.products.update(id, { name: 'Nosferatu (1922)' })
    expect((await stripe.events.list({ type: 'product.updated' })).data).toHaveLength(1)
  })

  test('a product without prices can be deleted', async () => {
    const { stripe, eventTypes } = await startTestEmulator()
    const { id } = await stripe.products.create({ id: 'nosferatu', name: 'Nosferatu' })
    expect(await rejection(stripe.products.create({ id, name: 'Again' }))).toMatchObject({ code: 'resource_already_exists' })
    expect(await stripe.products.del(id)).toMatchObject({ id: 'nosferatu', object: 'product', deleted: true })
    expect(await rejection(stripe.products.retrieve(id))).toMatchObject({ statusCode: 404 })
    expect((await eventTypes()).at(-1)).toBe('product.deleted')
    const sold = await stripe.products.create({ name: 'Metropolis' })
    await stripe.prices.create({ product: sold.id, currency: 'usd', unit_amount: 499 })
    expect((await rejection(stripe.products.del(sold.id))).message).toContain('one or more user-created prices')
  })

  test('a price can be deactivated', async () => {
    const { stripe, eventTypes } = await startTestEmulator()
    const product = await stripe.products.create({ name: 'Nosferatu' })
    const { id } = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 499 })
    expect(await stripe.prices.update(id, { active: false, nickname: 'old' })).toMatchObject({ active: false, nickname: 'old' })
    expect((await stripe.prices.list({ active: true })).data).toEqual([])
    expect((await eventTypes()).at(-1)).toBe('price.updated')
  })
})

describe('searching customers', () => {
  const setUp = async () => {
    const { stripe } = await startTestEmulator()
    await stripe.customers.create({ email: 'alice@example.com', name: 'Alice Smith', metadata: { userId: 'u1' } })
    await stripe.customers.create({
      email: 'bob@example.com',
      name: 'Bob Smith',
      metadata: { userId: 'u2', 'the "plan"': 'gold' },
    })
    await stripe.customers.create({ phone: '+15551234' })
    const names = async (query: string) =>
      (await stripe.customers.search({ query })).data.map((customer) => customer.name ?? customer.phone)
    return { stripe, names }
  }

  test.each([
    ['email:"ALICE@example.com"', ['Alice Smith']],
    ["email:'alice@example.com'", ['Alice Smith']],
    ['name~"smi"', ['Bob Smith', 'Alice Smith']],
    ['metadata["userId"]:"u2"', ['Bob Smith']],
    ['metadata["the \\"plan\\""]:"gold"', ['Bob Smith']],
    ['metadata["userId"]:null', ['+15551234']],
    ['name~"smith" AND email:"bob@example.com"', ['Bob Smith']],
    ['name~"smith" email:"bob@example.com"', ['Bob Smith']],
    ['email:"alice@example.com" OR email:"bob@example.com"', ['Bob Smith', 'Alice Smith']],
    ['name~"smith" AND -email:"bob@example.com"', ['Alice Smith']],
    ['created>0 AND created<=99999999999 AND phone:"+15551234"', ['+15551234']],
    ['created<1', []],
  ])('%s finds %o', async (query, expected) => {
    const { names } = await setUp()
    expect(await names(query)).toEqual(expected)
  })

  test.each([
    ['email', /unable to parse/],
    ['email:"a" AND', /unable to parse/],
    ['name~"ab"', /unable to parse/],
    ['address:"x"', /unsupported search field/],
    ['email:"a" AND name:"b" OR phone:"c"', /cannot combine AND and OR/],
  ])('%s is rejected', async (query, message) => {
    const { stripe } = await startTestEmulator()
    const error = await rejection(stripe.customers.search({ query }))
    expect(error).toMatchObject({ statusCode: 400, param: 'query' })
    expect(error.message).toMatch(message)
  })

  test('results come in pages', async () => {
    const { stripe } = await setUp()
    const first = await stripe.customers.search({ query: 'created>0', limit: 2 })
    expect(first).toMatchObject({ object: 'search_result', url: '/v1/customers/search', has_more: true })
    const second = await stripe.customers.search({ query: 'created>0', limit: 2, page: String(first.next_page) })
    expect([first.data.length, second.data.length, second.has_more, second.next_page]).toEqual([2, 1, false, null])
    const all: string[] = []
    for await (const { id } of stripe.customers.search({ query: 'created>0', limit: 1 })) all.push(id)
    expect(new Set(all).size).toBe(3)
  })
})

describe('coupons', () => {
  test('a coupon can be created, updated and deleted, with an event for each change', async () => {
    const { stripe, eventTypes } = await startTestEmulator()
    const coupon = await stripe.coupons.create({ percent_off: 12.5, name: 'Spring' })
    expect(coupon).toMatchObject({ object: 'coupon', percent_off: 12.5, amount_off: null, duration: 'once', valid: true })
    expect(coupon.id).toMatch(/^\w{8}$/)
    const five = await stripe.coupons.create({ id: 'FIVE', amount_off: 500, currency: 'usd' })
    expect(five).toMatchObject({ id: 'FIVE', amount_off: 500, currency: 'usd', percent_off: null })
    expect(await stripe.coupons.update('FIVE', { name: 'Five off', metadata: { a: '1' } })).toMatchObject({ name: 'Five off' })
    expect((await stripe.coupons.list()).data.map(({ id }) => id)).toEqual(['FIVE', coupon.id])
    expect(await stripe.coupons.del('FIVE')).toMatchObject({ deleted: true })
    expect(await rejection(stripe.coupons.retrieve('FIVE'))).toMatchObject({ statusCode: 404 })
    expect(await eventTypes()).toEqual(['coupon.created', 'coupon.created', 'coupon.updated', 'coupon.deleted'])
  })

  test.each([
    [{}, 'percent_off'],
    [{ percent_off: 10, amount_off: 100, currency: 'usd' }, 'percent_off'],
    [{ amount_off: 100 }, 'currency'],
    [{ percent_off: 0 }, 'percent_off'],
    [{ percent_off: 101 }, 'percent_off'],
    [{ percent_off: 10, redeem_by: 1 }, 'redeem_by'],
    [{ percent_off: 10, applies_to: { products: ['prod_unknown'] } }, 'applies_to[products]'],
    [{ percent_off: 10, duration: 'repeating', duration_in_months: 3 }, 'duration_in_months'],
  ] as const)('%o is rejected', async (params, param) => {
    const { stripe } = await startTestEmulator()
    expect(await rejection(stripe.coupons.create(JSON.parse(JSON.stringify(params))))).toMatchObject({ statusCode: 400, param })
  })

  test('a coupon’s products are included only on request', async () => {
    const { stripe } = await startTestEmulator()
    const { id: product } = await stripe.products.create({ name: 'Nosferatu' })
    const coupon = await stripe.coupons.create({ percent_off: 10, applies_to: { products: [product] } })
    expect(coupon).not.toHaveProperty('applies_to')
    const code = await stripe.promotionCodes.create({
      promotion: { type: 'coupon', coupon: coupon.id },
      expand: ['promotion.coupon.applies_to'],
    })
    expect(code.promotion.coupon).toMatchObject({ id: coupon.id, applies_to: { products: [product] } })
    expect((await rejection(stripe.promotionCodes.retrieve(code.id, { expand: ['promotion'] }))).message).toContain(
      'cannot be expanded',
    )
  })

  test('after redeem_by a coupon is not valid, and its codes are not active', async () => {
    const { stripe, helper } = await startTestEmulator()
    const redeem_by = Math.floor(Date.now() / 1000) + 3600
    const coupon = await stripe.coupons.create({ percent_off: 10, redeem_by })
    const code = await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id } })
    await helper('/clock/advance', { seconds: 3601 })
    expect(await stripe.coupons.retrieve(coupon.id)).toMatchObject({ valid: false })
    expect(await stripe.promotionCodes.retrieve(code.id)).toMatchObject({ active: false })
    expect(await rejection(stripe.promotionCodes.update(code.id, { active: true }))).toMatchObject({ statusCode: 400 })
  })
})

describe('promotion codes', () => {
  const setUp = async (params: Partial<Stripe.PromotionCodeCreateParams> = {}) => {
    const emulator = await startTestEmulator()
    const coupon = await emulator.stripe.coupons.create({ percent_off: 10, max_redemptions: 5 })
    const promotion = { type: 'coupon', coupon: coupon.id } as const
    const create = (more: Partial<Stripe.PromotionCodeCreateParams> = {}) =>
      emulator.stripe.promotionCodes.create({ promotion, ...params, ...more })
    return { ...emulator, coupon, create }
  }

  test('a promotion code is created, by default with a generated text', async () => {
    const { create, coupon, eventTypes } = await setUp()
    const code = await create({
      metadata: { a: '1' },
      restrictions: { minimum_amount: 100, minimum_amount_currency: 'usd', first_time_transaction: true },
    })
    expect(code).toMatchObject({
      object: 'promotion_code',
      active: true,
      promotion: { type: 'coupon', coupon: coupon.id },
      restrictions: { minimum_amount: 100, minimum_amount_currency: 'usd', first_time_transaction: true },
      times_redeemed: 0,
    })
    expect(code.id).toMatch(/^promo_/)
    expect(code.code).toMatch(/^[A-Z0-9]{8}$/)
    expect(await eventTypes()).toEqual(['coupon.created', 'promotion_code.created'])
  })

  test('promotion codes are filtered by code, in upper or lower case, and by active', async () => {
    const { stripe, create } = await setUp()
    const summer = await create({ code: 'SUMMER' })
    await create({ code: 'WINTER', active: false })
    const ids = async (params: Stripe.PromotionCodeListParams) =>
      (await stripe.promotionCodes.list(params)).data.map(({ id }) => id)
    expect(await ids({ code: 'summer' })).toEqual([summer.id])
    expect(await ids({ code: 'summer', active: true })).toEqual([summer.id])
    expect(await ids({ code: 'winter', active: true })).toEqual([])
    expect(await ids({ active: true })).toEqual([summer.id])
    expect(await ids({ code: 'spring' })).toEqual([])
  })

  test('a code is unique among active codes, so it can be reused after its deactivation', async () => {
    const { stripe, create } = await setUp({ code: 'SUMMER' })
    const first = await create()
    expect((await rejection(create({ code: 'summer' }))).message).toBe(
      'An active promotion code with `code: summer` already exists.',
    )
    expect(await stripe.promotionCodes.update(first.id, { active: false, metadata: { a: '1' } })).toMatchObject({
      active: false,
      metadata: { a: '1' },
    })
    await create()
    expect((await rejection(stripe.promotionCodes.update(first.id, { active: true }))).message).toContain('already exists')
  })

  test.each([
    [{ code: 'SUMMER SALE' }, 'code'],
    [{ customer: 'cus_unknown' }, 'customer'],
    [{ expires_at: 1 }, 'expires_at'],
    [{ max_redemptions: 6 }, 'max_redemptions'],
    [{ restrictions: { minimum_amount: 100 } }, 'restrictions[minimum_amount]'],
    [{ promotion: { type: 'coupon', coupon: 'unknown' } }, 'promotion[coupon]'],
  ] as const)('%o is rejected', async (params, param) => {
    const { create } = await setUp()
    expect(await rejection(create(params))).toMatchObject({ statusCode: 400, param })
  })

  test('a code expires by the clock, with an event', async () => {
    const { stripe, create, helper } = await setUp()
    const { id } = await create({ expires_at: Math.floor(Date.now() / 1000) + 60 })
    await helper('/clock/advance', { seconds: 61 })
    expect(await stripe.promotionCodes.retrieve(id)).toMatchObject({ active: false })
    const [event] = (await stripe.events.list({ type: 'promotion_code.updated' })).data
    expect(event?.data.previous_attributes).toEqual({ active: true })
  })

  test('a code without its coupon is not active', async () => {
    const { stripe, create, coupon } = await setUp()
    const { id } = await create()
    await stripe.coupons.del(coupon.id)
    expect(await stripe.promotionCodes.retrieve(id)).toMatchObject({ active: false })
  })
})
