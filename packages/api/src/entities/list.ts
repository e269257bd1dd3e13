import { z } from 'zod'
import { ChannelId } from '../purchases/schemas.ts'
import { publicProcedure } from '../trpc.ts'
import { entityItem, toEntityItem } from './item.ts'

/** The catalog, or the videos of one channel. */
export const list = publicProcedure
  .input(z.object({ channelId: ChannelId.optional() }))
  .output(z.object({ items: z.array(entityItem) }))
  .query(async ({ ctx, input }) => ({ items: (await ctx.services.reads.entities(input.channelId)).map(toEntityItem) }))
