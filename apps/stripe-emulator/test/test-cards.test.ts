import { describe, expect, test } from 'vitest'
import { TEST_CARDS } from '../src/model/test-cards.ts'
import { rejection, startTestEmulator } from './harness.ts'

test('every card on Stripe’s pages pays, is declined or requires 3D Secure, as listed there', async () => {
  const { stripe, newSession, pay } = await startTestEmulator()
  for (const { number, brand, country, funding, decline, threeDSecure } of TEST_CARDS) {
    const { id } = await newSession()
    const first = await pay(id, { card: number })
    const { body } = threeDSecure ? await pay(id, { authenticate: 'complete' }) : first
    expect([number, first.body.outcome]).toEqual([number, threeDSecure ? 'requires_action' : decline ? 'declined' : 'paid'])
    const intent = await stripe.paymentIntents.retrieve(String(body.session?.payment_intent), { expand: ['latest_charge'] })
    expect(intent).toMatchObject({
      status: decline ? 'requires_payment_method' : 'succeeded',
      latest_charge: { payment_method_details: { card: { brand, country, funding, last4: number.slice(-4) } } },
    })
    if (decline) expect(body).toMatchObject({ error: { code: decline.code, decline_code: decline.decline_code } })
  }
}, 60_000)

test('cards with the same last four digits behave differently', async () => {
  const { stripe, createPaidSession } = await startTestEmulator()
  const { charge } = await createPaidSession('4000000760000002')
  expect(charge.payment_method_details?.card).toMatchObject({ country: 'BR', last4: '0002' })
  expect(await stripe.refunds.create({ charge: charge.id })).toMatchObject({ status: 'succeeded' })
})

test('a card has the same fingerprint in every payment', async () => {
  const { createPaidSession } = await startTestEmulator()
  const fingerprint = async (card: string) => (await createPaidSession(card)).charge.payment_method_details?.card?.fingerprint
  const first = await fingerprint('4242424242424242')
  expect(first).toMatch(/^\w{16}$/)
  expect(await fingerprint('4242424242424242')).toBe(first)
  expect(await fingerprint('5555555555554444')).not.toBe(first)
})

describe('Radar', () => {
  test.each([
    ['4000000000009235', 'elevated', 'authorized'],
    ['4100000000000019', 'highest', 'blocked'],
    ['4000000000004954', 'highest', 'blocked'],
    ['4000000000000101', 'normal', 'blocked'],
    ['4000058400307872', 'elevated', 'blocked'],
  ])('%s has the risk level %s and is %s', async (card, risk_level, type) => {
    const { stripe, newSession, pay } = await startTestEmulator()
    const { id } = await newSession()
    await pay(id, { card })
    expect((await stripe.charges.list()).data[0]?.outcome).toMatchObject({ risk_level, type })
  })

  test('failed and unavailable checks are in the payment method', async () => {
    const { createPaidSession } = await startTestEmulator()
    const checks = async (card: string) => (await createPaidSession(card)).charge.payment_method_details?.card?.checks
    expect(await checks('4000000000000010')).toMatchObject({
      address_line1_check: 'fail',
      address_postal_code_check: 'fail',
      cvc_check: 'pass',
    })
    expect(await checks('4000000000000044')).toMatchObject({ address_line1_check: 'unavailable' })
  })
})

describe('after the payment', () => {
  test('card …5423 gets an early fraud warning, but no dispute', async () => {
    const { stripe, createPaidSession } = await startTestEmulator()
    const { charge } = await createPaidSession('4000000000005423')
    const [event] = (await stripe.events.list({ type: 'radar.early_fraud_warning.created' })).data
    expect(event?.data.object).toMatchObject({ object: 'radar.early_fraud_warning', charge: charge.id, actionable: true })
    expect((await stripe.disputes.list()).data).toEqual([])
  })

  test('card …0079 is disputed twice', async () => {
    const { stripe, createPaidSession } = await startTestEmulator()
    const { charge } = await createPaidSession('4000000404000079')
    expect((await stripe.disputes.list({ charge: charge.id })).data.map(({ reason }) => reason)).toEqual([
      'product_not_received',
      'fraudulent',
    ])
  })

  test.each([
    ['4000000404000038', 'fraudulent', 'visa_compelling_evidence_3', 'chargeback'],
    ['4000008400000779', 'noncompliant', 'visa_compliance', 'compliance'],
  ])('%s is disputed as %s and eligible for %s', async (card, reason, eligibility, case_type) => {
    const { stripe, createPaidSession } = await startTestEmulator()
    await createPaidSession(card)
    expect((await stripe.disputes.list()).data[0]).toMatchObject({
      reason,
      enhanced_eligibility_types: [eligibility],
      payment_method_details: { card: { case_type } },
    })
  })

  test('card …0077: the money is available immediately', async () => {
    const { stripe, createPaidSession } = await startTestEmulator()
    const statusOf = async (card: string) => {
      const { charge } = await createPaidSession(card)
      const [transaction] = (await stripe.balanceTransactions.list({ source: charge.id })).data
      return transaction?.status
    }
    expect(await statusOf('4000000000000077')).toBe('available')
    expect(await statusOf('4242424242424242')).toBe('pending')
  })
})

test('a number that has a valid check digit but is not a test card is declined', async () => {
  const { newSession, pay } = await startTestEmulator()
  const { id } = await newSession()
  expect(await pay(id, { card: '4012888888881881' })).toMatchObject({
    status: 402,
    body: { error: { decline_code: 'test_mode_live_card' } },
  })
})

describe('the refund of a bank debit', () => {
  test.each([
    ['us_bank_account', 'usd', 'us_bank_transfer'],
    ['sepa_debit', 'eur', 'eu_bank_transfer'],
  ] as const)(
    '%s: the refund is pending, then succeeds, and the money goes to the bank',
    async (method, currency, destination) => {
      const { stripe, newSession, pay, helper, eventTypes } = await startTestEmulator({ refundDelaySeconds: 3600 })
      const { id } = await newSession({
        line_items: [{ quantity: 1, price_data: { currency, unit_amount: 499, product_data: { name: 'Nosferatu' } } }],
      })
      const { body } = await pay(id, { method })
      const payment_intent = String(body.session?.payment_intent)
      expect((await rejection(stripe.refunds.create({ payment_intent }))).message).toContain('does not have a successful charge')
      await helper(`/payment_intents/${payment_intent}/settle`)
      const refund = await stripe.refunds.create({ payment_intent })
      expect(refund).toMatchObject({
        status: 'pending',
        pending_reason: 'processing',
        destination_details: { type: destination, [destination]: { reference: null, reference_status: null } },
      })
      expect(refund.destination_details).not.toHaveProperty('card')
      await helper('/clock/advance', { seconds: 3600 })
      expect(await stripe.refunds.retrieve(refund.id)).toMatchObject({ status: 'succeeded' })
      expect((await eventTypes()).slice(-4)).toEqual([
        'refund.created',
        'charge.refunded',
        'refund.updated',
        'charge.refund.updated',
      ])
    },
  )
})
