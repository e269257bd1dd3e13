import { seeded } from '@pay-to-view/devstack'
import type Stripe from 'stripe'
import type { Life } from './life.ts'
import type { World } from './world.ts'

interface Payment {
  id: string
  purchaseId: string
  userId: string
  entityId: string
  amount: number
  /** What the refunds that stand add up to. */
  refunded: number
  disputed: boolean
  lost: boolean
}

const all = async <T extends { id: string }>(list: Stripe.ApiListPromise<T>): Promise<T[]> => {
  const found: T[] = []
  for await (const item of list) found.push(item)
  return found
}

const idOf = (reference: string | { id: string } | null): string =>
  typeof reference === 'string' ? reference : (reference?.id ?? '')

/** What Stripe has of every payment that was made, told apart from everything that our own code makes of it. */
const paymentsAtStripe = async (stripe: Stripe): Promise<Payment[]> => {
  const [sessions, intents, refunds, disputes] = await Promise.all([
    all(stripe.checkout.sessions.list({ limit: 100 })),
    all(stripe.paymentIntents.list({ limit: 100 })),
    all(stripe.refunds.list({ limit: 100 })),
    all(stripe.disputes.list({ limit: 100 })),
  ])
  return intents
    .filter((intent) => intent.status === 'succeeded')
    .flatMap((intent) => {
      const session = sessions.find((candidate) => idOf(candidate.payment_intent) === intent.id)
      const { payToViewPurchaseId: purchaseId, userId, entityId } = session?.metadata ?? {}
      if (!purchaseId || !userId || !entityId) return []
      const standing = refunds.filter(
        (refund) => idOf(refund.payment_intent) === intent.id && !['failed', 'canceled'].includes(refund.status ?? ''),
      )
      const own = disputes.filter((dispute) => idOf(dispute.payment_intent) === intent.id)
      const withdrawn = (dispute: Stripe.Dispute) => dispute.balance_transactions.reduce((sum, { net }) => sum + net, 0) < 0
      return [
        {
          ...{ id: intent.id, purchaseId, userId, entityId, amount: intent.amount },
          refunded: standing.reduce((sum, refund) => sum + refund.amount, 0),
          disputed: own.some(({ status }) =>
            ['needs_response', 'under_review', 'appeal_needs_response', 'appeal_under_review'].includes(status),
          ),
          lost: own.some((dispute) => dispute.status === 'lost' || (dispute.status === 'prevented' && withdrawn(dispute))),
        },
      ]
    })
}

const isKept = (payment: Payment): boolean => payment.refunded < payment.amount && !payment.lost

/** Every difference between what Stripe holds and what we say, in words. */
export const compare = async ({ stripe, query }: Pick<World, 'stripe' | 'query'>, lives: readonly Life[]): Promise<string[]> => {
  const found: string[] = []
  const payments = await paymentsAtStripe(stripe)
  const rows = await query(
    'SELECT id, user_id, entity_id, status::text, amount, amount_paid, amount_refunded, external_transaction_id, mismatch FROM purchases',
  )
  const live = await query(
    'SELECT user_id, entity_id FROM grants WHERE ended_at IS NULL AND (expires_at IS NULL OR expires_at > now())',
  )
  // The operator was told: what follows is theirs to decide.
  const told = new Set(
    (
      await query(
        "SELECT purchase_id FROM alerts WHERE kind IN ('mismatch', 'refund_failed', 'refund_refused', 'restored_but_covered')",
      )
    ).map((row) => row.purchase_id),
  )
  for (const { user, steps } of lives) {
    const say = (text: string) => found.push(`${user}: ${text}; after ${JSON.stringify(steps)}`)
    const own = payments.filter((payment) => payment.userId === user)
    const opens = (entityId: string) => live.some((grant) => grant.user_id === user && grant.entity_id === entityId)
    for (const row of rows.filter((candidate) => candidate.user_id === user)) {
      const mine = own.filter((payment) => payment.purchaseId === row.id)
      const main = mine.find((payment) => payment.id === row.external_transaction_id)
      if (mine.length > 0 && !main)
        say(`${row.id} was paid by ${mine.map(({ id }) => id)} and says ${row.external_transaction_id}`)
      if (!main && row.amount_paid !== 0) say(`${row.id} says that it was paid`)
      if (!main) continue
      if (row.amount_paid !== main.amount || row.amount_refunded !== main.refunded) {
        say(
          `${row.id} says ${row.amount_paid} paid and ${row.amount_refunded} refunded, Stripe ${main.amount} and ${main.refunded}`,
        )
      }
      const status =
        main.refunded >= main.amount
          ? 'Refunded'
          : main.lost
            ? 'ChargedBack'
            : main.disputed
              ? 'Disputed'
              : main.amount === row.amount
                ? 'Completed'
                : 'Pending'
      if (row.status !== status) say(`${row.id} is ${row.status}, Stripe makes it ${status}`)
    }
    for (const entityId of new Set(own.map((payment) => payment.entityId))) {
      const kept = own.filter((payment) => payment.entityId === entityId && isKept(payment))
      const entitled = kept.filter((payment) => !payment.disputed && !told.has(payment.purchaseId))
      const covered = opens(entityId) || (entityId === seeded.channelFilm && opens(seeded.channel))
      if (entitled.length > 0 && !covered) say(`paid for ${entityId} by ${entitled.map(({ id }) => id)} and has no access`)
      if (kept.every((payment) => payment.disputed) && opens(entityId)) say(`has access to ${entityId} and has not paid`)
      if (entitled.length > 1) say(`pays ${entitled.length} times for ${entityId}: ${entitled.map(({ id }) => id)}`)
    }
    for (const grant of live.filter((candidate) => candidate.user_id === user)) {
      if (!own.some((payment) => payment.entityId === grant.entity_id)) say(`has access to ${grant.entity_id} out of nothing`)
    }
  }
  return found
}
