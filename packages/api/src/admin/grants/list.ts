import { grantSources } from '@pay-to-view/purchase'
import { z } from 'zod'
import { pageInput, pageOf, readCursor, toPage } from '../../cursor.ts'
import { EntityId } from '../../purchases/schemas.ts'
import { scopedProcedure } from '../../trpc.ts'
import { UserId } from '../users/user-id.ts'
import { GrantId, grantItem, toGrantItem } from './item.ts'

/** Grants of any source, active or not, newest first. */
export const list = scopedProcedure('grants:write')
  .meta({ rest: { method: 'GET', path: '/admin/v1/pay-to-view/grants', summary: 'List grants', tag: 'admin' } })
  .input(
    z.strictObject({
      ...pageInput,
      userId: UserId.optional(),
      entityId: EntityId.optional(),
      source: z.enum(grantSources, `Expected one of ${grantSources.join(', ')}`).optional(),
    }),
  )
  .output(pageOf(grantItem))
  .query(async ({ ctx, input: { limit, cursor, ...filter } }) => {
    const [before = null] = readCursor(cursor, z.tuple([GrantId])) ?? []
    const rows = await ctx.services.reads.grants(filter, before, limit + 1)
    return toPage(rows, limit, ({ id }) => [id], toGrantItem)
  })
