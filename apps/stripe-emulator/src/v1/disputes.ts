import { z } from 'zod'
import { paginate, where } from '../http/lists.ts'
import { applyMetadata, bool, created, metadata, nullableText, paging, text } from '../http/params.ts'
import { route } from '../http/route.ts'
import { closeDispute, getDispute, submitEvidence } from '../model/disputes.ts'

const evidenceText = nullableText(20_000).optional()
const shortText = nullableText(5_000).optional()

const evidence = z.strictObject({
  access_activity_log: evidenceText,
  billing_address: shortText,
  cancellation_policy: evidenceText,
  cancellation_policy_disclosure: evidenceText,
  cancellation_rebuttal: evidenceText,
  customer_communication: evidenceText,
  customer_email_address: shortText,
  customer_name: shortText,
  customer_purchase_ip: shortText,
  customer_signature: evidenceText,
  duplicate_charge_documentation: evidenceText,
  duplicate_charge_explanation: evidenceText,
  duplicate_charge_id: shortText,
  product_description: evidenceText,
  receipt: evidenceText,
  refund_policy: evidenceText,
  refund_policy_disclosure: evidenceText,
  refund_refusal_explanation: evidenceText,
  service_date: shortText,
  service_documentation: evidenceText,
  uncategorized_file: evidenceText,
  uncategorized_text: evidenceText,
})

const filters = { ...paging, created: created.optional(), charge: text().optional(), payment_intent: text().optional() }

export const disputes = [
  route('GET', '/v1/disputes/:id', {}, (account, _, id) => getDispute(account, id)),
  route(
    'POST',
    '/v1/disputes/:id',
    { evidence: evidence.optional(), metadata: metadata.optional(), submit: bool.default(true) },
    (account, params, id) =>
      submitEvidence(
        account,
        id,
        params.evidence ?? {},
        applyMetadata(getDispute(account, id).metadata, params.metadata),
        params.submit,
      ),
  ),
  route('POST', '/v1/disputes/:id/close', {}, (account, _, id) => closeDispute(account, id)),
  route('GET', '/v1/disputes', filters, (account, { charge, payment_intent, ...query }) =>
    paginate(account.store.disputes, '/v1/disputes', 'dispute', {
      ...query,
      where: where('charge', charge) ?? where('payment_intent', payment_intent),
      matches: (dispute) => !payment_intent || dispute.payment_intent === payment_intent,
    }),
  ),
]
