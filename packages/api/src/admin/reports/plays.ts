import { z } from 'zod'
import { EntityId } from '../../purchases/schemas.ts'
import { scopedProcedure } from '../../trpc.ts'
import { period, timesOf } from './sales.ts'

const counts = { plays: z.int(), viewers: z.int().meta({ description: 'Number of distinct users' }) }

/**
 * How often an entity or its members were played, grouped by the day or hour in which a play started. Covers the time for which the play
 * log is kept.
 */
export const plays = scopedProcedure('reports:read')
  .input(
    z.strictObject({ ...period, entityId: EntityId, groupBy: z.enum(['day', 'hour'], 'Expected day or hour').default('day') }),
  )
  .output(z.object({ items: z.array(z.object({ key: z.string(), ...counts })), total: z.object(counts) }))
  .query(async ({ ctx, input: { entityId, groupBy, ...input } }) => {
    const { starts, from, to, keys } = timesOf(groupBy, input)
    const { groups, total } = await ctx.services.reads.countPlays({ entityId, from, to, starts })
    return {
      items: groups.map(({ key, ...counts }) => ({ key: keys?.[key - 1] ?? '', ...counts })),
      total,
    }
  })
