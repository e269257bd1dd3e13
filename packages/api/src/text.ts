import { z } from 'zod'

/**
 * Text that can be stored and told again: at most `most` characters, no NUL (Postgres takes none in text or jsonb) and no half of a
 * surrogate pair (jsonb takes none). Every text of a caller's that reaches a query is one, or has a pattern of its own.
 */
export const text = (most: number) =>
  z
    .string('Expected text')
    .max(most, `Expected at most ${most} characters`)
    .regex(/^[^\0\ud800-\udfff]*$/u, 'Expected text without NUL characters and halves of surrogate pairs')
