import { describe, expect, test } from 'vitest'
import { isStripeParameter, stripeParameters } from '../../src/http/stripe-api.ts'
import { routes } from '../../src/v1/routes.ts'
import { type Accepted, acceptedBy } from './accepted.ts'
import { document, operationOf, parametersOf, type Schema } from './document.ts'

const endpoints = routes.map(({ method, path, schema }) => ({
  name: `${method} ${path}`,
  method,
  path,
  schema,
  operation: operationOf(method, path),
}))

const documented = endpoints.flatMap(({ operation, ...endpoint }) =>
  operation ? [{ ...endpoint, parameters: parametersOf(operation) }] : [],
)

test('the document has the version that the README names', () => {
  expect(document.info.version).toBe('2026-08-26.dahlia')
})

test('Stripe has every endpoint of the emulator, except the private endpoints that Stripe’s CLI calls', () => {
  expect(endpoints.filter(({ operation }) => !operation).map(({ name }) => name)).toEqual([
    'GET /v1/payment_pages/:id',
    'POST /v1/payment_pages/:id/confirm',
    'POST /v1/events/:id/retry',
  ])
})

/** Returns the properties of a schema, of its alternatives, or of its list items. */
const membersOf = (schema: Schema | undefined): Record<string, Schema> =>
  Object.assign({}, schema?.properties, ...(schema?.anyOf ?? []).map(membersOf), schema?.items && membersOf(schema.items))

const valuesOf = (schema: Schema): string[] => [
  ...(schema.enum ?? []).map(String),
  ...(schema.anyOf ?? []).flatMap(valuesOf),
  ...(schema.items ? valuesOf(schema.items) : []),
]

/** Parameters and values that exist in 2026-10-28.endive but not in the document, according to stripe-node's types. */
const NEW_IN_ENDIVE = [
  'POST /v1/checkout/sessions allowed_payment_method_types',
  'POST /v1/checkout/sessions ui_mode=form',
  'POST /v1/webhook_endpoints api_version=2026-09-30.endive',
  'POST /v1/webhook_endpoints api_version=2026-10-28.endive',
  ...['POST /v1/webhook_endpoints', 'POST /v1/webhook_endpoints/:id'].flatMap((endpoint) =>
    [
      ...['created', 'deleted', 'updated'].map((verb) => `apps.install.${verb}`),
      ...['canceled', 'challenge_started', 'errored', 'failed', 'requires_challenge', 'requires_submission', 'succeeded'].map(
        (state) => `three_d_secure.authentication.${state}`,
      ),
    ].map((type) => `${endpoint} enabled_events=${type}`),
  ),
]

/** Returns the parameters and values that the emulator accepts but the document does not allow. */
const differences = (accepted: Accepted, schema: Schema, path: string): string[] => {
  const allowed = valuesOf(schema)
  const values = allowed.length > 0 ? (accepted.values ?? []).filter((value) => !allowed.includes(value)) : []
  return [
    ...values.map((value) => `${path}=${value}`),
    ...Object.entries(accepted.members ?? {}).flatMap(([name, inner]) => {
      const found = membersOf(schema)[name]
      const at = path === '' ? name : `${path}.${name}`
      return found ? differences(inner, found, at) : [at]
    }),
  ]
}

describe('Stripe has every parameter that the emulator accepts', () => {
  test.each(documented)('$name', ({ name, schema, parameters }) => {
    const unexpected = differences(acceptedBy(schema), parameters, '').map((difference) => `${name} ${difference}`)
    expect(unexpected.filter((difference) => !NEW_IN_ENDIVE.includes(difference))).toEqual([])
  })
})

/**
 * Parameters that the emulator requires but the document does not. Stripe requires either these parameters or an alternative that the
 * emulator does not support.
 */
const REQUIRED_BY_CONDITION: Record<string, string[]> = {
  'POST /v1/checkout/sessions': ['mode'],
  'POST /v1/payment_methods': ['type'],
  'POST /v1/prices': ['product', 'unit_amount'],
}

describe('the emulator requires the same parameters as the document', () => {
  test.each(documented)('$name', ({ name, schema, parameters }) => {
    const expected = [...(parameters.required ?? []), ...(REQUIRED_BY_CONDITION[name] ?? [])]
    expect(acceptedBy(schema).required?.sort() ?? []).toEqual(expected.sort())
  })
})

const pathsIn = (schema: Schema, path: string[]): string[][] =>
  Object.entries(membersOf(schema)).flatMap(([name, inner]) => [[...path, name], ...pathsIn(inner, [...path, name])])

/**
 * Parameters in the document that a later version removed or that stripe-node never had: deprecated names, and a parameter that is used
 * with publishable keys.
 */
const NOT_IN_STRIPE_NODE = [
  / payment_method_types$/,
  /^POST \/v1\/customers\/:id (bank_account|card|default_card|default_bank_account|default_alipay_account)\b/,
  /^POST \/v1\/payment_intents\/:id\/confirm client_secret$/,
  /^POST \/v1\/tax\/registrations country_options\.\w\w\.igic\b/,
]

test('every parameter of the document is known to the emulator, so no error calls it unknown', () => {
  const missing = documented.flatMap(({ name, method, path, parameters }) => {
    const tree = stripeParameters(method, path)
    return pathsIn(parameters, [])
      .filter((at) => !isStripeParameter(tree, at))
      .map((at) => `${name} ${at.join('.')}`)
  })
  expect(missing.filter((one) => !NOT_IN_STRIPE_NODE.some((pattern) => pattern.test(one)))).toEqual([])
})
