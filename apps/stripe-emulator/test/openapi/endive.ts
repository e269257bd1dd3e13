import type { Schema } from './document.ts'

/** Properties that exist in 2026-10-28.endive but not in the document. stripe-node's types, which the emulator uses, contain these properties. */
const NEW_PROPERTIES: Record<string, string[]> = {
  account_business_profile: ['specified_commercial_transactions_act_url'],
  account_payments_settings: ['statement_descriptor_prefix_kana', 'statement_descriptor_prefix_kanji'],
  charge: ['source'],
  'checkout.session': ['allowed_payment_method_types'],
  dispute: ['intended_submission_method'],
  dispute_evidence_details: ['submission_method'],
  payment_intent: ['payment_record', 'source'],
  payment_method_details_card: ['electronic_commerce_indicator'],
  product: ['tax_details', 'type'],
  tax_code: ['requirements'],
}

/** Returns the document's schemas with the changes of 2026-10-28.endive that concern the emulator. */
export const endiveSchemas = (schemas: Record<string, Schema>): Record<string, Schema> =>
  Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      {
        ...schema,
        properties: { ...schema.properties, ...Object.fromEntries((NEW_PROPERTIES[name] ?? []).map((one) => [one, {}])) },
      },
    ]),
  )
