import { storable } from '@pay-to-view/purchase'
import { z } from 'zod'

/** Text of at most `most` characters that can be stored. Every text of a caller's that reaches a query is one, or has a pattern of its own. */
export const text = (most: number) =>
  z
    .string('Expected text')
    .max(most, `Expected at most ${most} characters`)
    .regex(storable, 'Expected text without NUL characters and halves of surrogate pairs')
