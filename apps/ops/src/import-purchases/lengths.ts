import { type RowError, readInteger, readTable, readWord, type TableRow, UnreadableFile } from '@pay-to-view/catalog-import'
import { type AccessTerms, catalogIdPattern, maxAccessDays } from '@pay-to-view/purchase'
import { z } from 'zod'
import { readTextFile } from '../text-file.ts'

/** The columns of the lengths file, named like the API's product fields. */
const columns = ['payToViewProductId', 'accessDurationDays', 'startWithinDays', 'watchWithinHours'] as const
type Column = (typeof columns)[number]

export const lengthsHeader = columns.join(',')

const whole = (unit: string, max: number) => {
  const expected = `Expected a whole number of ${unit} from 1 to ${max}`
  return z.int(expected).min(1, expected).max(max, expected).nullish()
}

const schema = z
  .object({
    payToViewProductId: z.string('Expected the id of a product').regex(catalogIdPattern, 'Expected the id of a product'),
    accessDurationDays: z.union(
      [z.literal('permanent'), whole('days', maxAccessDays)],
      `Expected a whole number of days from 1 to ${maxAccessDays}, or permanent`,
    ),
    startWithinDays: whole('days', maxAccessDays),
    watchWithinHours: whole('hours', maxAccessDays * 24),
  })
  .refine(({ startWithinDays: start, watchWithinHours: watch }) => (start == null) === (watch == null), {
    path: ['watchWithinHours'],
    error: 'A rental needs both startWithinDays and watchWithinHours',
  })
  .refine(({ accessDurationDays: days, startWithinDays: start }) => (days == null) !== (start == null), {
    path: ['accessDurationDays'],
    error: 'Expected a number of days, permanent, or a rental with startWithinDays and watchWithinHours',
  })

const parseRow = ({ line, cell }: TableRow<Column>): { id: string; terms: AccessTerms } | { errors: RowError[] } => {
  const { data, error } = schema.safeParse({
    payToViewProductId: readWord(cell('payToViewProductId')),
    accessDurationDays: readInteger(cell('accessDurationDays')),
    startWithinDays: readInteger(cell('startWithinDays')),
    watchWithinHours: readInteger(cell('watchWithinHours')),
  })
  if (error) return { errors: error.issues.map(({ path, message }) => ({ line, column: String(path[0] ?? ''), message })) }
  const { payToViewProductId: id, accessDurationDays: days, startWithinDays, watchWithinHours } = data
  const rental = startWithinDays != null && watchWithinHours != null ? { startWithinDays, watchWithinHours } : null
  return { id, terms: { accessDurationDays: typeof days === 'number' ? days : null, rental } }
}

/** Reads each product's length of access from the file. Throws one error that lists every row to correct. */
export const readLengths = async (file: string): Promise<Map<string, AccessTerms>> => {
  const lengths = new Map<string, AccessTerms>()
  const errors: RowError[] = []
  try {
    for await (const record of readTable(readTextFile(file), { columns, required: ['payToViewProductId'] })) {
      const parsed = 'errors' in record ? record : parseRow(record)
      if ('errors' in parsed) errors.push(...parsed.errors)
      else if (lengths.has(parsed.id) && 'line' in record)
        errors.push({ line: record.line, column: 'payToViewProductId', message: `${parsed.id} appears twice` })
      else lengths.set(parsed.id, parsed.terms)
    }
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error
    errors.push({ line: error.line, column: null, message: error.message })
  }
  if (errors.length === 0) return lengths
  const lines = errors.map(
    ({ line, column, message }) => `line ${line}${column === null ? '' : `, column ${column}`}: ${message}`,
  )
  throw new Error([`Cannot read ${file}:`, ...lines].join('\n'))
}
