import { z } from 'zod'
import { pageInput, pageOf, readCursor, toPage } from '../cursor.ts'
import { EntityId } from '../purchases/schemas.ts'
import { text } from '../text.ts'
import { publicListProcedure } from '../trpc.ts'
import { EntityType } from './entity-input.ts'
import { isVisible } from './is-visible.ts'
import { publicEntity, publicEntityView } from './item.ts'

/** The filters of entity lists. */
export const entityFilter = {
  query: text(200).trim().optional().meta({ description: 'Words of the title, or their first characters' }),
  type: EntityType.optional(),
  memberOf: EntityId.optional().meta({ description: 'Only the direct members of this channel or content, in their order' }),
}

/** The position and the id of the last entity on a page. */
export const entityCursor = z.tuple([z.int().min(0).max(2_147_483_647), EntityId])

/**
 * The published entities with their products on sale. The members of a container that is not published are listed only for users who have
 * access to the container.
 */
export const list = publicListProcedure
  .meta({
    rest: { method: 'GET', path: '/client/v1/pay-to-view/entities', summary: 'List the catalog', tag: 'client', public: true },
  })
  .input(z.strictObject({ ...entityFilter, ...pageInput }))
  .output(pageOf(publicEntity))
  .query(async ({ ctx, input: { limit, cursor, ...filter } }) => {
    const [position, id] = readCursor(cursor, entityCursor) ?? []
    const { reads } = ctx.services
    const after = position === undefined || id === undefined ? null : { position, id }
    const container = filter.memberOf === undefined ? null : await reads.entity(filter.memberOf)
    if (container && !(await isVisible(ctx, container))) return { items: [], nextCursor: null }
    const rows = await reads.listEntities({ ...filter, status: 'published' }, after, limit + 1)
    const view = await publicEntityView(rows, ctx.services)
    return toPage(
      rows,
      limit,
      (last) => [last.position, last.id],
      ({ position: _, ...row }) => view(row),
    )
  })
