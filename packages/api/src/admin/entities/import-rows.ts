import { catalogRow } from '@pay-to-view/catalog-import'
import type { ImportResult, ImportRow } from '@pay-to-view/db'
import { z } from 'zod'
import { withinResponseSize } from '../../response-size.ts'
import { fieldErrors } from '../../to-api-error.ts'
import { scopedProcedure } from '../../trpc.ts'
import { countResults, dryRun, failedItem, type ItemResult, itemResult, resultCounts, uncheckedItems } from './many-items.ts'

const toResult = (index: number, imported: ImportResult): ItemResult =>
  imported.result === 'failed' ? failedItem(index, imported, imported.error) : { index, id: imported.id, result: imported.result }

/** Separates valid rows from failures. A repeated id is a failure. */
const readRows = (rows: readonly unknown[]) => {
  const valid = new Map<string, { index: number; row: ImportRow }>()
  const failures: ItemResult[] = []
  for (const [index, row] of rows.entries()) {
    const { data, error } = catalogRow.safeParse(row)
    const [invalid = { field: 'body', message: 'Expected a row' }] = error ? fieldErrors(error) : []
    const first = data && valid.get(data.id)
    if (first)
      failures.push(failedItem(index, row, { field: 'id', message: `The row with index ${first.index} also has this id` }))
    else if (data) valid.set(data.id, { index, row: data })
    else failures.push(failedItem(index, row, invalid))
  }
  return { valid: [...valid.values()], failures }
}

/**
 * Imports up to 1,000 rows as `npm run catalog -- import` does: missing fields keep their values, null clears a field, and each product is
 * offered for the entity. An invalid row fails without affecting the other rows. The back office's preview calls this procedure with
 * `dryRun`.
 */
export const importRows = scopedProcedure('catalog:write', 'catalog')
  .meta({
    rest: {
      method: 'POST',
      path: '/admin/v1/pay-to-view/entities/import',
      summary: 'Change fields of up to 1,000 entities, create missing entities, and offer products for them',
      tag: 'admin',
      maxBodyBytes: 32 * 1024 * 1024,
    },
  })
  .input(
    z.strictObject({
      rows: uncheckedItems('rows'),
      dryRun,
    }),
  )
  .output(z.object({ ...resultCounts, createdProducts: z.int(), addedOffers: z.int(), rows: z.array(itemResult) }))
  .mutation(async ({ ctx, input }) => {
    const { valid, failures } = readRows(input.rows)
    const { results, createdProducts } = await ctx.services.operator.importRows(
      valid.map(({ row }) => row),
      { actor: ctx.user.id, dryRun: input.dryRun },
    )
    const imported = results.map((result, position) => toResult(valid[position]?.index ?? 0, result))
    const rows = [...imported, ...failures].sort((a, b) => a.index - b.index)
    const addedOffers = results.reduce((sum, row) => sum + (row.result === 'failed' ? 0 : row.addedOffers), 0)
    return { ...countResults(rows), createdProducts: createdProducts.length, addedOffers, rows: withinResponseSize(rows) }
  })
