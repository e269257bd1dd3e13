import { z } from 'zod'
import { ApiError } from '../errors.ts'
import { priceItem, priceItemOf } from '../products/item.ts'
import { EntityId } from '../purchases/schemas.ts'
import { publicProcedure } from '../trpc.ts'
import { entityItem, entityItemOf } from './item.ts'

/** All that a page about a video, channel or content shows. */
export const get = publicProcedure
  .input(z.object({ entityId: EntityId }))
  .output(
    entityItem.extend({
      channel: entityItem.nullable(),
      videos: z.array(entityItem).meta({ description: 'Of a channel' }),
      products: z.array(priceItem).meta({ description: 'On sale for it' }),
    }),
  )
  .query(async ({ ctx, input }) => {
    const row = await ctx.services.reads.entity(input.entityId)
    if (!row) throw new ApiError('entity_not_found', { field: 'entityId' })
    const { channel, videos, products, ...entity } = row
    return {
      ...entityItemOf(entity),
      channel: channel && entityItemOf(channel),
      videos: videos.map(entityItemOf),
      products: products.map(priceItemOf),
    }
  })
