import { describe, expect, test } from 'vitest'
import { rejection, startTestEmulator } from './harness.ts'

const film = (currency: string, unit_amount: number, tax_behavior: 'exclusive' | 'inclusive') => ({
  quantity: 1,
  price_data: { currency, unit_amount, tax_behavior, product_data: { name: 'Nosferatu', tax_code: 'txcd_10402000' } },
})

const COUNTRIES = { DE: 'eur', FR: 'eur', GB: 'gbp', CH: 'chf', JP: 'jpy', US: 'usd' }

/** Starts an emulator with an account in Germany that collects tax in the given countries. */
const startTaxed = async (registered: string[] = Object.keys(COUNTRIES)) => {
  const emulator = await startTestEmulator()
  const { stripe } = emulator
  await stripe.tax.settings.update({ head_office: { address: { country: 'DE', postal_code: '10115' } } })
  for (const country of registered)
    await stripe.tax.registrations.create({
      country,
      active_from: 'now',
      country_options: { [country.toLowerCase()]: { type: 'standard' } },
    })
  const newTaxed = (currency: string, amount: number, behavior: 'exclusive' | 'inclusive', more = {}) =>
    emulator.newSession({ line_items: [film(currency, amount, behavior)], automatic_tax: { enabled: true }, ...more })
  return { ...emulator, newTaxed }
}

test('a new account has no head office: automatic tax and registrations are rejected, as in Stripe', async () => {
  const { stripe, newSession } = await startTestEmulator()
  expect(await stripe.tax.settings.retrieve()).toMatchObject({
    status: 'pending',
    status_details: { pending: { missing_fields: ['head_office'] } },
    head_office: null,
  })
  expect(await rejection(newSession({ automatic_tax: { enabled: true } }))).toMatchObject({
    statusCode: 400,
    param: 'automatic_tax',
    message:
      'You must have a valid head office address to enable automatic tax calculation in test mode. Visit https://dashboard.stripe.com/test/settings/tax to update it.',
  })
  const registration = { country: 'DE', active_from: 'now', country_options: { de: { type: 'standard' } } } as const
  expect(await rejection(stripe.tax.registrations.create(registration))).toMatchObject({ statusCode: 400 })
  await stripe.tax.settings.update({ head_office: { address: { country: 'DE' } } })
  expect(await stripe.tax.settings.retrieve()).toMatchObject({ status: 'active' })
  expect(await stripe.tax.registrations.create(registration)).toMatchObject({ country: 'DE', status: 'active' })
  expect((await stripe.tax.registrations.list({ status: 'active' })).data).toHaveLength(1)
})

describe('tax is calculated for the country entered in the form', () => {
  test.each([
    ['DE', 'eur', 1000, 'exclusive', 190, 1190],
    ['DE', 'eur', 1190, 'inclusive', 190, 1190],
    ['FR', 'eur', 999, 'exclusive', 200, 1199],
    ['GB', 'gbp', 499, 'inclusive', 83, 499],
    ['CH', 'chf', 1000, 'exclusive', 81, 1081],
    ['JP', 'jpy', 500, 'exclusive', 50, 550],
    ['JP', 'jpy', 500, 'inclusive', 45, 500],
    ['US', 'usd', 499, 'exclusive', 0, 499],
    ['DE', 'kwd', 5000, 'inclusive', 800, 5000],
  ] as const)('%s, %s, %i %s', async (country, currency, amount, behavior, amount_tax, amount_total) => {
    const { stripe, newTaxed, pay } = await startTaxed()
    const session = await newTaxed(currency, amount, behavior)
    expect(session).toMatchObject({
      amount_total: amount,
      automatic_tax: { enabled: true, status: 'requires_location_inputs' },
      total_details: { amount_tax: 0 },
    })
    await pay(session.id, { country })
    expect(
      await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent', 'total_details.breakdown'] }),
    ).toMatchObject({
      amount_subtotal: amount,
      amount_total,
      automatic_tax: { status: 'complete' },
      customer_details: { address: { country } },
      payment_intent: { amount_received: amount_total },
      total_details: {
        amount_tax,
        breakdown: { taxes: [{ amount: amount_tax, rate: { country, inclusive: behavior === 'inclusive' } }] },
      },
    })
  })

  test('is 0 in countries without a registration; a one-stop-shop registration covers the EU', async () => {
    const { stripe, newTaxed, pay } = await startTaxed(['GB'])
    const before = await newTaxed('eur', 1000, 'exclusive')
    await pay(before.id, { country: 'FR' })
    expect(await stripe.checkout.sessions.retrieve(before.id, { expand: ['total_details.breakdown'] })).toMatchObject({
      amount_total: 1000,
      total_details: { breakdown: { taxes: [{ amount: 0, taxability_reason: 'not_collecting' }] } },
    })
    await stripe.tax.registrations.create({
      country: 'DE',
      active_from: 'now',
      country_options: { de: { type: 'oss_union' } },
    })
    const after = await newTaxed('eur', 1000, 'exclusive')
    expect((await pay(after.id, { country: 'FR' })).body).toMatchObject({ session: { amount_total: 1200 } })
  })

  test('after the discount', async () => {
    const { stripe, newTaxed, pay } = await startTaxed()
    const { id: coupon } = await stripe.coupons.create({ percent_off: 50 })
    const { id } = await newTaxed('eur', 1000, 'exclusive', { discounts: [{ coupon }] })
    expect((await pay(id, { country: 'DE' })).body).toMatchObject({
      session: { amount_subtotal: 1000, amount_total: 595, total_details: { amount_discount: 500, amount_tax: 95 } },
    })
  })

  test('a free order has no tax', async () => {
    const { stripe, newTaxed, pay } = await startTaxed()
    const { id: coupon } = await stripe.coupons.create({ percent_off: 100 })
    const { id } = await newTaxed('eur', 1000, 'exclusive', { discounts: [{ coupon }] })
    expect((await pay(id, { country: 'DE' })).body).toMatchObject({
      session: { amount_total: 0, payment_status: 'no_payment_required', total_details: { amount_tax: 0 } },
    })
  })
})

test('the form’s default country comes from the settings', async () => {
  const { newTaxed, pay, helper } = await startTaxed()
  await helper('/settings', { country: 'FR' })
  const { id } = await newTaxed('eur', 1000, 'exclusive')
  expect((await pay(id)).body).toMatchObject({
    session: { amount_total: 1200, customer_details: { address: { country: 'FR' } } },
  })
})

test('a payment can be refunded in parts, up to the total including tax', async () => {
  const { stripe, newTaxed, pay } = await startTaxed()
  const { id } = await newTaxed('eur', 1000, 'exclusive')
  const { body } = await pay(id, { country: 'DE' })
  const payment_intent = String(body.session?.payment_intent)
  expect(await rejection(stripe.refunds.create({ payment_intent, amount: 1191 }))).toMatchObject({ param: 'amount' })
  expect(await stripe.refunds.create({ payment_intent, amount: 190 })).toMatchObject({ amount: 190, status: 'succeeded' })
  expect(await stripe.refunds.create({ payment_intent })).toMatchObject({ amount: 1000 })
})

describe('an existing customer', () => {
  test('needs an address or customer_update[address]; the form’s address is saved', async () => {
    const { stripe, newTaxed, pay } = await startTaxed()
    const { id: customer } = await stripe.customers.create()
    expect(await rejection(newTaxed('eur', 1000, 'exclusive', { customer }))).toMatchObject({
      statusCode: 400,
      code: 'customer_tax_location_invalid',
      message: expect.stringContaining("set either `customer_update[address]` to 'auto'"),
    })
    const { id } = await newTaxed('eur', 1000, 'exclusive', { customer, customer_update: { address: 'auto', name: 'auto' } })
    await pay(id, { country: 'FR', name: 'Alice', email: 'alice@example.com' })
    expect(await stripe.customers.retrieve(customer)).toMatchObject({
      address: { country: 'FR' },
      name: 'Alice',
      email: 'alice@example.com',
    })
    expect(await newTaxed('eur', 1000, 'exclusive', { customer })).toMatchObject({
      amount_total: 1200,
      automatic_tax: { status: 'complete' },
    })
  })

  test('needs customer_update[name] for a tax id', async () => {
    const { stripe, newTaxed } = await startTaxed()
    const { id: customer } = await stripe.customers.create({ address: { country: 'DE' } })
    const tax_id_collection = { enabled: true }
    expect((await rejection(newTaxed('eur', 1000, 'exclusive', { customer, tax_id_collection }))).message).toContain(
      'Tax ID collection requires updating business name on the customer.',
    )
  })
})

describe('a tax id', () => {
  test('of a business in another EU country causes a reverse charge; in the seller’s country it does not', async () => {
    const { stripe, newTaxed, pay } = await startTaxed()
    const create = () => newTaxed('eur', 1000, 'exclusive', { tax_id_collection: { enabled: true } })
    const foreign = await create()
    await pay(foreign.id, { country: 'FR', taxId: 'fr12345678901' })
    expect(await stripe.checkout.sessions.retrieve(foreign.id, { expand: ['total_details.breakdown'] })).toMatchObject({
      amount_total: 1000,
      customer_details: { tax_ids: [{ type: 'eu_vat', value: 'FR12345678901' }] },
      total_details: { breakdown: { taxes: [{ taxability_reason: 'reverse_charge' }] } },
    })
    const own = await create()
    expect((await pay(own.id, { country: 'DE', taxId: 'DE123456789' })).body).toMatchObject({ session: { amount_total: 1190 } })
  })

  test('that does not match the country causes an error in the form', async () => {
    const { newTaxed, pay } = await startTaxed()
    const { id } = await newTaxed('eur', 1000, 'exclusive', { tax_id_collection: { enabled: true } })
    expect((await pay(id, { country: 'FR', taxId: 'DE123456789' })).body).toMatchObject({
      error: { code: 'tax_id_invalid', param: 'tax_id' },
    })
  })
})

test('tax codes are listed; amounts with three decimals end in 0', async () => {
  const { stripe, newSession } = await startTestEmulator()
  expect((await stripe.taxCodes.list({ limit: 100 })).data.map(({ id }) => id)).toContain('txcd_10402000')
  expect(await stripe.taxCodes.retrieve('txcd_10402000')).toMatchObject({ object: 'tax_code' })
  expect(await rejection(newSession({ line_items: [film('kwd', 4995, 'inclusive')] }))).toMatchObject({
    statusCode: 400,
    code: 'invalid_charge_amount_no_decimal_compatible',
  })
  expect((await rejection(stripe.paymentIntents.create({ amount: 4995, currency: 'kwd' }))).param).toBe('amount')
})
