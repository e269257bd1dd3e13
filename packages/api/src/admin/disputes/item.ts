import { type EvidenceField, evidenceFields, maxEvidenceLengths } from '@pay-to-view/purchase'
import type { DisputeDetails } from '@pay-to-view/stripe'
import { z } from 'zod'
import { PurchaseId } from '../../purchases/schemas.ts'
import { textOfCharacters } from '../../text.ts'
import { Currency, Money, Time } from '../../values.ts'

export const disputeInput = z.strictObject({ id: PurchaseId })

/** One schema for each evidence field. */
const forEachField = <T extends z.ZodType>(schemaOf: (field: EvidenceField) => T): Record<EvidenceField, T> => ({
  product_description: schemaOf('product_description'),
  access_activity_log: schemaOf('access_activity_log'),
  customer_name: schemaOf('customer_name'),
  customer_email_address: schemaOf('customer_email_address'),
  billing_address: schemaOf('billing_address'),
  customer_purchase_ip: schemaOf('customer_purchase_ip'),
  service_date: schemaOf('service_date'),
  refund_policy_disclosure: schemaOf('refund_policy_disclosure'),
  refund_refusal_explanation: schemaOf('refund_refusal_explanation'),
  uncategorized_text: schemaOf('uncategorized_text'),
})

export const evidenceInput = z
  .strictObject(
    forEachField((field) => textOfCharacters(maxEvidenceLengths[field]).nullable().optional()),
    'Expected an object with a text for each field',
  )
  .refine((evidence) => Object.keys(evidence).length > 0, {
    error: `Expected at least one of ${evidenceFields.join(', ')}`,
    // An unknown field already has its own error message.
    when: ({ issues }) => issues.length === 0,
  })
  .meta({
    description:
      "The texts, keyed by Stripe's field names. Replaces the given fields and keeps the other fields; null clears a field",
  })

/** Converts to Stripe's format: an empty string clears a field. */
export const toEvidence = (input: z.infer<typeof evidenceInput>): Partial<Record<EvidenceField, string>> => {
  const evidence: Partial<Record<EvidenceField, string>> = {}
  for (const field of evidenceFields) {
    const value = input[field]
    if (value !== undefined) evidence[field] = value ?? ''
  }
  return evidence
}

export const disputeItem = z.object({
  disputeId: z.string().meta({ description: "The dispute's id in Stripe" }),
  status: z
    .string()
    .meta({ description: "Stripe's status: `needs_response` until evidence is submitted, then `under_review`, `won` or `lost`" }),
  reason: z.string().meta({ description: "Stripe's reason, such as `fraudulent` or `product_not_received`" }),
  amount: Money,
  currency: Currency,
  dueBy: Time.nullable().meta({ description: 'The deadline for submitting evidence' }),
  submissionCount: z.int(),
  hasEvidence: z.boolean().meta({ description: 'Whether evidence is staged' }),
  pastDue: z.boolean(),
  evidence: z
    .object(forEachField(() => z.string().nullable()))
    .meta({ description: 'The staged or submitted evidence, as stored in Stripe' }),
})

export const toDisputeItem = ({ id, dueBy, ...dispute }: DisputeDetails): z.infer<typeof disputeItem> => ({
  disputeId: id,
  ...dispute,
  dueBy: dueBy === null ? null : new Date(dueBy * 1_000).toISOString(),
})
