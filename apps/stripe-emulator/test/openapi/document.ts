import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { endiveSchemas } from './endive.ts'

/**
 * Stripe's OpenAPI document, which scripts/reduce-openapi.ts has reduced to the parts that the emulator implements. The document is one API
 * version older than the emulator.
 */
export interface Schema {
  $ref?: string
  type?: string
  enum?: (string | null)[]
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  nullable?: boolean
  additionalProperties?: boolean | Schema
}

interface Operation {
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, { content: Record<string, { schema: Schema }> }>
}

interface Document {
  info: { version: string }
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

export const document: Document = JSON.parse(readFileSync(new URL('./stripe-2026-08-26.dahlia.json', import.meta.url), 'utf8'))

export const operationOf = (method: string, path: string): Operation | undefined => {
  const found = Object.entries(document.paths).find(([template]) => template.replaceAll(/\{\w+\}/g, ':id') === path)
  return found?.[1][method.toLowerCase()]
}

/** Returns an operation's parameters as one object schema, without path parameters and `expand`. */
export const parametersOf = ({ parameters = [], requestBody }: Operation): Schema => {
  const query = parameters.filter((parameter) => parameter.in === 'query')
  const form = requestBody?.content['application/x-www-form-urlencoded']?.schema
  const { expand: _, ...properties } = {
    ...Object.fromEntries(query.map(({ name, schema }) => [name, schema])),
    ...form?.properties,
  }
  const required = [...query.filter((one) => one.required).map(({ name }) => name), ...(form?.required ?? [])]
  return { type: 'object', properties, required }
}

/**
 * Converts a schema to JSON Schema. OpenAPI's `nullable` becomes an `anyOf` alternative. Objects allow no additional properties, so that
 * tests find properties that only the emulator has.
 */
const toJsonSchema = (schema: Schema): object => {
  const { nullable, anyOf, items, properties, additionalProperties, ...rest } = schema
  const converted = {
    ...rest,
    ...(anyOf && { anyOf: anyOf.map(toJsonSchema) }),
    ...(items && { items: toJsonSchema(items) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, toJsonSchema(inner)])),
      additionalProperties: false,
    }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: toJsonSchema(additionalProperties) }),
  }
  return nullable ? { anyOf: [converted, { type: 'null' }] } : converted
}

const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
for (const [name, schema] of Object.entries(endiveSchemas(document.components.schemas)))
  ajv.addSchema(toJsonSchema(schema), `#/components/schemas/${name}`)

/** Returns the validation errors of a value, one line per error. */
export const errorsIn = (schema: Schema, value: unknown): string[] => {
  const validate = ajv.compile(toJsonSchema(schema))
  if (validate(value)) return []
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
  )
}
