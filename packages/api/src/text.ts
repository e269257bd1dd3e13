import { storableText } from '@pay-to-view/purchase'
import { z } from 'zod'

/** Text that Postgres can store. Every text input that reaches a query uses this schema or has its own validation pattern. */
export const text = (maxLength: number) =>
  z
    .string('Expected a string')
    .max(maxLength, `Expected at most ${maxLength} characters`)
    .regex(storableText, 'Expected text without NUL characters or unpaired surrogates')

/** Text whose length is counted in Unicode characters (code points), as Postgres and Stripe count. `text` counts an emoji as two. */
export const textOfCharacters = (maxLength: number) =>
  text(maxLength * 2)
    .refine((value) => [...value].length <= maxLength, `Expected at most ${maxLength} characters`)
    .meta({ maxLength })
