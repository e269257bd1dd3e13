import { z } from 'zod'
import { itemOf } from '../../purchases/item.ts'
import { EntityId, ProductId, PurchaseId, PurchaseStatus, purchaseItem, Time } from '../../purchases/schemas.ts'
import { text } from '../../text.ts'
import { adminProcedure } from '../../trpc.ts'

/** Postgres knows no year 0. */
const moment = Time.regex(/^(?!0000)/, 'Expected a year from 0001')
const position = z.object({ createdAt: moment, id: PurchaseId })

export const foundItem = purchaseItem.extend({
  userId: z.string(),
  entityTitle: z.string(),
  productName: z.string(),
  mismatch: z.string().nullable(),
})

export type Found = z.infer<typeof foundItem>

/** What a search and the export of what it finds are narrowed by. */
export const filter = z.object({
  userId: text(200).optional(),
  entityId: EntityId.optional(),
  payToViewProductId: ProductId.optional(),
  status: PurchaseStatus.optional(),
  externalTransactionId: text(255).optional().meta({ description: "Stripe's PaymentIntent" }),
  createdFrom: moment.optional(),
  createdTo: moment.optional(),
})

/** Purchases by what an operator knows of them, newest first. `next` is where the next page begins. */
export const search = adminProcedure
  .input(
    filter
      .extend({
        after: position.optional(),
        limit: z.int('Expected a whole number from 1 to 100').min(1).max(100).default(20),
      })
      // Beside a misspelt filter everybody's purchases were found, and exported.
      .strict(),
  )
  .output(z.object({ items: z.array(foundItem), next: position.nullable() }))
  .query(async ({ ctx, input }) => {
    const { after, limit, createdFrom, createdTo, payToViewProductId: productId, ...equal } = input
    const found = await ctx.services.reads.searchPurchases(
      {
        ...equal,
        productId,
        createdFrom: createdFrom === undefined ? undefined : new Date(createdFrom),
        createdTo: createdTo === undefined ? undefined : new Date(createdTo),
      },
      after ? { id: after.id, createdAt: new Date(after.createdAt) } : null,
      limit,
    )
    return {
      items: found.items.map((row) => {
        const { userId, entityTitle, productName, mismatch } = row
        return { ...itemOf(row), userId, entityTitle, productName, mismatch }
      }),
      next: found.next && { id: found.next.id, createdAt: found.next.createdAt.toISOString() },
    }
  })
