import { createHash } from 'node:crypto'
import Stripe from 'stripe'

/** Idempotency keys are at most 255 characters long (Stripe's "Idempotent requests"), so the parts are hashed. */
export const idempotencyKey = (...parts: string[]): string =>
  `pay-to-view-${createHash('sha256').update(parts.join('\0')).digest('hex')}`

const isServerError = (error: unknown): error is InstanceType<typeof Stripe.errors.StripeError> =>
  error instanceof Stripe.errors.StripeError && error.statusCode === 500

const isReplayed = ({ headers }: { headers?: Record<string, string> }): boolean => headers?.['idempotent-replayed'] === 'true'

/**
 * Sends a write with an idempotency key. Stripe also replays responses with status 500 (Stripe's page "Idempotent requests"), so every
 * retry with the same key may fail for a day. A replayed 500 means that the original request has ended. If `findExisting` does not find an
 * object that this request created, the write is sent with the next key. The key is never changed while its request may still be running,
 * so nothing is created twice after a lost connection.
 */
export const idempotentWrite = async <T>(
  keyParts: string[],
  send: (idempotencyKey: string) => Promise<T>,
  findExisting: () => Promise<T | null> = async () => null,
): Promise<T> => {
  let [attempt, failures] = [1, 0]
  for (;;) {
    try {
      return await send(idempotencyKey(...keyParts, String(attempt)))
    } catch (error) {
      if (!isServerError(error)) throw error
      if (isReplayed(error)) {
        const existing = await findExisting()
        if (existing !== null) return existing
        attempt++
      } else if (++failures > 1) throw error
    }
  }
}
