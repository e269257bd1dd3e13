import { hasThousandsSeparator, parseAmount } from '@pay-to-view/purchase'
import { guardFormulas, removeFormulaGuard } from './formula-guard.ts'

/** A value for the schema: undefined keeps the current value, null clears it. */
export type CellValue = string | number | null | undefined | { id: string; position?: number | string }[]

/** The word that clears a value. A string that equals this word is written with a leading apostrophe, like a formula. */
const clear = 'null'
const clearLike = /^(\s*)('*null\s*)$/
const guardedClear = /^(\s*)'('*null\s*)$/

/**
 * Writes text in the form that `readText` reads back. Empty or white-space text cannot be represented: an import would keep the current
 * value.
 */
export const writeText = (text: string): string => guardFormulas(text.replace(clearLike, "$1'$2"))

const isEmpty = (cell: string): boolean => cell.trim() === ''

export const readText = (cell: string): string | null | undefined => {
  if (isEmpty(cell)) return undefined
  return cell.trim() === clear ? null : removeFormulaGuard(cell).replace(guardedClear, '$1$2')
}

/** A string whose surrounding white space is ignored, such as an id. */
export const readWord = (cell: string): string | null | undefined => readText(cell)?.trim() ?? (isEmpty(cell) ? undefined : null)

/** A string that is not a whole number is returned as is, and the schema rejects it. */
export const readInteger = (cell: string): number | string | null | undefined => {
  const word = readWord(cell)
  return typeof word === 'string' && /^\d{1,10}$/.test(word) ? Number(word) : word
}

/** A date without a time means midnight UTC. Seconds are optional, and a space may separate date and time instead of the T of ISO 8601. */
export const toIsoTime = (text: string): string => {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return `${text}T00:00:00Z`
  const [, date, time, seconds = ':00', zone] =
    /^(\d{4}-\d{2}-\d{2})(?:T| +)(\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.exec(text) ?? []
  return date === undefined ? text : `${date}T${time}${seconds}${zone}`
}

export const readTime = (cell: string): string | null | undefined => {
  const word = readWord(cell)
  return typeof word === 'string' ? toIsoTime(word) : word
}

/**
 * Ids of containers, separated by white space, commas, semicolons or vertical bars. `season-1#3` places the entity third among the members
 * of season-1.
 */
export const readMemberOf = (cell: string): CellValue => {
  const word = readWord(cell)
  if (typeof word !== 'string') return word
  return word
    .split(/[\s,;|]+/)
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [, id = entry, position] = /^(.*)#(.*)$/.exec(entry) ?? []
      if (position === undefined) return { id }
      return { id, position: /^\d{1,10}$/.test(position) ? Number(position) : position }
    })
}

/** Returns the amount in minor units, undefined for an empty cell or `null`, or a message that says how to correct the cell. */
export const readPrice = (cell: string, currency: string): { amount: number | undefined } | { message: string } => {
  const word = readWord(cell)
  if (typeof word !== 'string') return { amount: undefined }
  const amount = parseAmount(word, currency)
  if (amount !== null) return { amount }
  const hint = hasThousandsSeparator(word)
    ? 'The separator could mean thousands or decimals. Write 1250.00 or 1.25'
    : `Expected a number in ${currency.toUpperCase()} without a symbol, such as 4.99 or 500`
  return { message: `"${word.slice(0, 40)}" is not an amount. ${hint}` }
}
