import { toPurchaseItem } from '../../purchases/item.ts'
import { listInput, purchasePage } from '../../purchases/schemas.ts'
import { scopedProcedure } from '../../trpc.ts'
import { UserId } from './user-id.ts'

/** Any user's purchases, as `purchases.list` returns them to that user. */
export const purchases = scopedProcedure('purchases:read')
  .meta({
    rest: {
      method: 'GET',
      path: '/admin/v1/pay-to-view/users/{userId}/purchases',
      summary: "List a user's purchases",
      tag: 'admin',
    },
  })
  .input(listInput.extend({ userId: UserId }).strict())
  .output(purchasePage)
  .query(async ({ ctx, input: { userId, ...input } }) => {
    const { items, totalCount } = await ctx.services.reads.history(userId, input)
    return { items: items.map(toPurchaseItem), page: input.page, pageSize: input.pageSize, totalCount }
  })
