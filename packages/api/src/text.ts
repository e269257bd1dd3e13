import { storableText } from '@pay-to-view/purchase'
import { z } from 'zod'

/**
 * Text that Postgres can store. Every text input that reaches a query uses this schema or has its own validation pattern. `expected` is the
 * message for a missing value.
 */
export const text = (maxLength: number, expected = 'Expected a string') =>
  z
    .string(expected)
    .max(maxLength, `Expected at most ${maxLength} characters`)
    .regex(storableText, 'Expected text without NUL characters or unpaired surrogates')

/** Text whose length is counted in Unicode characters (code points), as Postgres and Stripe count. `text` counts an emoji as two. */
export const textOfCharacters = (maxLength: number, expected?: string) =>
  text(maxLength * 2, expected)
    .refine((value) => [...value].length <= maxLength, `Expected at most ${maxLength} characters`)
    .meta({ maxLength })
