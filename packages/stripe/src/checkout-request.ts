import { type EntityType, entityTypes, truncate } from '@pay-to-view/purchase'
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
 * The parameters of a checkout session. They are stored with the purchase, so that every process sends the same request: an idempotency key
 * with different parameters is an error (Stripe's "Idempotent requests").
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
        product_data: z.object({ name: z.string() }),
      }),
    }),
  ),
  adaptive_pricing: z.object({ enabled: z.literal(false) }),
  /** Missing in requests that were stored before it was sent; these are sent unchanged. */
  managed_payments: z.object({ enabled: z.literal(false) }).optional(),
  metadata,
  payment_intent_data: z.object({ metadata }),
})

export type CheckoutRequest = z.infer<typeof storedCheckoutRequest>

export type RedirectOnCompletion = CheckoutRequest['redirect_on_completion']

export interface CheckoutParams {
  purchaseId: string
  product: { id: string; name: string; amount: number; currency: string }
  entity: { id: string; type: EntityType; title: string }
  userId: string
  stripeCustomerId: string
  /** Between 30 minutes and 24 hours from now. */
  expiresAt: Date
  redirect: RedirectOnCompletion
  returnUrl: string
  /** SITE_ID, where several sites share one Stripe account. */
  site?: string | undefined
}

/** The name of the line item in a stored checkout request; null if there is none. */
export const lineItemName = (storedRequest: unknown): string | null => {
  const { data } = storedCheckoutRequest.pick({ line_items: true }).safeParse(storedRequest)
  return data?.line_items[0]?.price_data.product_data.name ?? null
}

/** Stripe's limit for the name of a product. Stripe does not say how it counts characters, so the limit is applied to UTF-16 units, the highest possible count. */
const maxNameLength = 250

/** The name that Stripe shows: the title, shortened where needed, and the product, on one line. */
const productName = (title: string, product: string): string => {
  const [prefix = '', name = ''] = [title, product].map((text) => text.replaceAll(/\s+/g, ' '))
  const suffix = ` – ${truncate(name, 200, 'utf16')}`
  return `${truncate(prefix, maxNameLength - suffix.length, 'utf16')}${suffix}`
}

export const buildCheckoutRequest = (params: CheckoutParams): CheckoutRequest => {
  const { purchaseId, product, entity, userId, stripeCustomerId, expiresAt, redirect, returnUrl, site } = params
  const purchaseMetadata: PurchaseMetadata = {
    payToViewPurchaseId: purchaseId,
    payToViewProductId: product.id,
    userId,
    entityType: `${entityTypes[entity.type]}`,
    entityId: entity.id,
    ...(site !== undefined && { payToViewSite: site }),
  }
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
          product_data: { name: productName(entity.title, product.name) },
        },
      },
    ],
    adaptive_pricing: { enabled: false },
    // Some accounts have Managed Payments on by default: Stripe would then be the merchant of record, and reject inline prices without a tax code.
    managed_payments: { enabled: false },
    metadata: purchaseMetadata,
    // Stripe does not copy a session's metadata to its payment intent (Stripe's "Metadata").
    payment_intent_data: { metadata: purchaseMetadata },
  }
}
