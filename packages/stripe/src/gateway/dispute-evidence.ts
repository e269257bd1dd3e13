import {
  type DisputeEvidence,
  type EvidenceCustomer,
  type EvidenceField,
  evidenceFields,
  needsResponse,
} from '@pay-to-view/purchase'
import type Stripe from 'stripe'
import { idOfReference } from '../snapshots.ts'
import { idempotentWrite } from './idempotent-write.ts'
import { orNullIfMissing } from './or-null-if-missing.ts'

/** A dispute with the evidence that is staged in Stripe or was submitted. */
export interface DisputeDetails {
  id: string
  status: Stripe.Dispute['status']
  reason: string
  amount: number
  currency: string
  /** Stripe's deadline, in seconds since the epoch; null if no response is possible. */
  dueBy: number | null
  pastDue: boolean
  hasEvidence: boolean
  submissionCount: number
  evidence: Record<EvidenceField, string | null>
}

export type DisputeBlocker = 'closed' | 'submitted' | 'past_due'

const closedStatuses = ['won', 'lost', 'prevented', 'warning_closed']

/** Returns why the evidence of a dispute cannot be changed or submitted; null if nothing prevents this. */
export const disputeBlocker = ({ status, pastDue }: Pick<DisputeDetails, 'status' | 'pastDue'>): DisputeBlocker | null => {
  if (closedStatuses.includes(status)) return 'closed'
  if (!needsResponse(status)) return 'submitted'
  return pastDue ? 'past_due' : null
}

/** Stripe's data about the buyer of a disputed payment. Never stored or logged. */
export interface DisputedPayment {
  customer: EvidenceCustomer
  receiptUrl: string | null
}

const staged = (evidence: Stripe.Dispute.Evidence): DisputeDetails['evidence'] => ({
  product_description: evidence.product_description,
  access_activity_log: evidence.access_activity_log,
  customer_name: evidence.customer_name,
  customer_email_address: evidence.customer_email_address,
  billing_address: evidence.billing_address,
  customer_purchase_ip: evidence.customer_purchase_ip,
  service_date: evidence.service_date,
  refund_policy_disclosure: evidence.refund_policy_disclosure,
  refund_refusal_explanation: evidence.refund_refusal_explanation,
  uncategorized_text: evidence.uncategorized_text,
})

const toDetails = (dispute: Stripe.Dispute): DisputeDetails => ({
  ...{ id: dispute.id, status: dispute.status, reason: dispute.reason, amount: dispute.amount, currency: dispute.currency },
  dueBy: dispute.evidence_details.due_by,
  pastDue: dispute.evidence_details.past_due,
  hasEvidence: dispute.evidence_details.has_evidence,
  submissionCount: dispute.evidence_details.submission_count,
  evidence: staged(dispute.evidence),
})

const addressLines = (address: Stripe.Address | null): string | null => {
  if (!address) return null
  const { line1, line2, postal_code, city, state, country } = address
  const lines = [line1, line2, [postal_code, city].filter(Boolean).join(' '), state, country].filter(Boolean)
  return lines.length === 0 ? null : lines.join('\n')
}

const nobody: DisputedPayment = { customer: { name: null, email: null, address: null }, receiptUrl: null }

/** The fields to send, in a fixed order. An empty string clears a field. */
const orderedFields = (evidence: DisputeEvidence): DisputeEvidence => {
  const ordered: DisputeEvidence = {}
  for (const field of evidenceFields) if (evidence[field] !== undefined) ordered[field] = evidence[field]
  return ordered
}

export const disputeEvidenceCalls = (stripe: Stripe) => ({
  /** Returns null if Stripe does not know the dispute. */
  retrieveDispute: async (id: string): Promise<DisputeDetails | null> => {
    const dispute = await orNullIfMissing(stripe.disputes.retrieve(id))
    return dispute && toDetails(dispute)
  },

  /**
   * Reads the data of a disputed payment's buyer. If the customer was deleted, the user was erased: the charge still contains the data that
   * the buyer entered, but this data must not be used.
   */
  fetchDisputedPayment: async (disputeId: string): Promise<DisputedPayment> => {
    const dispute = await orNullIfMissing(stripe.disputes.retrieve(disputeId))
    const chargeId = dispute && idOfReference(dispute.charge)
    if (!chargeId) return nobody
    const charge = await orNullIfMissing(stripe.charges.retrieve(chargeId, { expand: ['customer'] }))
    if (!charge) return nobody
    const known = typeof charge.customer === 'object' ? charge.customer : null
    if (known?.deleted) return { ...nobody, receiptUrl: charge.receipt_url }
    const { billing_details: billing } = charge
    return {
      customer: {
        name: billing.name || known?.name || null,
        email: billing.email || known?.email || null,
        address: addressLines(billing.address) ?? addressLines(known?.address ?? null),
      },
      receiptUrl: charge.receipt_url,
    }
  },

  /**
   * Stages evidence without submitting it. Omitted fields are not changed. `write` identifies the request: repeating it within a day has no
   * further effect.
   */
  stageEvidence: async (id: string, evidence: DisputeEvidence, write: string): Promise<DisputeDetails> =>
    idempotentWrite(['dispute evidence', id, write], async (idempotencyKey) =>
      toDetails(await stripe.disputes.update(id, { evidence: orderedFields(evidence), submit: false }, { idempotencyKey })),
    ),

  /**
   * Submits the staged evidence to the bank. Repeated calls submit it only once, because the number of earlier submissions is part of the
   * idempotency key.
   */
  submitEvidence: async ({ id, submissionCount }: Pick<DisputeDetails, 'id' | 'submissionCount'>): Promise<DisputeDetails> =>
    idempotentWrite(['dispute submission', id, String(submissionCount)], async (idempotencyKey) =>
      toDetails(await stripe.disputes.update(id, { submit: true }, { idempotencyKey })),
    ),
})
