import { seedIds } from '@pay-to-view/testing/stack'
import fc from 'fast-check'
import { z } from 'zod'

/** The subset of JSON Schema that the tests use. */
export interface Schema {
  type?: string | undefined
  const?: unknown
  enum?: unknown[] | undefined
  anyOf?: Schema[] | undefined
  properties?: Record<string, Schema> | undefined
  required?: string[] | undefined
  items?: Schema | undefined
  pattern?: string | undefined
  format?: string | undefined
  minimum?: number | undefined
  maximum?: number | undefined
}
export const Schema: z.ZodType<Schema> = z.lazy(() =>
  z.looseObject({
    type: z.string().optional(),
    enum: z.array(z.unknown()).optional(),
    anyOf: z.array(Schema).optional(),
    properties: z.record(z.string(), Schema).optional(),
    required: z.array(z.string()).optional(),
    items: Schema.optional(),
    pattern: z.string().optional(),
    format: z.string().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
  }),
)

/** Values that are special to databases, logs, headers, spreadsheets or parsers. */
const knownHostileValues: unknown[] = [
  ...[
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    'a\udfffb',
    '\u202e',
    '\r\nSet-Cookie: a=b',
    '\n{"level":60,"msg":"forged"}',
    '%00',
    '%zz',
  ],
  ...["' OR 1=1 --", "'; DROP TABLE purchases; --", '%', '_', '\\', '$1', '=1+1', '@SUM(A1)', '{{7*7}}', '<script>'],
  ...[
    '__proto__',
    'constructor',
    'null',
    'NaN',
    '0x10',
    '1e3',
    '９',
    'ptv_',
    'ptv_zzzzzzzzzzzzzzzzzzzzzzzzzz',
    'x'.repeat(5_000),
  ],
  ...[null, true, false, 0, -1, 0.5, 1e308, 2 ** 31, 2 ** 53, -(2 ** 63), [], {}, [[]], { $gt: '' }, { toString: 'x' }],
]
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...knownHostileValues),
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
)

/** Strings that match our patterns and formats, including edge cases. The fuzz tests add the ids of existing purchases. */
export const validTexts: string[] = [
  '',
  ...Object.values(seedIds),
  ...['ptv_01m85eetz2e8qthwsqr5v0dh8g', 'prod_01m85eetz6e8qthwvnjjs5zz49', 'chan_7zzzzzzzzzzzzzzzzzzzzzzzzz', 'usd', 'zzz', '1'],
  ...['0', '999999999999999999', 'key-1', 'https://yoursite.com/', '2026-01-01T00:00:00Z', '0000-01-01T00:00:00Z'],
  ...['9999-12-31T23:59:59.999Z'],
]

const text = ({ pattern, format }: Schema): fc.Arbitrary<unknown> => {
  const matching = validTexts.filter((value) => {
    if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) return false
    return format !== 'date-time' || value.includes('T00:') || value.startsWith('9999')
  })
  return matching.length > 0 ? fc.constantFrom(...matching) : fc.string()
}

const object = ({ properties = {}, required = [] }: Schema): fc.Arbitrary<unknown> =>
  fc.record(Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, nearSchema(schema)])), {
    requiredKeys: required,
  })

const validValue = (schema: Schema): fc.Arbitrary<unknown> => {
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(nearSchema))
  if (schema.type === 'object') return object(schema)
  if (schema.type === 'array') return fc.array(nearSchema(schema.items ?? {}), { maxLength: 4 })
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'integer' || schema.type === 'number') {
    return fc.integer({ min: Math.max(schema.minimum ?? -100, -(2 ** 31)), max: Math.min(schema.maximum ?? 100, 2 ** 31 - 1) })
  }
  return schema.type === 'string' ? text(schema) : hostileValue
}

/** Generates values that mostly match a schema. A hostile value can replace any part. */
export const nearSchema = (schema: Schema): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: validValue(schema) }, { weight: 1, arbitrary: hostileValue })
