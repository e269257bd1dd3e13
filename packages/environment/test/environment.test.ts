import { expect, test } from 'vitest'
import { z } from 'zod'
import { parseEnvironment } from '../src/index.ts'

const schema = z.object({
  DATABASE_URL: z.url('Expected a URL').describe('URL of the database'),
  AUTH_ISSUER: z.string().describe("The tokens' iss claim"),
})

test('a missing variable is described, even if it is set to an empty string; the error for an invalid one says what was expected', () => {
  expect(() => parseEnvironment(schema, { DATABASE_URL: 'shop', AUTH_ISSUER: ' ' })).toThrow(
    "DATABASE_URL: Expected a URL\nAUTH_ISSUER is missing. Expected: The tokens' iss claim",
  )
})
