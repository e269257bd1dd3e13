import { z } from 'zod'
import { bool, currency, email, int, list, metadata, shipping, text, url } from '../http/params.ts'

const productData = z.strictObject({
  name: text(250),
  description: text().optional(),
  images: z.array(url).max(8).optional(),
  metadata: metadata.optional(),
  tax_code: text().optional(),
})

const lineItem = z.strictObject({
  price: text().optional(),
  price_data: z
    .strictObject({
      currency,
      product: text().optional(),
      product_data: productData.optional(),
      unit_amount: int(0, 99_999_999),
      tax_behavior: z.enum(['exclusive', 'inclusive', 'unspecified']).optional(),
    })
    .optional(),
  quantity: int(1, 999_999).optional(),
  metadata: metadata.optional(),
})

const message = z.strictObject({ message: text(1200) }).optional()

const invoiceData = z.strictObject({
  custom_fields: z
    .array(z.strictObject({ name: text(40), value: text(140) }))
    .max(4)
    .optional(),
  description: text(1500).optional(),
  footer: text(5000).optional(),
  metadata: metadata.optional(),
  rendering_options: z
    .strictObject({ amount_tax_display: z.enum(['exclude_tax', 'include_inclusive_tax']).optional() })
    .optional(),
})

export const sessionParams = {
  adaptive_pricing: z.strictObject({ enabled: bool.optional() }).optional(),
  allow_promotion_codes: bool.optional(),
  allowed_payment_method_types: list(text()).optional(),
  automatic_tax: z.strictObject({ enabled: bool }).optional(),
  billing_address_collection: z.enum(['auto', 'required']).optional(),
  cancel_url: url.optional(),
  client_reference_id: text(200).optional(),
  consent_collection: z.strictObject({ terms_of_service: z.enum(['none', 'required']).optional() }).optional(),
  currency: currency.optional(),
  custom_text: z
    .strictObject({ after_submit: message, shipping_address: message, submit: message, terms_of_service_acceptance: message })
    .optional(),
  customer: text().optional(),
  customer_creation: z.enum(['always', 'if_required']).optional(),
  customer_email: email.optional(),
  customer_update: z
    .strictObject({ address: z.enum(['auto', 'never']).optional(), name: z.enum(['auto', 'never']).optional() })
    .optional(),
  discounts: z
    .array(z.strictObject({ coupon: text().optional(), promotion_code: text().optional() }))
    .max(1)
    .optional(),
  expires_at: int().optional(),
  invoice_creation: z.strictObject({ enabled: bool, invoice_data: invoiceData.optional() }).optional(),
  line_items: z.array(lineItem).max(100).optional(),
  locale: text(10).optional(),
  managed_payments: z.strictObject({ enabled: bool.optional() }).optional(),
  metadata: metadata.optional(),
  mode: z.enum(['payment', 'setup', 'subscription']),
  payment_intent_data: z
    .strictObject({
      metadata: metadata.optional(),
      description: text(1000).optional(),
      receipt_email: email.optional(),
      shipping: shipping.optional(),
      statement_descriptor: text(22).optional(),
      statement_descriptor_suffix: text(22).optional(),
    })
    .optional(),
  redirect_on_completion: z.enum(['always', 'if_required', 'never']).optional(),
  return_url: url.optional(),
  submit_type: z.enum(['auto', 'book', 'donate', 'pay', 'subscribe']).optional(),
  success_url: url.optional(),
  tax_id_collection: z.strictObject({ enabled: bool, required: z.enum(['if_supported', 'never']).optional() }).optional(),
  ui_mode: z.enum(['elements', 'embedded_page', 'form', 'hosted_page']).default('hosted_page'),
}

export type SessionParams = z.output<z.ZodObject<typeof sessionParams>> & { payment_method_types?: string[] | undefined }
