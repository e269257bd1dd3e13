import {
  type AllowedDiscount,
  type EntityType,
  entityTypes,
  type TaxBehavior,
  taxBehaviors,
  truncate,
} from '@pay-to-view/purchase'
import { z } from 'zod'
import type { PurchaseMetadata } from './metadata.ts'

const metadata = z.object({
  payToViewPurchaseId: z.string(),
  payToViewProductId: z.string(),
  userId: z.string(),
  entityType: z.enum(['1', '2', '3']),
  entityId: z.string(),
  payToViewSite: z.string().optional(),
}) satisfies z.ZodType<PurchaseMetadata>

/**
 * The parameters of a checkout session. They are stored with the purchase, so every process sends the same request: reusing an idempotency
 * key with different parameters is an error (Stripe's "Idempotent requests").
 */
export const storedCheckoutRequest = z.object({
  mode: z.literal('payment'),
  ui_mode: z.literal('embedded_page'),
  redirect_on_completion: z.enum(['never', 'if_required', 'always']),
  return_url: z.string().optional(),
  customer: z.string(),
  expires_at: z.number().int(),
  line_items: z.array(
    z.object({
      quantity: z.literal(1),
      price_data: z.object({
        currency: z.string(),
        unit_amount: z.number().int(),
        tax_behavior: z.enum(taxBehaviors).optional(),
        product_data: z.object({ name: z.string(), tax_code: z.string().optional() }),
      }),
    }),
  ),
  adaptive_pricing: z.object({ enabled: z.literal(false) }),
  /** This parameter is missing in requests that were stored before it was introduced. Such requests are sent unchanged. */
  managed_payments: z.object({ enabled: z.literal(false) }).optional(),
  /** Stripe rejects `discounts` together with `allow_promotion_codes`. */
  discounts: z.array(z.object({ promotion_code: z.string() })).optional(),
  allow_promotion_codes: z.literal(true).optional(),
  automatic_tax: z.object({ enabled: z.literal(true) }).optional(),
  tax_id_collection: z.object({ enabled: z.literal(true) }).optional(),
  /** Copies the name and address from the checkout to the customer. Stripe requires the address to calculate tax for an existing customer. */
  customer_update: z.object({ address: z.literal('auto'), name: z.literal('auto') }).optional(),
  /** The metadata omits the user's id, because `forget` could not remove it from the invoice. */
  invoice_creation: z
    .object({ enabled: z.literal(true), invoice_data: z.object({ metadata: metadata.omit({ userId: true }) }) })
    .optional(),
  metadata,
  payment_intent_data: z.object({ metadata }),
})

export type CheckoutRequest = z.infer<typeof storedCheckoutRequest>

export type RedirectOnCompletion = CheckoutRequest['redirect_on_completion']

/** The operator's settings for checkouts (environment.ts). */
export interface CheckoutOptions {
  redirect: RedirectOnCompletion
  automaticTax: boolean
  collectTaxIds: boolean
  createInvoices: boolean
  /** The SITE_ID, if several sites share one Stripe account. */
  site?: string | undefined
}

export interface CheckoutParams {
  purchaseId: string
  product: {
    id: string
    name: string
    amount: number
    currency: string
    /** The product's Stripe tax code. */
    taxCode: string | null
  }
  allowedDiscount: AllowedDiscount
  /** Null if no tax is calculated for the purchase. */
  taxBehavior: TaxBehavior | null
  entity: { id: string; type: EntityType; title: string }
  userId: string
  stripeCustomerId: string
  /** The time at which the checkout expires: between 30 minutes and 24 hours from now. */
  expiresAt: Date
  returnUrl: string
  options: CheckoutOptions
}

/** The name of the line item in a stored checkout request; null if there is none. */
export const lineItemName = (storedRequest: unknown): string | null => {
  const { data } = storedCheckoutRequest.pick({ line_items: true }).safeParse(storedRequest)
  return data?.line_items[0]?.price_data.product_data.name ?? null
}

/**
 * Stripe's limit for the name of a product. Stripe does not say how it counts characters, so we count UTF-16 code units, which gives the
 * highest count.
 */
const maxNameLength = 250

/** The name that Stripe shows: the title, shortened if needed, and the product, on one line. */
const productName = (title: string, product: string): string => {
  const [prefix = '', name = ''] = [title, product].map((text) => text.replaceAll(/\s+/g, ' '))
  const suffix = ` – ${truncate(name, 200, 'utf16')}`
  return `${truncate(prefix, maxNameLength - suffix.length, 'utf16')}${suffix}`
}

const discountParams = (allowed: AllowedDiscount): Pick<CheckoutRequest, 'discounts' | 'allow_promotion_codes'> => {
  switch (allowed.kind) {
    case 'none':
      return {}
    case 'code':
      return { discounts: [{ promotion_code: allowed.promotionCodeId }] }
    case 'any':
      return { allow_promotion_codes: true }
    default:
      return allowed satisfies never
  }
}

const taxParams = (
  hasTax: boolean,
  { collectTaxIds }: CheckoutOptions,
): Pick<CheckoutRequest, 'automatic_tax' | 'tax_id_collection' | 'customer_update'> => ({
  ...(hasTax && { automatic_tax: { enabled: true } }),
  ...(collectTaxIds && { tax_id_collection: { enabled: true } }),
  ...((hasTax || collectTaxIds) && { customer_update: { address: 'auto', name: 'auto' } }),
})

export const buildCheckoutRequest = (params: CheckoutParams): CheckoutRequest => {
  const { purchaseId, product, allowedDiscount, taxBehavior, entity, userId, stripeCustomerId, expiresAt, returnUrl } = params
  const { redirect, createInvoices, site } = params.options
  const hasTax = taxBehavior !== null
  const invoiceMetadata: Omit<PurchaseMetadata, 'userId'> = {
    payToViewPurchaseId: purchaseId,
    payToViewProductId: product.id,
    entityType: `${entityTypes[entity.type]}`,
    entityId: entity.id,
    ...(site !== undefined && { payToViewSite: site }),
  }
  const purchaseMetadata: PurchaseMetadata = { ...invoiceMetadata, userId }
  return {
    mode: 'payment',
    ui_mode: 'embedded_page',
    redirect_on_completion: redirect,
    // Stripe rejects a return_url together with `never`.
    ...(redirect !== 'never' && { return_url: returnUrl }),
    customer: stripeCustomerId,
    expires_at: Math.floor(expiresAt.getTime() / 1000),
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: product.currency,
          unit_amount: product.amount,
          ...(hasTax && { tax_behavior: taxBehavior }),
          product_data: {
            name: productName(entity.title, product.name),
            ...(hasTax && product.taxCode !== null && { tax_code: product.taxCode }),
          },
        },
      },
    ],
    adaptive_pricing: { enabled: false },
    // Some accounts have Managed Payments on by default: Stripe would then be the merchant of record and reject inline prices without a tax
    // code.
    managed_payments: { enabled: false },
    ...discountParams(allowedDiscount),
    ...taxParams(hasTax, params.options),
    ...(createInvoices && { invoice_creation: { enabled: true, invoice_data: { metadata: invoiceMetadata } } }),
    metadata: purchaseMetadata,
    // Stripe does not copy a session's metadata to its payment intent (Stripe's "Metadata").
    payment_intent_data: { metadata: purchaseMetadata },
  }
}
