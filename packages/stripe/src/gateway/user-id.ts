import type { Snapshot } from '@pay-to-view/purchase'
import type Stripe from 'stripe'
import { idOfReference, sessionSnapshots } from '../snapshots.ts'
import { idempotentWrite } from './idempotent-write.ts'
import { orNullIfMissing } from './or-null-if-missing.ts'
import { listAll } from './pagination.ts'
import { respondedAt } from './responded-at.ts'

export const userIdCalls = (stripe: Stripe) => ({
  /**
   * Replaces the user id in the metadata of checkout sessions, of payment intents (also those that Stripe links to the sessions) and of their
   * charges, to which Stripe has copied it. Objects that Stripe no longer knows are skipped. Returns the snapshots of the updated sessions,
   * which are newer than all snapshots with the previous user id.
   */
  replaceUserId: async (
    { sessions, payments }: { sessions: string[]; payments: string[] },
    userId: string,
  ): Promise<Snapshot[]> => {
    const metadata = { userId }
    const update = <T extends object>(id: string, send: (idempotencyKey: string) => Promise<T>): Promise<T | null> =>
      orNullIfMissing(idempotentWrite(['rename', id, userId], send))
    const intents = new Set(payments)
    const snapshots: Snapshot[] = []
    for (const id of sessions) {
      const session = await update(id, (idempotencyKey) => stripe.checkout.sessions.update(id, { metadata }, { idempotencyKey }))
      if (session === null) continue
      snapshots.push(...sessionSnapshots(session, respondedAt(session)))
      const intent = idOfReference(session.payment_intent)
      if (intent !== null) intents.add(intent)
    }
    for (const id of intents) {
      if (!(await update(id, (idempotencyKey) => stripe.paymentIntents.update(id, { metadata }, { idempotencyKey })))) continue
      const charges = await listAll((page) => stripe.charges.list({ payment_intent: id, limit: 100, ...page }))
      for (const { item } of charges)
        await update(item.id, (idempotencyKey) => stripe.charges.update(item.id, { metadata }, { idempotencyKey }))
    }
    return snapshots
  },
})
