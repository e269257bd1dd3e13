import { catalogRow } from '@pay-to-view/catalog-import'
import type { ImportResult, ImportRow } from '@pay-to-view/db'
import { z } from 'zod'
import { fieldErrors } from '../../to-api-error.ts'
import { scopedProcedure } from '../../trpc.ts'

const maxRows = 1_000
const expectedRows = `Expected a list of 1 to ${maxRows} rows`

const rowResult = z.object({
  index: z.int().meta({ description: 'The position in the request, from 0' }),
  id: z.string().nullable().meta({ description: 'Null for an invalid row without an id' }),
  result: z.enum(['created', 'updated', 'unchanged', 'failed']),
  error: z.object({ code: z.string(), field: z.string(), message: z.string() }).optional(),
})
type RowResult = z.infer<typeof rowResult>

const idOf = (row: unknown): string | null => {
  const id: unknown = Object(row).id
  return typeof id === 'string' ? id.slice(0, 200) : null
}

const toResult = (index: number, { id, ...imported }: ImportResult): RowResult =>
  imported.result === 'failed'
    ? { index, id, result: 'failed', error: { code: 'validation', ...imported.error } }
    : { index, id, result: imported.result }

const failure = (index: number, row: unknown, error: { field: string; message: string }): RowResult => ({
  ...{ index, id: idOf(row), result: 'failed', error: { code: 'validation', ...error } },
})

/** Separates the valid rows, each id once, from the failures. */
const readRows = (rows: readonly unknown[]) => {
  const valid = new Map<string, { index: number; row: ImportRow }>()
  const failures: RowResult[] = []
  for (const [index, row] of rows.entries()) {
    const { data, error } = catalogRow.safeParse(row)
    const [invalid = { field: 'body', message: 'Expected a row' }] = error ? fieldErrors(error) : []
    const first = data && valid.get(data.id)
    if (first) failures.push(failure(index, row, { field: 'id', message: `The row with index ${first.index} has this id too` }))
    else if (data) valid.set(data.id, { index, row: data })
    else failures.push(failure(index, row, invalid))
  }
  return { valid: [...valid.values()], failures }
}

/**
 * Imports up to 1,000 rows as `npm run catalog -- import` does: fields that are missing keep their values, null clears them, and each product is
 * offered for the entity. The back office calls it with `dryRun` for its preview. An invalid row fails without affecting the others.
 */
export const importRows = scopedProcedure('catalog:write')
  .meta({
    rest: {
      method: 'POST',
      path: '/admin/v1/pay-to-view/entities/import',
      summary: 'Change fields of up to 1,000 entities, create the missing ones, and offer products for them',
      tag: 'admin',
      maxBodyBytes: 32 * 1024 * 1024,
    },
  })
  .input(
    z.strictObject({
      rows: z.array(z.unknown(), expectedRows).min(1, expectedRows).max(maxRows, expectedRows),
      dryRun: z
        .boolean('Expected true or false')
        .default(false)
        .meta({ description: 'Only return the results; nothing is written' }),
    }),
  )
  .output(
    z.object({
      ...{ created: z.int(), updated: z.int(), unchanged: z.int(), failed: z.int() },
      ...{ createdProducts: z.int(), addedOffers: z.int() },
      rows: z.array(rowResult),
    }),
  )
  .mutation(async ({ ctx, input }) => {
    const { valid, failures } = readRows(input.rows)
    const { results, createdProducts } = await ctx.services.operator.importRows(
      valid.map(({ row }) => row),
      { actor: ctx.user.id, dryRun: input.dryRun },
    )
    const imported = results.map((result, position) => toResult(valid[position]?.index ?? 0, result))
    const rows = [...imported, ...failures].sort((a, b) => a.index - b.index)
    const count = (result: RowResult['result']): number => rows.filter((row) => row.result === result).length
    const addedOffers = results.reduce((sum, row) => sum + (row.result === 'failed' ? 0 : row.addedOffers), 0)
    return {
      ...{ created: count('created'), updated: count('updated'), unchanged: count('unchanged'), failed: count('failed') },
      ...{ createdProducts: createdProducts.length, addedOffers },
      rows,
    }
  })
