import { createPayToViewClient } from '@pay-to-view/client'
import { waitFor } from '@pay-to-view/devstack/wait'
import { seedIds } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type CallOptions, useAdminClient } from './admin-client.ts'
import { disputeOperations } from './admin-operations.ts'

const { stack, call, seenStatuses, createKey, buy } = useAdminClient()
const base = '/admin/v1/pay-to-view'
const Dispute = z.looseObject({ disputeId: z.string(), evidence: z.record(z.string(), z.string().nullable()) })

const get = (id: string, options: CallOptions = {}) => call(`GET ${base}/purchases/{id}/dispute`, { id, ...options })
const stage = (id: string, evidence: unknown, options: CallOptions = {}) =>
  call(`PUT ${base}/purchases/{id}/dispute/evidence`, { id, body: { evidence }, ...options })
const submit = (id: string, options: CallOptions = {}) => call(`POST ${base}/purchases/{id}/dispute/submit`, { id, ...options })

/** Buys the film, plays it, and disputes the payment. */
const buyAndDispute = async (input: object = {}) => {
  const { client, purchaseId } = await buy()
  const { sessionId } = await client.access.playback.start.mutate({ entityId: seedIds.film })
  await client.access.playback.end.mutate({ sessionId, positionSeconds: 90 })
  const { externalTransactionId } = await client.purchases.get.query({ id: purchaseId })
  const [charge] = (await stack().stripe.charges.list({ payment_intent: externalTransactionId ?? '' })).data
  await stack().stripe.customers.update(String(charge?.customer), { name: 'Ada', email: `${purchaseId}@example.com` })
  await stack().emulator(`charges/${charge?.id}/dispute`, input)
  await stack().waitForStatus(client, purchaseId, 'Disputed')
  return { client, purchaseId }
}

const HasEvidence = z.looseObject({ hasEvidence: z.boolean() })
const waitForEvidence = (purchaseId: string) =>
  waitFor('the evidence', async () => HasEvidence.parse((await get(purchaseId)).body).hasEvidence, { timeoutMs: 20_000 })

const alertsOf = (purchaseId: string) =>
  stack().query('select kind, detail, resolved_at from alerts where purchase_id = $1 order by id', [purchaseId])

test('evidence is staged when a dispute opens, edited, and submitted once, and the dispute is won', async () => {
  const { purchaseId, client } = await buyAndDispute({ due_by: Math.floor(Date.now() / 1_000) + 86_400 })
  await waitForEvidence(purchaseId)
  const { key } = await createKey(['refunds:write'])
  const { body } = await get(purchaseId, { token: key })
  expect(body).toMatchObject({
    ...{ status: 'needs_response', reason: 'fraudulent', amount: 499, currency: 'usd' },
    ...{ submissionCount: 0, pastDue: false, dueBy: expect.stringMatching(/^\d{4}-.*Z$/) },
    evidence: {
      product_description: expect.stringContaining('"Nosferatu"'),
      access_activity_log: expect.stringMatching(/Access granted: .*Playback, newest first:.*Nosferatu; watched up to 00:01:30/s),
      customer_email_address: `${purchaseId}@example.com`,
      customer_purchase_ip: null,
      service_date: new Date().toISOString().slice(0, 10),
      uncategorized_text: expect.stringContaining(`Purchase ${purchaseId}`),
    },
  })
  const { disputeId, evidence } = Dispute.parse(body)
  expect(
    await stack().query('select detail from alerts where detail::text like $1', [`%${evidence.customer_email_address}%`]),
  ).toEqual([])

  const changes = { customer_name: 'Ada Lovelace', billing_address: null, uncategorized_text: 'winning_evidence' }
  const staged = await stage(purchaseId, changes, { token: key })
  expect(staged).toMatchObject({
    status: 200,
    body: { disputeId, status: 'needs_response', evidence: { ...evidence, ...changes } },
  })

  const typed = createPayToViewClient({ url: stack().stack.api, token: key })
  const responses = await Promise.allSettled([
    typed.admin.disputes.submit.mutate({ id: purchaseId }),
    submit(purchaseId, { token: key }),
  ])
  expect(responses.some(({ status }) => status === 'fulfilled')).toBe(true)
  const { evidence_details } = await stack().stripe.disputes.retrieve(disputeId)
  expect(evidence_details.submission_count).toBe(1)
  await stack().waitForStatus(client, purchaseId, 'Completed')
  expect(await get(purchaseId)).toMatchObject({ body: { status: 'won', submissionCount: 1 } })
  for (const response of [await stage(purchaseId, changes), await submit(purchaseId)])
    expect(response).toMatchObject({ status: 409, body: { code: 'dispute_closed' } })
  expect(await alertsOf(purchaseId)).toMatchObject([
    { kind: 'disputed', detail: { evidence: 'staged' }, resolved_at: expect.any(Date) },
  ])
  const audit = await call(`GET ${base}/audit`, { query: `?subjectId=${purchaseId}` })
  expect(audit.body).toMatchObject({
    items: expect.arrayContaining([
      expect.objectContaining({ action: 'dispute.submitted', after: { disputeId, submissionCount: 1 } }),
      expect.objectContaining({
        action: 'dispute.evidence_staged',
        after: { disputeId, fields: Object.keys(changes) },
      }),
    ]),
  })
})

test('evidence is validated, and rejected after its submission or deadline', async () => {
  const { purchaseId } = await buyAndDispute()
  await waitForEvidence(purchaseId)
  const invalid: [string, unknown][] = [
    ['evidence', undefined],
    ['evidence', {}],
    ['evidence.receipt', { receipt: 'x' }],
    ['evidence.customer_name', { customer_name: 1 }],
    ['evidence.customer_name', { customer_name: 'x'.repeat(5_001) }],
    ['evidence.uncategorized_text', { uncategorized_text: 'x'.repeat(20_001) }],
  ]
  for (const [field, evidence] of invalid)
    expect(await stage(purchaseId, evidence)).toMatchObject({ status: 400, body: { code: 'validation', errors: [{ field }] } })
  const { evidence } = Dispute.parse((await get(purchaseId)).body)
  expect(await get(purchaseId)).toMatchObject({ body: { evidence } })

  expect(await submit(purchaseId)).toMatchObject({ status: 200, body: { status: 'under_review', submissionCount: 1 } })
  for (const response of [await stage(purchaseId, { customer_name: 'Eve' }), await submit(purchaseId)])
    expect(response).toMatchObject({ status: 409, body: { code: 'dispute_already_submitted' } })

  const late = await buyAndDispute({ due_by: Math.floor(Date.now() / 1_000) - 60 })
  for (const response of [await stage(late.purchaseId, { customer_name: 'Eve' }), await submit(late.purchaseId)])
    expect(response).toMatchObject({ status: 409, body: { code: 'dispute_past_due' } })
})

test('a purchase without a dispute has no evidence, and callers need the scope', async () => {
  const { purchaseId } = await buy()
  const { key } = await createKey(['purchases:read'])
  for (const send of [get, submit, (id: string, options: CallOptions = {}) => stage(id, { customer_name: 'Ada' }, options)]) {
    expect(await send(purchaseId)).toMatchObject({ status: 404, body: { code: 'dispute_not_found' } })
    expect(await send('ptv_01m85eetz2e8qthwsqr5v0dh8g')).toMatchObject({ status: 404, body: { code: 'purchase_not_found' } })
    expect(await send(' x')).toMatchObject({ status: 400, body: { errors: [{ field: 'id' }] } })
    expect(await send(purchaseId, { token: key })).toMatchObject({ status: 403, body: { code: 'scope_missing' } })
  }
  for (const operation of disputeOperations)
    expect(seenStatuses(operation).sort(), operation).toEqual(expect.arrayContaining([200, 400]))
})
