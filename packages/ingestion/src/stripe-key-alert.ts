import { type Db, openConditionAlert, resolveConditionAlert } from '@pay-to-view/db'
import type { StripeCall } from '@pay-to-view/stripe'

const kind = 'stripe_key_rejected'

/** After this time, a persisting rejection reopens its alert, even if an operator has resolved it. */
const reopenAfterMs = 60_000

/**
 * Returns a listener for Stripe calls. It opens an alert when Stripe rejects our key (401) or an operation for which the key has no
 * permission (403), and resolves the alert when Stripe accepts the key or the operation again. Rejected calls are retried indefinitely,
 * because the key's permissions can be changed in Stripe.
 */
export const alertRejectedKey = (db: Db): ((call: StripeCall) => void) => {
  const known = new Map<string, { isRejected: boolean; at: number }>()
  // Writes are made one at a time and in order, so the last write wins.
  let writes: Promise<void> = Promise.resolve()

  const update = (subject: string, isRejected: boolean, detail: { operation: string; status: number }): void => {
    const last = known.get(subject)
    if (last?.isRejected === isRejected && !(isRejected && Date.now() - last.at > reopenAfterMs)) return
    known.set(subject, { isRejected, at: Date.now() })
    writes = writes
      .then(() => (isRejected ? openConditionAlert(db, kind, subject, detail) : resolveConditionAlert(db, kind, subject)))
      // If the write fails, the next call tries again.
      .catch(() => void known.delete(subject))
  }

  return ({ operation, status }) => {
    // A missing response, a rate limit or a 5xx gives no information about the key.
    if (status === null || status === 429 || status >= 500) return
    update('key', status === 401, { operation, status })
    if (status !== 401) update(operation, status === 403, { operation, status })
  }
}
