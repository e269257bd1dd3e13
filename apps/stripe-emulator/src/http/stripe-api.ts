import { readSourceFile } from '../source-files.ts'

/** A tree of parameter names. Null marks a leaf, which is a value or a map with arbitrary keys, such as metadata. */
export interface ParameterTree {
  [name: string]: ParameterTree | null
}

/** The parameters that Stripe's API accepts, one endpoint per line. Written by scripts/stripe-api.ts. */
const LINES = readSourceFile('http/stripe-api.txt')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))

const wordsAfter = (key: string): Set<string> =>
  new Set(
    LINES.find((line) => line.startsWith(`${key} `))
      ?.split(' ')
      .slice(1),
  )

export const API_VERSIONS = wordsAfter('api_versions')
export const EVENT_TYPES = wordsAfter('event_types')

/**
 * The parameters by method and path, for example "POST /v1/refunds/:id". The parameters are empty for endpoints that are not
 * emulated.
 */
const ENDPOINTS = new Map(
  LINES.filter((line) => /^[A-Z]+ /.test(line)).map((line) => {
    const [method, path, ...parameters] = line.split(' ')
    return [`${method} ${path}`, parameters.join(' ')]
  }),
)

/** Parses a parameter tree in the format `a b{c d{e}}`. */
const parseTree = (text: string): ParameterTree => {
  const root: ParameterTree = {}
  const open = [root]
  for (const [, name = '', brace, close = ''] of text.matchAll(/(\w+)(\{)?(\}*)/g)) {
    const inner: ParameterTree | null = brace ? {} : null
    Object.assign(open.at(-1) ?? root, { [name]: inner })
    if (inner) open.push(inner)
    open.length -= close.length
  }
  return root
}

/** Returns the parameters that Stripe accepts at an emulated endpoint. */
export const stripeParameters = (method: string, path: string): ParameterTree =>
  parseTree(ENDPOINTS.get(`${method} ${path}`) ?? '')

/** True if Stripe has the parameter at this path, for example ["line_items", 0, "price_data"]. */
export const isStripeParameter = (tree: ParameterTree, path: PropertyKey[]): boolean => {
  let at: ParameterTree | null = tree
  for (const name of path.map(String).filter((part) => !/^\d+$/.test(part))) {
    if (at === null || !Object.hasOwn(at, name)) return false
    at = at[name] ?? null
  }
  return true
}

const patterns = [...ENDPOINTS.keys()].map((route) => new RegExp(`^${route.replaceAll(/:\w+/g, '[^/]+')}$`))

/** True if Stripe has the endpoint, whether or not it is emulated. */
export const isStripeEndpoint = (method: string, path: string): boolean =>
  patterns.some((pattern) => pattern.test(`${method} ${path}`))
