import { type RowError, readText, readTime, readWord, type TableRow } from '@pay-to-view/catalog-import'
import { type ImportedGrant, isReservedActor } from '@pay-to-view/db'
import { catalogIdPattern, maxAccessMs, maxAccessYears, storableText } from '@pay-to-view/purchase'
import { z } from 'zod'

export const grantColumns = ['user', 'entity', 'starts', 'ends', 'reference', 'reason'] as const
export type GrantColumn = (typeof grantColumns)[number]
export const requiredGrantColumns = ['user', 'entity', 'reference'] as const satisfies readonly GrantColumn[]

const shown = (text: string): string => `"${text.slice(0, 40)}"`

const text = (maxLength: number, name: string) =>
  z
    .string(`Expected ${name}`)
    .min(1, `Expected ${name}`)
    .max(maxLength, `Expected at most ${maxLength} characters`)
    .regex(storableText, 'Expected text without NUL characters or unpaired surrogates')

const word = (maxLength: number, name: string) =>
  text(maxLength, name).regex(/^[^\p{Cc}]*$/u, 'Expected text without control characters')

const UserId = word(200, 'the id of a user').refine(
  (id) => !isReservedActor(id),
  'This id is reserved for pay-to-view and its API keys',
)
const EntityId = z.string('Expected the id of an entity').regex(catalogIdPattern, {
  error: ({ input }) => `${shown(String(input))} is not the id of an entity: 1 to 128 characters of A-Z a-z 0-9 . _ ~ : -`,
})
const timeFormat = 'Write 2026-12-31T23:59:00Z, or 2026-12-31 for midnight UTC'

const Time = z.iso
  .datetime({ offset: true, error: ({ input }) => `${shown(String(input))} is not a time. ${timeFormat}` })
  .transform((text) => new Date(text))
const Start = Time.refine(
  (time) => Math.abs(time.getTime() - Date.now()) <= maxAccessMs,
  `Expected a time within ${maxAccessYears} years of now`,
)
const End = Time.refine(
  (time) => Math.abs(time.getTime() - Date.now()) <= 2 * maxAccessMs,
  `Expected a time at most ${maxAccessYears} years after "starts". Write null for permanent access`,
)

/** If the grant already exists, an empty cell keeps the current value, and the word `null` clears the value. */
const schema = z.object({
  user: UserId,
  entity: EntityId,
  starts: Start.nullish(),
  ends: End.nullish(),
  reference: word(200, "the grant's id in the other system"),
  reason: text(500, 'a reason').nullish(),
})

const readers: Record<GrantColumn, (cell: string) => string | null | undefined> = {
  user: readWord,
  entity: readWord,
  starts: readTime,
  ends: readTime,
  reference: readWord,
  reason: (cell) => readText(cell)?.trim() ?? readWord(cell),
}

const columnOf = (path: readonly PropertyKey[]): string | null => (path[0] === undefined ? null : String(path[0]))

/** Reads a row of the file. */
export const parseGrantRow = ({ line, cell }: TableRow<GrantColumn>): { row: ImportedGrant } | { errors: RowError[] } => {
  const cells = Object.fromEntries(grantColumns.map((column) => [column, readers[column](cell(column))]))
  const { data, error } = schema.safeParse(cells)
  if (error) return { errors: error.issues.map(({ path, message }) => ({ line, column: columnOf(path), message })) }
  if (data.starts === null) return { errors: [{ line, column: 'starts', message: `Access always has a start. ${timeFormat}` }] }
  const { user: userId, entity: entityId, starts: startsAt, ends: expiresAt, reference, reason } = data
  return { row: { line, userId, entityId, startsAt, expiresAt, reference, reason } }
}
