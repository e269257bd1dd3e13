import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { METHOD_TYPES } from '../src/model/method-types.ts'
import { routes } from '../src/v1/routes.ts'

/**
 * Reduces Stripe's OpenAPI document (8 MB) to the parts that the emulator implements, for test/openapi. The document is embedded in
 * stripe-mock:
 *
 *   cd "$(mktemp -d)" && dir=$(go mod download -json github.com/stripe/stripe-mock@v0.203.0 | node -p 'JSON.parse(fs.readFileSync(0)).Dir')
 *   npx tsx apps/stripe-emulator/scripts/reduce-openapi.ts $dir/embedded/openapi/spec3.json stripe-mock@v0.203.0
 */
type Json = null | string | number | boolean | Json[] | { [key: string]: Json }
type Node = { [key: string]: Json }

const [source = '', origin = ''] = process.argv.slice(2)
const document: Node = JSON.parse(readFileSync(source, 'utf8'))

const isNode = (value: Json | undefined): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value)
const child = (node: Node, key: string): Node => {
  const found = node[key]
  return isNode(found) ? found : {}
}

const schemas = child(child(document, 'components'), 'schemas')

/** The object types that the emulator implements. Other object types appear only as expansions of ids. */
const OWN = new Set(
  `account balance balance_transaction charge checkout.session coupon customer deleted_coupon deleted_customer deleted_product
  deleted_webhook_endpoint discount dispute error event invoice invoice_payment item line_item payment_intent payment_method payout price product promotion_code refund
  tax.registration tax.settings tax_code tax_rate webhook_endpoint`.split(/\s+/),
)

const otherMethodTypes = ((): Set<string> => {
  const type = child(child(child(schemas, 'payment_method'), 'properties'), 'type')
  const all = Array.isArray(type.enum) ? type.enum.map(String) : []
  return new Set(all.filter((name) => !METHOD_TYPES.some((own) => own === name)))
})()

/** Properties with large schemas that are always empty in the emulator. The reduced document allows any value for them. */
const UNUSED = new Set([
  'source',
  'sources',
  'setup_intent',
  'subscriptions',
  'tax_ids',
  'external_accounts',
  'individual',
  'company',
])

const refName = (ref: Json | undefined): string => String(ref).split('/').at(-1) ?? ''
const isForeignResource = (name: string): boolean => {
  const properties = child(child(schemas, name), 'properties')
  return 'object' in properties && 'id' in properties && !OWN.has(name)
}

const reduceValue = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(reduceValue)
  return isNode(value) ? reduceNode(value) : value
}

const reduceNode = (node: Node): Node => {
  const reduced: Node = {}
  for (const [key, value] of Object.entries(node)) {
    if (key.startsWith('x-') || ((key === 'description' || key === 'title' || key === 'summary') && typeof value === 'string'))
      continue
    if (key === 'encoding' || key === 'operationId' || key === 'externalDocs') continue
    if (key === 'properties' && isNode(value)) reduced.properties = reduceProperties(value)
    else if (key === 'anyOf' && Array.isArray(value)) Object.assign(reduced, reduceAlternatives(value))
    else reduced[key] = reduceValue(value)
  }
  return reduced
}

/** Removes the alternatives that the emulator does not implement. If none remain, any value is allowed. */
const reduceAlternatives = (alternatives: Json[]): Node => {
  const anyOf = alternatives.filter((one) => !isForeign(one)).map(reduceValue)
  return anyOf.length > 0 ? { anyOf } : {}
}

const isForeign = (value: Json): boolean =>
  isNode(value) && typeof value.$ref === 'string' && isForeignResource(refName(value.$ref))

const reduceProperties = (properties: Node): Node =>
  Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => !otherMethodTypes.has(name))
      .map(([name, value]) => [name, isForeign(value) || UNUSED.has(name) ? {} : reduceValue(value)]),
  )

const refsIn = (value: Json): string[] => {
  if (Array.isArray(value)) return value.flatMap(refsIn)
  if (!isNode(value)) return []
  return Object.entries(value).flatMap(([key, inner]) => (key === '$ref' ? [refName(inner)] : refsIn(inner)))
}

const paths: Node = {}
for (const { method, path } of routes) {
  const template = Object.keys(child(document, 'paths')).find((candidate) => candidate.replaceAll(/\{\w+\}/g, ':id') === path)
  const operation = template && child(child(child(document, 'paths'), template), method.toLowerCase())
  if (!operation || Object.keys(operation).length === 0) {
    console.log(`not in the document: ${method} ${path}`)
    continue
  }
  paths[template] = { ...child(paths, template), [method.toLowerCase()]: reduceOperation(operation) }
}

function reduceOperation(operation: Node): Node {
  const { parameters, requestBody, responses } = operation
  return reduceNode({ ...(parameters && { parameters }), ...(requestBody && { requestBody }), ...(responses && { responses }) })
}

const kept: Node = {}
const queue = [...new Set([...refsIn(paths), ...OWN])]
for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
  if (name in kept) continue
  kept[name] = reduceNode(child(schemas, name))
  queue.push(...refsIn(kept[name] ?? null))
}

const version = String(child(document, 'info').version)
const lines = (node: Node): string =>
  Object.keys(node)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${JSON.stringify(node[key])}`)
    .join(',\n')
const text = `{"openapi":"3.0.0","info":{"title":"Stripe, reduced","version":${JSON.stringify(version)},"x-origin":${JSON.stringify(origin)}},
"paths":{
${lines(paths)}
},
"components":{"schemas":{
${lines(kept)}
}}}
`
const target = fileURLToPath(new URL(`../test/openapi/stripe-${version}.json`, import.meta.url))
mkdirSync(dirname(target), { recursive: true })
writeFileSync(target, text)
console.log(`${target}: ${Object.keys(paths).length} paths, ${Object.keys(kept).length} schemas, ${text.length} bytes`)
