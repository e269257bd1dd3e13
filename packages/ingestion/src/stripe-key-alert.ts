import { type Db, openConditionAlert, resolveConditionAlert } from '@pay-to-view/db'
import type { StripeCall } from '@pay-to-view/stripe'

const kind = 'stripe_key_rejected'

/** A rejection that persists opens its alert again after this time, even if an operator has resolved it. */
const reopenAfterMs = 60_000

/**
 * Returns a listener for calls to Stripe that opens an alert while Stripe rejects our key (401), or an operation for which the key has no permission
 * (403), and closes it when Stripe accepts it again. These calls are retried indefinitely, because the key can be changed at Stripe.
 */
export const alertRejectedKey = (db: Db): ((call: StripeCall) => void) => {
  const known = new Map<string, { isRejected: boolean; at: number }>()
  // One after the other, so that the last one wins.
  let writes: Promise<void> = Promise.resolve()

  const update = (subject: string, isRejected: boolean, detail: { operation: string; status: number }): void => {
    const last = known.get(subject)
    if (last?.isRejected === isRejected && !(isRejected && Date.now() - last.at > reopenAfterMs)) return
    known.set(subject, { isRejected, at: Date.now() })
    writes = writes
      .then(() => (isRejected ? openConditionAlert(db, kind, subject, detail) : resolveConditionAlert(db, kind, subject)))
      // The next call tries again.
      .catch(() => void known.delete(subject))
  }

  return ({ operation, status }) => {
    // No response, a rate limit or a 5xx says nothing about the key.
    if (status === null || status === 429 || status >= 500) return
    update('key', status === 401, { operation, status })
    if (status !== 401) update(operation, status === 403, { operation, status })
  }
}
