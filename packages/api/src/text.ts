import { storableText } from '@pay-to-view/purchase'
import { z } from 'zod'

/** Text that Postgres can store. Every text input that reaches a query uses this schema or has its own pattern. */
export const text = (maxLength: number) =>
  z
    .string('Expected text')
    .max(maxLength, `Expected at most ${maxLength} characters`)
    .regex(storableText, 'Expected text without NUL characters or unpaired surrogates')
