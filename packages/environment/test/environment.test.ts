import { expect, test } from 'vitest'
import { z } from 'zod'
import { json, parseEnvironment } from '../src/index.ts'

const schema = z.object({
  DATABASE_URL: z.url('Expected a URL').describe('URL of the database'),
  AUTH_ISSUER: z.string().describe("The tokens' iss claim"),
})

test('an invalid variable gets a sentence, even if its schema has none; a missing field of JSON is not a missing variable', () => {
  const number = z.coerce.number().int().min(1).max(9)
  const options = z.object({
    ONE: number,
    TWO: number,
    THREE: number,
    FOUR: number,
    LINK: z.url(),
    LEVEL: z.enum(['low', 'high']),
  })
  const variables = { ONE: 'x', TWO: '0', THREE: '10', FOUR: '1.5', LINK: 'x', LEVEL: 'x' }
  const lines = [
    'ONE: Expected a number\nTWO: Expected a number of at least 1\nTHREE: Expected a number of at most 9',
    'FOUR: Expected a whole number\nLINK: Expected a URL such as https://www.example.com\nLEVEL: Expected one of low, high',
  ]
  expect(() => parseEnvironment(options, variables)).toThrow(lines.join('\n'))
  const keys = z.object({ KEYS: json.pipe(z.object({ keys: z.array(z.string()) })) })
  expect(() => parseEnvironment(keys, { KEYS: '{}' })).toThrow('KEYS.keys: Expected a JSON array')
})

test('a missing variable is described, even if it is set to an empty string; the error for an invalid one says what was expected', () => {
  expect(() => parseEnvironment(schema, { DATABASE_URL: 'shop', AUTH_ISSUER: ' ' })).toThrow(
    "DATABASE_URL: Expected a URL\nAUTH_ISSUER is missing. Expected: The tokens' iss claim",
  )
})
