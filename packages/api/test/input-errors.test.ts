import { expect, test } from 'vitest'
import { z } from 'zod'
import { appRouter } from '../src/app-router.ts'
import { entityInput } from '../src/entities/entity-input.ts'
import { isProcedure } from '../src/rest-procedures.ts'
import { fieldErrors } from '../src/to-api-error.ts'

const procedures = Object.entries<unknown>(appRouter._def.procedures).flatMap(([name, procedure]) => {
  const input = isProcedure(procedure) ? procedure._def.inputs[0] : undefined
  return input instanceof z.ZodType ? [{ name, input }] : []
})

interface JsonSchema {
  properties: Record<string, JsonSchema>
  items?: JsonSchema | undefined
  anyOf: JsonSchema[]
  oneOf: JsonSchema[]
  const?: unknown
}

const JsonSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.looseObject({
    properties: z.record(z.string(), JsonSchema).default({}),
    items: JsonSchema.optional(),
    anyOf: z.array(JsonSchema).default([]),
    oneOf: z.array(JsonSchema).default([]),
  }),
)

const long = 'x'.repeat(20_000)
const invalid = [
  undefined,
  null,
  true,
  0,
  -1,
  0.5,
  1e12,
  '',
  ' ',
  'x',
  'EURO',
  'xyz',
  ' 2026-03-29',
  '2026-03-29T00:00:00Z',
  long,
]
  .concat(['\u0000'])
  .map((value): unknown => value)
const values: unknown[] = [...invalid, [], [0], Array(2_000).fill(long), {}, { unknown: 1 }]

/** Invalid values for a schema: values of every type, and values with one invalid field or item. */
const valuesFor = ({ properties, items, anyOf, oneOf }: JsonSchema): unknown[] => {
  const constants = Object.fromEntries(Object.entries(properties).filter(([, field]) => field.const !== undefined))
  const base = Object.fromEntries(Object.entries(constants).map(([key, field]) => [key, field.const]))
  return [
    ...values,
    ...Object.entries(properties).flatMap(([key, field]) => valuesFor(field).map((value) => ({ ...base, [key]: value }))),
    ...(items ? valuesFor(items).map((value) => [value]) : []),
    ...[...anyOf, ...oneOf].flatMap(valuesFor),
  ]
}

test.each(procedures)('$name reports each invalid field once, with the expected value in our words', ({ input }) => {
  const schema = JsonSchema.parse(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }))
  for (const value of valuesFor(schema)) {
    const errors = fieldErrors(input.safeParse(value).error ?? new z.ZodError([]))
    const fields = errors.map(({ field }) => field)
    expect(fields).toEqual([...new Set(fields)])
    for (const { field, message } of errors) expect(`${field}: ${message}`).toMatch(/: (Expected|Unknown) /)
  }
})

test.each([
  [{ id: 'channel', position: '1' }, 'memberOf.0.position'],
  [{ id: 'channel', position: -1 }, 'memberOf.0.position'],
  [{ id: 7 }, 'memberOf.0.id'],
  [{ id: 'channel', order: 1 }, 'memberOf.0.order'],
  ['a b', 'memberOf.0'],
  [7, 'memberOf.0'],
])('the error for the container %j names the innermost field', (container, field) => {
  const { error } = entityInput.safeParse({ type: 'video', title: 'Film', memberOf: [container] })
  expect(fieldErrors(error ?? new z.ZodError([])).map((one) => one.field)).toEqual([field])
})
