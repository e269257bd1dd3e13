import type { WriteFailure } from '@pay-to-view/db'
import { z } from 'zod'
import { boundFieldError } from '../../errors.ts'
import { shortenForResponse } from '../../response-size.ts'

const itemError = z.object({ code: z.string(), field: z.string(), message: z.string() }).meta({
  description: 'Why the item was not written. Omitted for the last failed items if the response would be larger than 200 kB',
})

const maxItems = 1_000

/**
 * The items of a request that writes many entities. Each item is validated separately, so an invalid item does not affect the other items.
 */
export const uncheckedItems = (noun: string) => {
  const expected = `Expected a list of 1 to ${maxItems} ${noun}`
  return z.array(z.unknown(), expected).min(1, expected).max(maxItems, expected)
}

export const dryRun = z
  .boolean('Expected true or false')
  .default(false)
  .meta({ description: 'Only return the results; nothing is written' })

/** The result for one item of a request that writes many entities. */
export const itemResult = z.object({
  index: z.int().meta({ description: 'The position in the request, from 0' }),
  id: z.string().nullable().meta({ description: 'Null for an invalid item without an id' }),
  result: z.enum(['created', 'updated', 'unchanged', 'failed']),
  error: itemError.optional(),
})
export type ItemResult = z.infer<typeof itemResult>

export const resultCounts = { created: z.int(), updated: z.int(), unchanged: z.int(), failed: z.int() }

/** A valid id is never shortened: it is at most 130 bytes as JSON. */
export const shortenId = (id: string): string => shortenForResponse(id, 130)

const idOf = (item: unknown): string | null => {
  const id: unknown = Object(item).id
  return typeof id === 'string' ? shortenId(id) : null
}

export const failedItem = (index: number, item: unknown, error: WriteFailure): ItemResult => ({
  ...{ index, id: idOf(item), result: 'failed', error: { code: error.code ?? 'validation', ...boundFieldError(error) } },
})

export const countResults = (items: readonly ItemResult[]): Record<ItemResult['result'], number> => {
  const count = (result: ItemResult['result']): number => items.filter((item) => item.result === result).length
  return { created: count('created'), updated: count('updated'), unchanged: count('unchanged'), failed: count('failed') }
}
