import { disputesWithoutEvidence, newPurchaseId, raiseAlert } from '@pay-to-view/db'
import { seedIds } from '@pay-to-view/devstack'
import { createGateway, createStripe } from '@pay-to-view/stripe'
import { startStripeEmulator } from '@pay-to-view/stripe-emulator'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import type Stripe from 'stripe'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createEvidenceStager, stageEvidenceNow } from '../src/index.ts'

let database: Database
let emulator: Awaited<ReturnType<typeof startStripeEmulator>>
let stripe: Stripe

beforeAll(async () => {
  database = await startDatabase()
  emulator = await startStripeEmulator({})
  stripe = createStripe({ secretKey: 'sk_test_evidence', apiBase: emulator.url, maxRetries: 0, timeoutMs: 2_000 })
}, 120_000)
afterAll(async () => {
  await emulator?.close()
  await database?.stop()
})
afterEach(() => emulatorHelper('faults/clear'))

const emulatorHelper = async (path: string, body: object = {}): Promise<void> => {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  expect((await fetch(`${emulator.url}/_test/${path}`, init)).ok).toBe(true)
}

/** A purchase whose payment is disputed in Stripe, with the alert that the dispute raises. */
const createDispute = async (kind: 'disputed' | 'inquiry', input: object = {}) => {
  const { id: sessionId } = await stripe.checkout.sessions.create({
    ...{ mode: 'payment', ui_mode: 'embedded_page', redirect_on_completion: 'never' },
    line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 499, product_data: { name: 'Nosferatu' } } }],
  })
  await emulatorHelper(`checkout/sessions/${sessionId}/pay`, { card: '4242424242424242', email: 'ada@example.com' })
  const { payment_intent: payment } = await stripe.checkout.sessions.retrieve(sessionId)
  const [charge] = (await stripe.charges.list({ payment_intent: String(payment) })).data
  await emulatorHelper(`charges/${charge?.id}/dispute`, input)
  const [dispute] = (await stripe.disputes.list({ payment_intent: String(payment) })).data
  const disputeId = dispute?.id ?? ''
  const purchaseId = newPurchaseId()
  await database.db.$executeRaw`
    insert into purchases (id, user_id, entity_id, product_id, amount, currency, checkout_request, checkout_deadline, status, open,
      external_transaction_id, completed_at, currency_paid)
    values (${purchaseId}, ${purchaseId}, ${seedIds.film}, ${seedIds.thirtyDayProduct}, 499, 'usd', '{}', now(), 'Completed', false,
      ${payment}, now(), 'usd')`
  await raiseAlert(database.db, purchaseId, kind, disputeId, { disputeId })
  const stage = createEvidenceStager({
    ...{ db: database.db, stripe: createGateway(stripe), policy: { refundPolicy: 'No refunds.', refundRefusal: null } },
  })
  const outcome = async () => {
    const alert = await database.db.alert.findFirstOrThrow({ where: { purchaseId, kind }, select: { detail: true } })
    return alert.detail
  }
  return {
    ...{ disputeId, purchaseId, outcome },
    /** Stages evidence as the worker does when a purchase becomes disputed, and as the reconciler does afterward. */
    stage: () => stageEvidenceNow(database.db, stage, purchaseId),
    remaining: () => disputesWithoutEvidence(database.db, 10, purchaseId),
    atStripe: () => stripe.disputes.retrieve(disputeId),
  }
}

test.each(['GET', 'POST'])(
  'no evidence is staged while every %s request to Stripe fails; afterward it is staged once, but not submitted',
  async (method) => {
    const { stage, remaining, atStripe, disputeId, purchaseId, outcome } = await createDispute('disputed')
    await emulatorHelper('faults', { on: 'api', effect: 'cut', method, path: '/v1/disputes' })
    await expect(stage()).rejects.toThrow()
    expect(await remaining()).toEqual([{ id: disputeId, purchaseId }])
    await emulatorHelper('faults/clear')
    expect((await atStripe()).evidence_details.has_evidence).toBe(false)
    await stage()
    expect(await atStripe()).toMatchObject({
      ...{ status: 'needs_response', evidence_details: { has_evidence: true, submission_count: 0 } },
      evidence: { product_description: expect.stringContaining('Nosferatu'), refund_policy_disclosure: 'No refunds.' },
    })
    expect([await remaining(), await outcome()]).toEqual([[], { disputeId, evidence: 'staged' }])
  },
)

test("after a lost response, evidence is not staged again, and an operator's changes are kept", async () => {
  const { stage, atStripe, disputeId, outcome } = await createDispute('disputed')
  await emulatorHelper('faults', { on: 'api', effect: 'lost_response', method: 'POST', path: '/v1/disputes' })
  await expect(stage()).rejects.toThrow()
  await emulatorHelper('faults/clear')
  await stripe.disputes.update(disputeId, { evidence: { customer_name: 'Ada' }, submit: false })
  await stage()
  expect((await atStripe()).evidence).toMatchObject({ customer_name: 'Ada', product_description: expect.any(String) })
  expect(await outcome()).toEqual({ disputeId, evidence: 'present' })
})

test('an inquiry, which is not a dispute yet, gets evidence too', async () => {
  const { stage, atStripe, disputeId, outcome } = await createDispute('inquiry', { status: 'warning_needs_response' })
  await stage()
  expect(await atStripe()).toMatchObject({
    status: 'warning_needs_response',
    evidence: { product_description: expect.stringContaining('Nosferatu') },
    evidence_details: { submission_count: 0 },
  })
  expect(await outcome()).toEqual({ disputeId, evidence: 'staged' })
})
