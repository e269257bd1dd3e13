import { z } from 'zod'
import { pageInput, pageOf, readCursor, toPage } from '../../cursor.ts'
import { scopedProcedure } from '../../trpc.ts'
import { adminPurchaseItem, filter, position, toAdminPurchaseItem, toSearchFilter } from './search.ts'

const cursorValues = z.tuple([position.shape.createdAt, position.shape.id])

/** Finds purchases by any combination of filters, newest first. Programs use this instead of the back office's search. */
export const list = scopedProcedure('purchases:read')
  .meta({ rest: { method: 'GET', path: '/admin/v1/pay-to-view/purchases', summary: 'Search purchases', tag: 'admin' } })
  .input(filter.extend(pageInput).strict())
  .output(pageOf(adminPurchaseItem))
  .query(async ({ ctx, input: { limit, cursor, ...fields } }) => {
    const [createdAt, id] = readCursor(cursor, cursorValues) ?? []
    const after = createdAt === undefined || id === undefined ? null : { createdAt: new Date(createdAt), id }
    const rows = await ctx.services.reads.searchPurchases(toSearchFilter(fields), after, limit + 1)
    return toPage(rows, limit, ({ createdAt, id: last }) => [createdAt.toISOString(), last], toAdminPurchaseItem)
  })
