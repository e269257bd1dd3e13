import { invalidParam } from './errors.ts'

/** The searchable fields of an object. `metadata["key"]` refers to a member of a nested object. */
type Values = Record<string, string | number | null | Record<string, string>>

type Clause = (item: Values) => boolean

const CLAUSE =
  /^(-)?(\w+)(?:\["((?:[^"\\]|\\.)*)"\])?\s*(:|~|>=|<=|>|<)\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(null|-?\d+))\s*/

/** Parses Stripe's search query language (Stripe's page "Search"). Clauses are joined either by AND or by OR; the two cannot be mixed. */
export const parseSearchQuery = (query: string, fields: string[]): ((item: Values) => boolean) => {
  const clauses: Clause[] = []
  const operators = new Set<string>()
  let rest = query.trim()
  while (rest !== '') {
    const [text = '', minus, field = '', key, operator = '', double, single, bare] = CLAUSE.exec(rest) ?? []
    if (text === '') throw cannotParse(query)
    if (!fields.includes(field)) throw invalidParam(`Field \`${field}\` is an unsupported search field.`, { param: 'query' })
    const matches = clause(query, {
      field,
      key: unescapeText(key),
      operator,
      value: unescapeText(double ?? single) ?? bare ?? '',
      isBare: bare !== undefined,
    })
    clauses.push(minus ? (item) => !matches(item) : matches)
    rest = rest.slice(text.length)
    const [joint = '', word] = /^(AND|OR)\s+/i.exec(rest) ?? []
    if (rest !== '') operators.add(word?.toUpperCase() ?? 'AND')
    rest = rest.slice(joint.length)
    if (joint !== '' && rest === '') throw cannotParse(query)
  }
  if (clauses.length === 0) throw cannotParse(query)
  if (operators.size > 1) throw invalidParam('You cannot combine AND and OR in the same search query.', { param: 'query' })
  return operators.has('OR') ? (item) => clauses.some((one) => one(item)) : (item) => clauses.every((one) => one(item))
}

const cannotParse = (query: string) => invalidParam(`We were unable to parse your search query: ${query}`, { param: 'query' })

const unescapeText = (text: string | undefined): string | undefined => text?.replaceAll(/\\(.)/g, '$1')

interface Parsed {
  field: string
  key: string | undefined
  operator: string
  value: string
  isBare: boolean
}

const clause = (query: string, { field, key, operator, value, isBare }: Parsed): Clause => {
  const read = (item: Values): string | number | null => {
    const found = item[field] ?? null
    return typeof found === 'object' && found !== null ? (key === undefined ? null : (found[key] ?? null)) : found
  }
  const lower = value.toLowerCase()
  if (operator === '~') {
    if (isBare || value.length < 3) throw cannotParse(query)
    return (item) =>
      String(read(item) ?? '')
        .toLowerCase()
        .includes(lower)
  }
  if (operator === ':')
    return isBare && value === 'null' ? (item) => read(item) === null : (item) => String(read(item) ?? '').toLowerCase() === lower
  const bound = Number(value)
  if (!Number.isFinite(bound)) throw cannotParse(query)
  return (item) => {
    const found = read(item)
    if (typeof found !== 'number') return false
    return operator === '>'
      ? found > bound
      : operator === '<'
        ? found < bound
        : operator === '>='
          ? found >= bound
          : found <= bound
  }
}

/** Returns one page of search results. `next_page` is an opaque token, which encodes the position. */
export const searchPage = <T>(items: Iterable<T>, url: string, { limit, page }: { limit: number; page?: string | undefined }) => {
  const start = page === undefined ? 0 : Number(Buffer.from(page, 'base64url').toString())
  if (!Number.isInteger(start)) throw invalidParam(`Invalid page: ${page}`, { param: 'page' })
  const all = [...items]
  const end = start + limit
  const has_more = all.length > end
  return {
    object: 'search_result' as const,
    url,
    has_more,
    data: all.slice(start, end),
    next_page: has_more ? Buffer.from(String(end)).toString('base64url') : null,
  }
}
