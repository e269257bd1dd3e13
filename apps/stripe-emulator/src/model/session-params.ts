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

export const sessionParams = {
  adaptive_pricing: z.strictObject({ enabled: bool.optional() }).optional(),
  allow_promotion_codes: bool.optional(),
  allowed_payment_method_types: list(text()).optional(),
  automatic_tax: z.strictObject({ enabled: bool }).optional(),
  billing_address_collection: z.enum(['auto', 'required']).optional(),
  cancel_url: url.optional(),
  client_reference_id: text(200).optional(),
  currency: currency.optional(),
  customer: text().optional(),
  customer_creation: z.enum(['always', 'if_required']).optional(),
  customer_email: email.optional(),
  expires_at: int().optional(),
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
    })
    .optional(),
  redirect_on_completion: z.enum(['always', 'if_required', 'never']).optional(),
  return_url: url.optional(),
  submit_type: z.enum(['auto', 'book', 'donate', 'pay', 'subscribe']).optional(),
  success_url: url.optional(),
  ui_mode: z.enum(['elements', 'embedded_page', 'form', 'hosted_page']).default('hosted_page'),
}

export type SessionParams = z.output<z.ZodObject<typeof sessionParams>> & { payment_method_types?: string[] | undefined }
