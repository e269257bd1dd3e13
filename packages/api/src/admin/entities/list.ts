import { z } from 'zod'
import { pageInput, pageOf, readCursor, toPage } from '../../cursor.ts'
import { EntityStatus } from '../../entities/entity-input.ts'
import { entityItem, toEntityItem } from '../../entities/item.ts'
import { entityCursor, entityFilter } from '../../entities/list.ts'
import { scopedProcedure } from '../../trpc.ts'

/** All entities, including drafts and archived entities. */
export const list = scopedProcedure('catalog:read')
  .meta({
    rest: { method: 'GET', path: '/admin/v1/pay-to-view/entities', summary: 'List and search the entities', tag: 'admin' },
  })
  .input(z.strictObject({ ...entityFilter, status: EntityStatus.optional(), ...pageInput }))
  .output(pageOf(entityItem))
  .query(async ({ ctx, input: { limit, cursor, ...filter } }) => {
    const [position, id] = readCursor(cursor, entityCursor) ?? []
    const after = position === undefined || id === undefined ? null : { position, id }
    const rows = await ctx.services.reads.listEntities(filter, after, limit + 1)
    return toPage(
      rows,
      limit,
      (last) => [last.position, last.id],
      ({ position: _, ...row }) => toEntityItem(row),
    )
  })
