import { userProcedure } from '../trpc.ts'
import { toPurchaseItem } from './item.ts'
import { listInput, purchasePage } from './schemas.ts'

/** The user's purchases, newest first. */
export const list = userProcedure
  .meta({
    rest: {
      method: 'GET',
      path: '/client/v1/pay-to-view/purchases',
      summary: 'List my purchases',
      tag: 'client',
    },
  })
  .input(listInput)
  .output(purchasePage)
  .query(async ({ ctx, input }) => {
    const { items, totalCount } = await ctx.services.reads.history(ctx.user.id, input)
    return { items: items.map(toPurchaseItem), page: input.page, pageSize: input.pageSize, totalCount }
  })
