import { expect, test } from 'vitest'
import { rejection, startTestEmulator, waitFor } from './harness.ts'

test('card …0259 pays and is then disputed: the money is withdrawn and a refund is rejected', async () => {
  const { stripe, createPaidSession, eventTypes } = await startTestEmulator()
  const { intent, charge } = await createPaidSession('4000000000000259')
  const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id })).data
  expect(dispute).toMatchObject({
    status: 'needs_response',
    reason: 'fraudulent',
    amount: 499,
    charge: charge.id,
    is_charge_refundable: false,
    balance_transactions: [{ amount: -499, fee: 1500, net: -1999, type: 'adjustment', reporting_category: 'dispute' }],
  })
  expect(charge.disputed).toBe(true)
  expect((await eventTypes()).slice(-3)).toEqual([
    'checkout.session.completed',
    'charge.dispute.created',
    'charge.dispute.funds_withdrawn',
  ])
  expect(await rejection(stripe.refunds.create({ charge: charge.id }))).toMatchObject({ code: 'charge_disputed' })
})

test('card …2685 is disputed as not received; card …1976 gets an inquiry and can still be refunded', async () => {
  const { stripe, createPaidSession } = await startTestEmulator()
  const received = await createPaidSession('4000000000002685')
  expect((await stripe.disputes.list({ charge: received.charge.id })).data[0]).toMatchObject({ reason: 'product_not_received' })
  const inquiry = await createPaidSession('4000000000001976')
  expect((await stripe.disputes.list({ charge: inquiry.charge.id })).data[0]).toMatchObject({
    status: 'warning_needs_response',
    is_charge_refundable: true,
    balance_transactions: [],
  })
  expect(await stripe.refunds.create({ charge: inquiry.charge.id })).toMatchObject({ status: 'succeeded' })
})

test('a dispute is lost, appealed, and then won: the money is reinstated', async () => {
  const { stripe, createPaidSession, helper, eventTypes } = await startTestEmulator()
  const { charge } = await createPaidSession()
  const { body } = await helper(`/charges/${charge.id}/dispute`, { reason: 'general', amount: 200 })
  const id = String(body.id)
  const steps = [
    ['review', 'under_review'],
    ['lose', 'lost'],
    ['appeal', 'appeal_needs_response'],
    ['appeal_review', 'appeal_under_review'],
    ['win', 'won'],
  ]
  for (const [step, status] of steps) expect((await helper(`/disputes/${id}/${step}`)).body).toMatchObject({ status })
  const dispute = await stripe.disputes.retrieve(id, { expand: ['charge', 'payment_intent'] })
  expect(dispute.balance_transactions.map(({ amount }) => amount)).toEqual([-200, 200])
  expect(dispute).toMatchObject({
    amount: 200,
    reason: 'general',
    charge: { id: charge.id },
    payment_intent: { status: 'succeeded' },
  })
  expect((await eventTypes()).slice(4)).toEqual([
    'charge.dispute.created',
    'charge.dispute.funds_withdrawn',
    'charge.dispute.updated',
    'charge.dispute.closed',
    'charge.dispute.updated',
    'charge.dispute.updated',
    'charge.dispute.closed',
    'charge.dispute.funds_reinstated',
  ])
  expect((await helper(`/disputes/${id}/lose`)).status).toBe(400)
})

test.each([
  ['winning_evidence', 'won'],
  ['losing_evidence', 'lost'],
])('after %s is submitted, the dispute is under review, then %s', async (uncategorized_text, status) => {
  const { stripe, createPaidSession } = await startTestEmulator()
  const { charge } = await createPaidSession('4000000000000259')
  const [dispute] = (await stripe.disputes.list({ charge: charge.id })).data
  const id = String(dispute?.id)
  expect(await stripe.disputes.update(id, { evidence: { customer_name: 'Alice' }, submit: false })).toMatchObject({
    status: 'needs_response',
  })
  expect(await stripe.disputes.update(id, { evidence: { uncategorized_text } })).toMatchObject({
    status: 'under_review',
    evidence: { customer_name: 'Alice', uncategorized_text },
    evidence_details: { has_evidence: true, submission_count: 1 },
  })
  await waitFor(async () => (await stripe.disputes.retrieve(id)).status === status)
  expect((await stripe.events.list({ types: ['charge.dispute.funds_reinstated'] })).data).toHaveLength(status === 'won' ? 1 : 0)
})

test('staged evidence is submitted once, by a later request, and cannot be changed afterward', async () => {
  const { stripe, createPaidSession, eventTypes } = await startTestEmulator()
  const { charge } = await createPaidSession('4000000000000259')
  const id = String((await stripe.disputes.list({ charge: charge.id })).data[0]?.id)
  expect((await stripe.disputes.retrieve(id)).evidence_details).toMatchObject({
    has_evidence: false,
    submission_count: 0,
    past_due: false,
  })
  expect(await stripe.disputes.update(id, { submit: true })).toMatchObject({ status: 'needs_response' })
  await stripe.disputes.update(id, { evidence: { customer_name: 'Alice', billing_address: 'x' }, submit: false })
  expect(await stripe.disputes.update(id, { evidence: { billing_address: '' }, submit: false })).toMatchObject({
    evidence: { customer_name: 'Alice', billing_address: null },
    evidence_details: { has_evidence: true, submission_count: 0 },
  })
  expect(await stripe.disputes.update(id, { submit: true })).toMatchObject({
    status: 'under_review',
    evidence_details: { submission_count: 1 },
  })
  expect((await eventTypes()).at(-1)).toBe('charge.dispute.updated')
  expect(await stripe.disputes.update(id, { submit: true })).toMatchObject({ evidence_details: { submission_count: 1 } })
  expect(await rejection(stripe.disputes.update(id, { evidence: { customer_name: 'Eve' } }))).toMatchObject({ statusCode: 400 })
})

test('evidence is limited in length, and is past due after its deadline', async () => {
  const { stripe, createPaidSession, helper } = await startTestEmulator()
  const { charge } = await createPaidSession()
  const open = async (due_by?: number) =>
    String((await helper(`/charges/${charge.id}/dispute`, due_by ? { due_by } : {})).body.id)
  const id = await open()
  const long = 'x'.repeat(20_000)
  const stage = (evidence: Record<string, string>) => stripe.disputes.update(id, { evidence, submit: false })
  expect(await rejection(stage({ customer_name: 'x'.repeat(5_001) }))).toMatchObject({ statusCode: 400 })
  const fields = [
    'access_activity_log',
    'cancellation_policy_disclosure',
    'cancellation_rebuttal',
    'duplicate_charge_explanation',
  ]
  const more = ['product_description', 'refund_policy_disclosure', 'refund_refusal_explanation']
  await stage(Object.fromEntries([...fields, ...more].map((field) => [field, long])))
  expect(await rejection(stage({ uncategorized_text: long }))).toMatchObject({ statusCode: 400, param: 'evidence' })
  const late = await open(Math.floor(Date.now() / 1_000) - 60)
  expect(await stripe.disputes.retrieve(late)).toMatchObject({ evidence_details: { past_due: true } })
  expect(await rejection(stripe.disputes.update(late, { evidence: { customer_name: 'Alice' } }))).toMatchObject({
    statusCode: 400,
  })
})

test('closing a dispute loses it; an inquiry is closed or escalated', async () => {
  const { stripe, createPaidSession, helper } = await startTestEmulator()
  const { charge } = await createPaidSession()
  const first = await helper(`/charges/${charge.id}/dispute`)
  expect(await stripe.disputes.close(String(first.body.id))).toMatchObject({ status: 'lost' })
  expect(await rejection(stripe.disputes.close(String(first.body.id)))).toMatchObject({ statusCode: 400 })
  const open = async () => String((await helper(`/charges/${charge.id}/dispute`, { status: 'warning_needs_response' })).body.id)
  const inquiry = await open()
  expect((await helper(`/disputes/${inquiry}/warning_review`)).body).toMatchObject({ status: 'warning_under_review' })
  expect((await helper(`/disputes/${inquiry}/close_warning`)).body).toMatchObject({
    status: 'warning_closed',
    balance_transactions: [],
  })
  const escalated = await open()
  expect((await helper(`/disputes/${escalated}/escalate`)).body).toMatchObject({
    status: 'needs_response',
    balance_transactions: [{ amount: -499 }],
  })
})

test('after a dispute is prevented, the money is withdrawn only if the dispute was open before', async () => {
  const { createPaidSession, helper } = await startTestEmulator()
  const { charge } = await createPaidSession()
  expect((await helper(`/charges/${charge.id}/dispute`, { status: 'prevented' })).body).toMatchObject({
    status: 'prevented',
    balance_transactions: [],
  })
  const { body } = await helper(`/charges/${charge.id}/dispute`)
  expect((await helper(`/disputes/${body.id}/prevent`)).body).toMatchObject({
    status: 'prevented',
    balance_transactions: [{ amount: -499 }],
  })
})

test.each(['won', 'lost'] as const)('a dispute that opens as %s is also closed', async (status) => {
  const { createPaidSession, helper, eventTypes } = await startTestEmulator()
  const { charge } = await createPaidSession()
  await helper(`/charges/${charge.id}/dispute`, { status })
  expect((await eventTypes()).slice(4)).toEqual([
    'charge.dispute.created',
    'charge.dispute.funds_withdrawn',
    'charge.dispute.closed',
    ...(status === 'won' ? ['charge.dispute.funds_reinstated'] : []),
  ])
})

test('charges and refunds create balance transactions with their source', async () => {
  const { stripe, createPaidSession } = await startTestEmulator()
  const { charge } = await createPaidSession()
  const refund = await stripe.refunds.create({ charge: charge.id, amount: 99 })
  const moves = await stripe.balanceTransactions.list({ expand: ['data.source'] })
  expect(moves.data.map(({ type, amount }) => [type, amount])).toEqual([
    ['refund', -99],
    ['charge', 499],
  ])
  expect(moves.data[0]?.source).toMatchObject({ id: refund.id, object: 'refund' })
  expect((await stripe.balanceTransactions.list({ source: charge.id })).data).toHaveLength(1)
})
