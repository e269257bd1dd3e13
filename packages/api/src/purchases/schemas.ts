import { catalogIdPattern, purchaseIdPattern, statuses, withdrawalRefusals } from '@pay-to-view/purchase'
import { z } from 'zod'
import { text } from '../text.ts'
import { Currency, CurrencyCode, idSchema, Money, Time } from '../values.ts'

const example = (prefix: string) => `${prefix}_01m85eetz2e8qthwsqr5v0dh8g`

export const PurchaseId = idSchema(`Expected the id of a purchase, such as ${example('ptv')}`, purchaseIdPattern).meta({
  description: 'Id of a purchase. An imported purchase keeps its original id',
  example: example('ptv'),
})

const catalogId = (kind: string) =>
  idSchema(`Expected the id of ${kind}: 1 to 128 characters of A-Z a-z 0-9 . _ ~ : -`, catalogIdPattern)

export const ProductId = catalogId('a product').meta({
  description: 'Id of a product',
  example: 'prod_01m85eetz6e8qthwvnjjs5zz41',
})
export const EntityId = catalogId('a video, channel or content').meta({
  description: 'Id of a video, channel or content',
  example: example('vid'),
})

export const EntityTypeNumber = z
  .union([z.literal(1), z.literal(2), z.literal(3)])
  .meta({ description: '1: video, 2: channel, 3: content' })
export const PurchaseStatus = z.enum(statuses, `Expected one of ${statuses.join(', ')}`)

const expectedPromotionCode = 'Expected a promotion code of 1 to 500 characters'

const expectedVersion = 'Expected the version of the texts that the buyer saw'

const acknowledgment = (text: string) =>
  z.boolean('Expected true, once the buyer has checked the box').optional().meta({ description: text })

/** A missing or false acknowledgment is reported as `consent_required`. */
const consentInput = z
  .strictObject(
    {
      immediateAccess: acknowledgment('The buyer asks for access before the withdrawal period ends'),
      withdrawalWaived: acknowledgment('The buyer knows that the right of withdrawal is lost'),
      version: z
        .string(expectedVersion)
        .max(100, expectedVersion)
        .optional()
        .meta({ description: 'The version of the texts that the buyer saw; the current version if omitted' }),
    },
    'Expected an object: { "immediateAccess": true, "withdrawalWaived": true }',
  )
  .meta({
    description:
      'Required where CONSENT=eu, and ignored elsewhere: the two acknowledgments that the buyer has checked. `consent` of GET /client/v1/pay-to-view/products has their texts',
  })

export const createInput = z.object({
  payToViewProductId: ProductId,
  entityId: EntityId,
  returnUrl: z
    .string('Expected a URL, such as https://yoursite.com/purchase/complete')
    .max(2048, 'Expected at most 2048 characters')
    .meta({
      description: 'URL that the user returns to after the checkout',
      format: 'uri',
      example: 'https://yoursite.com/purchase/complete',
    }),
  currency: CurrencyCode.optional().meta({
    description: 'A currency in which the product has a price; if omitted, its default price applies',
    example: 'eur',
  }),
  promotionCode: z
    .string(expectedPromotionCode)
    .trim()
    .regex(/^[^\p{C}]{1,500}$/u, expectedPromotionCode)
    .optional()
    .meta({ description: "One of Stripe's promotion codes, in upper or lower case", example: 'SUMMER20' }),
  renew: z
    .boolean('Expected true or false')
    .optional()
    .meta({ description: 'Buys more time, or permanent access, while the user still has access' }),
  consent: consentInput.optional(),
})

export const createResult = z.union([
  z.object({
    success: z.literal(true),
    hasAccess: z.literal(false),
    purchaseId: PurchaseId,
    clientSecret: z.string().meta({ description: "Client secret for Stripe's embedded checkout" }),
    stripeCustomerId: z.string(),
  }),
  z
    .object({
      success: z.literal(false),
      hasAccess: z.literal(true),
      startsAt: Time.optional().meta({ description: 'When the access starts, if it has been bought and has not started yet' }),
    })
    .meta({ description: 'The user already has access, or has bought access that starts later' }),
  z.object({
    success: z.literal(false),
    hasAccess: z.literal(false),
    purchaseId: PurchaseId,
    reason: z.enum(['payment_processing', 'payment_review', 'disputed']),
  }),
])

export const purchaseItem = z.object({
  purchaseId: PurchaseId,
  payToViewProductId: ProductId,
  entityId: EntityId,
  entityType: EntityTypeNumber,
  status: PurchaseStatus,
  processing: z.boolean().meta({ description: 'Whether a delayed payment has not settled yet' }),
  amount: Money.meta({ description: 'The quoted amount, in minor units of `currency`' }),
  amountPaid: Money.meta({
    description:
      'The subtotal minus the discount, plus exclusive tax, in minor units of `currencyPaid`; 0 while unpaid and for a free order',
  }),
  amountSubtotal: Money.meta({
    description:
      'The price before the discount, and before exclusive tax is added, in minor units of `currencyPaid`; 0 while unpaid',
  }),
  amountDiscount: Money.meta({
    description: 'The amount that the promotion code took off the price, in minor units of `currencyPaid`',
  }),
  amountTax: Money.meta({ description: 'Tax, added to the price or contained in it, in minor units of `currencyPaid`' }),
  amountRefunded: Money.meta({ description: 'The sum of the refunds, in minor units of `currencyPaid`' }),
  currency: Currency,
  currencyPaid: Currency.nullable(),
  promotionCode: z.string().nullable().meta({ description: 'The promotion code that reduced the price' }),
  invoiceUrl: z.string().nullable().meta({ description: 'URL of the invoice page, hosted by Stripe' }),
  invoicePdfUrl: z.string().nullable(),
  externalTransactionId: z
    .string()
    .nullable()
    .meta({ description: "Id of Stripe's PaymentIntent; null while unpaid and for a free order" }),
  createdAt: Time,
  completedAt: Time.nullable().meta({
    description: 'Time of the payment; set even if the payment is held for review because of a mismatch',
  }),
  startsAt: Time.nullable().meta({ description: 'Start of the access; null if no access was granted' }),
  expiresAt: Time.nullable().meta({
    description: 'End of the purchased access, even if it was revoked earlier; null while unpaid and for permanent access',
  }),
  rental: z
    .object({
      watchWithinHours: z.int().meta({ description: 'Hours in which the rental can be watched after its first playback' }),
      startedAt: Time.nullable().meta({
        description: 'Time of the first playback. While it is null, `expiresAt` is the deadline for starting the rental',
      }),
    })
    .nullable()
    .meta({ description: 'Set if a rental was bought' }),
  refundedAt: Time.nullable(),
  consent: z
    .object({
      version: z.string().meta({ description: 'The version of the texts' }),
      at: Time,
    })
    .nullable()
    .meta({ description: 'The acknowledgments that the buyer gave before the payment (CONSENT=eu); null if none' }),
  withdrawnAt: Time.nullable().meta({ description: 'When the buyer withdrew from the contract' }),
  hasAccess: z.boolean().meta({ description: 'Whether this purchase gives access now' }),
})

export const purchaseDetails = purchaseItem.extend({
  description: z.string().nullable().meta({
    description: "Name of the purchased item at the time of purchase, as shown on Stripe's checkout",
    example: 'Nosferatu – Film, 30 days',
  }),
})

const expectedPage = 'Expected a whole number of at least 1'
const expectedPageSize = 'Expected a whole number from 1 to 100'

export const listInput = z.object({
  page: z.int(expectedPage).min(1, expectedPage).max(1_000_000, 'Expected at most 1000000').default(1),
  pageSize: z.int(expectedPageSize).min(1, expectedPageSize).max(100, expectedPageSize).default(10),
  entityId: EntityId.optional(),
})

export const purchasePage = z.object({
  items: z.array(purchaseItem),
  page: z.int(),
  pageSize: z.int(),
  totalCount: z.int(),
})

const expectedAmount = 'Expected a whole number from 1 to 99999999, in minor units of the currency: 499 for 4.99 USD or 499 JPY'

/** Unknown fields are rejected. If a misspelled `amount` were ignored, the whole remaining amount would be refunded. */
export const refundInput = z.strictObject({
  id: PurchaseId,
  amount: z
    .int(expectedAmount)
    .min(1, expectedAmount)
    .max(99_999_999, expectedAmount)
    .optional()
    .meta({ description: 'In minor units of the currency; the whole remaining amount if omitted' }),
  reason: text(500).optional(),
  requestId: z
    .string('Expected a string')
    .regex(/^[\x21-\x7e]{1,200}$/, 'Expected 1 to 200 printable ASCII characters without spaces')
    .refine(
      (key) => !/^(cancel|duplicate|withdrawal)-/.test(key),
      'Expected a key without the reserved prefixes cancel-, duplicate- and withdrawal-',
    )
    .optional()
    .meta({
      description:
        'Repeating a request with the same key returns the same response. In REST, send the key in the Idempotency-Key header.',
    }),
})

export const refundResult = z.object({
  success: z.literal(true),
  purchaseId: z.string(),
  status: z.string(),
  refundId: z.string().nullable().meta({ description: "Id of Stripe's refund; null for a free order" }),
  amount: Money,
  amountRefunded: Money,
  currency: Currency,
})

const withdrawalRefund = z
  .object({ amount: Money, currency: Currency })
  .nullable()
  .meta({ description: 'The remaining amount of the payment; null for a free order, or if nothing is refunded' })

export const withdrawInput = z.strictObject({
  id: PurchaseId,
  confirm: z
    .literal(true, 'Expected true. To see what would happen, omit confirm')
    .optional()
    .meta({ description: 'Confirms the withdrawal. Without it, nothing changes, and the response says what would happen' }),
})

export const withdrawResult = z.union([
  z
    .object({
      possible: z.boolean().meta({ description: 'Whether the buyer can withdraw now' }),
      reason: z.enum(withdrawalRefusals).nullable().meta({ description: 'Why the buyer cannot withdraw; null if they can' }),
      until: Time.nullable().meta({ description: 'End of the period in which the buyer may withdraw; null if there is none' }),
      refund: withdrawalRefund,
    })
    .meta({ description: 'Without `confirm`: what would happen' }),
  z
    .object({
      withdrawnAt: Time.meta({ description: 'When the withdrawal was received. The access ended at that time' }),
      refund: withdrawalRefund,
    })
    .meta({ description: 'With `confirm`: the acknowledgment. Repeating the call returns the same response' }),
])
