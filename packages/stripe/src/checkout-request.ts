import { entityTypeOf } from '@pay-to-view/purchase'
import { z } from 'zod'
import type { PurchaseMetadata } from './metadata.ts'

const metadata = z.object({
  payToViewPurchaseId: z.string(),
  payToViewProductId: z.string(),
  userId: z.string(),
  entityType: z.enum(['1', '2', '3']),
  entityId: z.string(),
}) satisfies z.ZodType<PurchaseMetadata>

/**
 * Everything that is sent to make a checkout. Kept with the purchase, so that any process sends the identical request again: the same
 * idempotency key with other parameters is an error (Stripe's "Idempotent requests").
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
  metadata,
  payment_intent_data: z.object({ metadata }),
})

export type CheckoutRequest = z.infer<typeof storedCheckoutRequest>

export type RedirectOnCompletion = CheckoutRequest['redirect_on_completion']

export interface CheckoutOrder {
  purchaseId: string
  product: { id: string; name: string; amount: number; currency: string }
  entity: { id: string; title: string }
  userId: string
  stripeCustomerId: string
  /** When the checkout ends: 30 minutes to 24 hours from now. */
  expiresAt: Date
  redirect: RedirectOnCompletion
  returnUrl: string
}

/** What a checkout sells, in the words that Stripe shows; null where they are not kept. */
export const lineItemName = (request: unknown): string | null => {
  const { data } = storedCheckoutRequest.pick({ line_items: true }).safeParse(request)
  return data?.line_items[0]?.price_data.product_data.name ?? null
}

/** Characters that Stripe takes in the name of a product. */
const longestName = 250

/** What the buyer reads at Stripe: one line, in which a long title makes room for the product. */
const nameOf = (title: string, product: string): string => {
  const [entity, bought] = [title, ` – ${product}`].map((text) => [...text.replaceAll(/\s+/g, ' ')])
  if (!entity || !bought) return product
  const room = longestName - bought.length
  return [...(entity.length > room ? [...entity.slice(0, room - 1), '…'] : entity), ...bought].join('')
}

export const buildCheckoutRequest = (order: CheckoutOrder): CheckoutRequest => {
  const { purchaseId, product, entity, userId, stripeCustomerId, expiresAt, redirect, returnUrl } = order
  const entityType = entityTypeOf(entity.id)
  if (entityType === null) throw new TypeError(`${entity.id} is not the id of an entity`)
  const attached: PurchaseMetadata = {
    payToViewPurchaseId: purchaseId,
    payToViewProductId: product.id,
    userId,
    entityType: `${entityType}`,
    entityId: entity.id,
  }
  return {
    mode: 'payment',
    ui_mode: 'embedded_page',
    redirect_on_completion: redirect,
    // Stripe refuses a return_url beside `never`.
    ...(redirect !== 'never' && { return_url: returnUrl }),
    customer: stripeCustomerId,
    expires_at: Math.floor(expiresAt.getTime() / 1000),
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: product.currency,
          unit_amount: product.amount,
          product_data: { name: nameOf(entity.title, product.name) },
        },
      },
    ],
    adaptive_pricing: { enabled: false },
    metadata: attached,
    // A session's metadata does not flow to its payment intent (Stripe's "Metadata").
    payment_intent_data: { metadata: attached },
  }
}
