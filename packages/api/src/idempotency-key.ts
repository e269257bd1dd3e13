import { z } from 'zod'

/** A key from the caller: repeated requests with the same key take effect once. In REST, send the key in the Idempotency-Key header. */
export const IdempotencyKey = z
  .string('Expected a string')
  .regex(/^[\x21-\x7e]{1,200}$/, 'Expected 1 to 200 printable ASCII characters without spaces')
  .meta({
    description:
      'Repeating a request with the same key has no further effect. In REST, send the key in the Idempotency-Key header.',
  })
