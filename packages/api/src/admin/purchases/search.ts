import type { OperatorRow } from '@pay-to-view/db'
import { z } from 'zod'
import { takePage } from '../../cursor.ts'
import { toPurchaseItem } from '../../purchases/item.ts'
import { EntityId, ProductId, PurchaseId, PurchaseStatus, purchaseItem } from '../../purchases/schemas.ts'
import { text } from '../../text.ts'
import { scopedProcedure } from '../../trpc.ts'
import { SupportedCurrency, Timestamp } from '../../values.ts'

const expectedLimit = 'Expected a whole number from 1 to 100'

export const position = z.object({ createdAt: Timestamp, id: PurchaseId }, 'Expected `next` of the previous page')

export const adminPurchaseItem = purchaseItem.extend({
  userId: z.string(),
  entityTitle: z.string(),
  productName: z.string(),
  mismatch: z.string().nullable().meta({ description: 'The part of the payment that does not match the quote' }),
  country: z.string().nullable().meta({ description: "Country of the buyer's billing address (ISO 3166)" }),
  invoiceNumber: z.string().nullable(),
})

export type AdminPurchaseItem = z.infer<typeof adminPurchaseItem>

/** The filters of the search and the export. */
export const filter = z.object({
  userId: text(200).optional(),
  userIdPrefix: text(200).optional().meta({ description: "The first characters of the user's id" }),
  entityId: EntityId.optional(),
  payToViewProductId: ProductId.optional(),
  promotionCode: text(255).optional().meta({
    description:
      'The code that reduced the price or, before the payment, the chosen code. Matches the code as given, in all uppercase, and in all lowercase',
  }),
  country: text(2)
    .regex(/^[A-Z]{2}$/, 'Expected an uppercase country code, such as DE')
    .optional()
    .meta({ description: "Country of the buyer's billing address (ISO 3166), known after the payment" }),
  currency: SupportedCurrency.optional().meta({ description: 'Currency of `amount`, in which the checkout is paid' }),
  status: PurchaseStatus.optional(),
  externalTransactionId: text(255).optional().meta({ description: "Stripe's PaymentIntent" }),
  createdFrom: Timestamp.optional(),
  createdTo: Timestamp.optional(),
})

type Filter = z.infer<typeof filter>

/** Converts the input to the filter that the database query takes. */
export const toSearchFilter = ({ createdFrom, createdTo, payToViewProductId: productId, ...equal }: Filter) => ({
  ...equal,
  productId,
  createdFrom: createdFrom === undefined ? undefined : new Date(createdFrom),
  createdTo: createdTo === undefined ? undefined : new Date(createdTo),
})

export const toAdminPurchaseItem = (row: OperatorRow): AdminPurchaseItem => {
  const { userId, entityTitle, productName, mismatch, country, invoiceNumber } = row
  return { ...toPurchaseItem(row), userId, entityTitle, productName, mismatch, country, invoiceNumber }
}

/** Finds purchases by any combination of filters, newest first. `next` is the cursor of the next page. */
export const search = scopedProcedure('purchases:read')
  .input(
    filter
      .extend({
        after: position.optional(),
        limit: z.int(expectedLimit).min(1, expectedLimit).max(100, expectedLimit).default(20),
      })
      // Unknown filters are rejected. If a misspelled filter were ignored, the search would match all users' purchases.
      .strict(),
  )
  .output(z.object({ items: z.array(adminPurchaseItem), next: position.nullable() }))
  .query(async ({ ctx, input }) => {
    const { after, limit, ...fields } = input
    const rows = await ctx.services.reads.searchPurchases(
      toSearchFilter(fields),
      after ? { id: after.id, createdAt: new Date(after.createdAt) } : null,
      limit + 1,
    )
    const { items, last } = takePage(rows, limit, toAdminPurchaseItem)
    return { items, next: last && { id: last.id, createdAt: last.createdAt.toISOString() } }
  })
