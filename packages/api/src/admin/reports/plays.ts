import { z } from 'zod'
import { EntityId } from '../../purchases/schemas.ts'
import { scopedProcedure } from '../../trpc.ts'
import { period, timesOf } from './sales.ts'

const counts = { plays: z.int(), viewers: z.int().meta({ description: 'Number of distinct users' }) }

/**
 * Counts the plays of an entity and its members, grouped by the day or hour in which a play started. Only plays that are still in the play
 * log are counted.
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
