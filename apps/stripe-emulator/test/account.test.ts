import Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { rejection, startTestEmulator } from './harness.ts'

const clientWith = (key: string, url: string) => {
  const { hostname, port } = new URL(url)
  return new Stripe(key, { host: hostname, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false })
}

describe('a restricted key', () => {
  test('has only its own permissions; any other request gets a 403 that names the missing permission', async () => {
    const { emulator, helper } = await startTestEmulator({ secretKey: 'sk_test_emulated' })
    const { body } = await helper('/restricted_keys', { permissions: { customer: 'write', event: 'read' } })
    const restricted = clientWith(String(body.key), emulator.url)
    await restricted.customers.create({ email: 'alice@example.com' })
    expect((await restricted.customers.list()).data).toHaveLength(1)
    expect((await restricted.events.list()).data).toHaveLength(1)
    const error = await rejection(restricted.refunds.create({ payment_intent: 'pi_1' }))
    expect(error).toBeInstanceOf(Stripe.errors.StripePermissionError)
    expect(error).toMatchObject({ statusCode: 403, code: undefined, rawType: 'invalid_request_error' })
    expect(error.message).toMatch(
      /^The provided key 'rk_test_\*+\w{6}' does not have the required permissions for this endpoint on account 'acct_\w+'\. Having the 'rak_charge_write' permission would allow this request to continue\.$/,
    )
    expect((await rejection(restricted.webhookEndpoints.list())).message).toContain("'rak_webhook_read'")
  })

  test('that the emulator does not know has every permission, unless a secret key is configured', async () => {
    const { emulator } = await startTestEmulator()
    expect((await clientWith('rk_test_any', emulator.url).charges.list()).data).toEqual([])
    const fixed = await startTestEmulator({ secretKey: 'sk_test_emulated' })
    expect(await rejection(clientWith('rk_test_any', fixed.emulator.url).charges.list())).toMatchObject({ statusCode: 401 })
  })
})

test('the account shows the settings of its owner', async () => {
  const { stripe, helper } = await startTestEmulator()
  expect(await stripe.accounts.retrieveCurrent()).toMatchObject({
    business_profile: { support_email: 'support@example.com', url: null },
    settings: { payments: { statement_descriptor: 'PAY TO VIEW' } },
  })
  await helper('/settings', { statement_descriptor: '', support_email: '', business_url: 'https://shop.example' })
  expect(await stripe.accounts.retrieveCurrent()).toMatchObject({
    business_profile: { support_email: null, url: 'https://shop.example' },
    settings: { payments: { statement_descriptor: null } },
  })
})

test('consent to the terms of service requires their URL on the account', async () => {
  const { newSession, pay, helper, stripe } = await startTestEmulator()
  const params = { consent_collection: { terms_of_service: 'required' } } as const
  expect(await rejection(newSession(params))).toMatchObject({
    statusCode: 400,
    param: 'consent_collection[terms_of_service]',
    message: expect.stringContaining('unless a URL is set in the Stripe Dashboard'),
  })
  await helper('/settings', { terms_url: 'https://shop.example/terms' })
  const session = await newSession({ ...params, custom_text: { terms_of_service_acceptance: { message: 'I agree.' } } })
  expect(session).toMatchObject({ consent: null, custom_text: { terms_of_service_acceptance: { message: 'I agree.' } } })
  expect((await pay(session.id, { consent: false })).status).toBe(400)
  await pay(session.id)
  expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ consent: { terms_of_service: 'accepted' } })
})

describe('the balance', () => {
  const price = (currency: string) => ({
    line_items: [{ quantity: 1, price_data: { currency, unit_amount: 1000, product_data: { name: 'Nosferatu' } } }],
  })

  test('is the sum of the balance transactions per currency', async () => {
    const { stripe, createPaidSession, helper } = await startTestEmulator()
    await createPaidSession('4242424242424242', price('usd'))
    const { intent } = await createPaidSession('4242424242424242', price('jpy'))
    await stripe.refunds.create({ payment_intent: intent.id, amount: 400 })
    const pending = [
      { currency: 'usd', amount: 1000 - 59 },
      { currency: 'jpy', amount: 1000 - 59 - 400 },
    ]
    expect(await stripe.balance.retrieve()).toMatchObject({ pending, available: [{ amount: 0 }, { amount: 0 }] })
    const yen = await stripe.balanceTransactions.list({ currency: 'jpy' })
    expect(yen.data.map(({ type, amount, fee, net }) => [type, amount, fee, net])).toEqual([
      ['refund', -400, 0, -400],
      ['charge', 1000, 59, 941],
    ])
    await helper('/clock/advance', { seconds: 3 * 86_400 })
    expect(await stripe.balance.retrieve()).toMatchObject({ available: pending })
  })

  test('is converted if there is a settlement currency', async () => {
    const { stripe, createPaidSession, helper } = await startTestEmulator()
    await helper('/settings', { settlement_currency: 'usd' })
    const { charge } = await createPaidSession('4242424242424242', price('eur'))
    expect(await stripe.balanceTransactions.retrieve(String(charge.balance_transaction))).toMatchObject({
      amount: 1100,
      fee: 65,
      net: 1035,
      currency: 'usd',
      exchange_rate: 1.1,
    })
    const yen = await createPaidSession('4242424242424242', price('jpy'))
    expect(await stripe.balanceTransactions.retrieve(String(yen.charge.balance_transaction))).toMatchObject({ amount: 700 })
  })
})

describe('the helpers', () => {
  test('create a coupon with its code, or a tax registration in a country, in one step', async () => {
    const { stripe, helper, newSession, pay } = await startTestEmulator()
    await helper('/promotion_codes', {
      ...{ code: 'TEN', percent_off: 10, max_redemptions: 1, minimum_amount: 100, first_time_transaction: true },
    })
    expect((await stripe.promotionCodes.list({ code: 'TEN' })).data).toMatchObject([
      {
        max_redemptions: 1,
        restrictions: { minimum_amount: 100, minimum_amount_currency: 'usd', first_time_transaction: true },
      },
    ])
    await helper('/tax', { registrations: ['DE', 'FR'] })
    expect(await stripe.tax.settings.retrieve()).toMatchObject({ status: 'active', head_office: { address: { country: 'DE' } } })
    const { id } = await newSession({ allow_promotion_codes: true, automatic_tax: { enabled: true } })
    expect((await pay(id, { promotionCode: 'TEN', country: 'FR' })).body).toMatchObject({
      session: { total_details: { amount_discount: 50, amount_tax: 90 } },
    })
  })

  test('are called by the dashboard’s forms', async () => {
    const { emulator, stripe } = await startTestEmulator()
    const page = await (await fetch(`${emulator.url}/dashboard/list/promotion_codes`)).text()
    expect(page).toContain('Create a promotion code')
    const form = (path: string, fields: Record<string, string>) =>
      fetch(`${emulator.url}/_test/${path}`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
    const fields = { back: '/dashboard/list/promotion_codes', code: 'HALF', percent_off: '50', amount_off: '', currency: '' }
    expect((await form('promotion_codes', fields)).headers.get('location')).toBe('/dashboard/list/promotion_codes')
    expect((await stripe.promotionCodes.list()).data).toMatchObject([{ code: 'HALF' }])
    await form('tax', { back: '/dashboard/list/tax_registrations', registrations: 'CH' })
    expect(await (await fetch(`${emulator.url}/dashboard/list/tax_registrations`)).text()).toContain('The head office is in CH.')
  })
})
