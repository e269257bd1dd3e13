import { z } from 'zod'
import { ApiError } from '../errors.ts'
import { priceItem, toPriceItem } from '../products/item.ts'
import { EntityId } from '../purchases/schemas.ts'
import { publicProcedure } from '../trpc.ts'
import { entityItem, toEntityItem } from './item.ts'

/** An entity with its channel, its videos and the products on sale. */
export const get = publicProcedure
  .input(z.object({ entityId: EntityId }))
  .output(
    entityItem.extend({
      channel: entityItem.nullable(),
      videos: z.array(entityItem).meta({ description: 'The videos of a channel' }),
      products: z.array(priceItem).meta({ description: 'The products on sale for this entity' }),
    }),
  )
  .query(async ({ ctx, input }) => {
    const row = await ctx.services.reads.entity(input.entityId)
    if (!row) throw new ApiError('entity_not_found', { field: 'entityId' })
    const { channel, videos, products, ...entity } = row
    return {
      ...toEntityItem(entity),
      channel: channel && toEntityItem(channel),
      videos: videos.map(toEntityItem),
      products: products.map(toPriceItem),
    }
  })
