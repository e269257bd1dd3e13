import { seedIds } from '@pay-to-view/devstack'
import type Stripe from 'stripe'
import type { StackDriver } from './driver.ts'
import type { PurchaseScenario } from './scenario.ts'

interface Parts {
  subtotal: number
  discount: number
  tax: number
  total: number
}

interface Payment {
  /** The payment intent id or, for a free order, the session id. */
  id: string
  purchaseId: string
  userId: string
  entityId: string
  /** The session's amounts and total. */
  parts: Parts
  isFree: boolean
  amount: number
  /** Sum of the refunds that did not fail. */
  refunded: number
  isDisputed: boolean
  isDisputeLost: boolean
}

type Row = Record<string, unknown>

/** One user's payments in Stripe and rows in our database, which are compared with each other. */
interface UserState {
  payments: Payment[]
  purchases: Row[]
  grants: Row[]
  /** Purchases with an alert. An operator decides what happens to the payments of these purchases. */
  alertedPurchaseIds: ReadonlySet<unknown>
}

/** Returns every difference between the payments in Stripe and the purchases and grants in our database. */
export const compareWithStripe = async (
  { stripe, query }: Pick<StackDriver, 'stripe' | 'query'>,
  scenarios: readonly PurchaseScenario[],
): Promise<string[]> => {
  const payments = await listPayments(stripe)
  const purchases = await query(
    `SELECT id, user_id, entity_id, status::text, amount, amount_subtotal, amount_discount, amount_tax, amount_paid, amount_refunded,
       external_transaction_id, mismatch, is_renewal, coalesce(access_duration_days, rental_start_within_days) AS days, EXISTS (
         SELECT FROM refund_requests WHERE purchase_id = purchases.id AND free_order_id IS NOT NULL AND error IS NULL AND responded_at IS NOT NULL
       ) AS taken_back FROM purchases`,
  )
  const grants = await query(
    `SELECT user_id, grants.entity_id FROM grants JOIN entities ON entities.id = grants.entity_id
     WHERE source = 'purchase' AND revoked_at IS NULL
       AND coalesce(grant_expires_at(grants, grant_starts_at(grants, available_from)) > now(), true)`,
  )
  const alerts = await query(
    "SELECT purchase_id FROM alerts WHERE kind IN ('mismatch', 'refund_failed', 'refund_refused', 'restored_but_covered')",
  )
  const alertedPurchaseIds = new Set(alerts.map((row) => row.purchase_id))
  return scenarios.flatMap(({ user, steps }) => {
    const belongsToUser = (row: Row) => row.user_id === user
    const state: UserState = {
      payments: payments.filter(({ userId }) => userId === user),
      purchases: purchases.filter(belongsToUser),
      grants: grants.filter(belongsToUser),
      alertedPurchaseIds,
    }
    const differences = [...state.purchases.flatMap((row) => purchaseDifferences(row, state)), ...accessDifferences(state)]
    return differences.map((text) => `${user}: ${text}; steps: ${JSON.stringify(steps)}`)
  })
}

const listAll = async <T extends { id: string }>(list: Stripe.ApiListPromise<T>): Promise<T[]> => {
  const items: T[] = []
  for await (const item of list) items.push(item)
  return items
}

const idOf = (reference: string | { id: string } | null): string =>
  typeof reference === 'string' ? reference : (reference?.id ?? '')

const openDisputeStatuses = ['needs_response', 'under_review', 'appeal_needs_response', 'appeal_under_review']

const partsOf = (session: Stripe.Checkout.Session): Parts => ({
  subtotal: session.amount_subtotal ?? 0,
  discount: session.total_details?.amount_discount ?? 0,
  tax: session.total_details?.amount_tax ?? 0,
  total: session.amount_total ?? 0,
})

/** Lists every successful payment and every free order from Stripe's API. Deliberately shares no code with pay-to-view. */
const listPayments = async (stripe: Stripe): Promise<Payment[]> => {
  const [sessions, intents, refunds, disputes] = await Promise.all([
    listAll(stripe.checkout.sessions.list({ limit: 100 })),
    listAll(stripe.paymentIntents.list({ limit: 100 })),
    listAll(stripe.refunds.list({ limit: 100 })),
    listAll(stripe.disputes.list({ limit: 100 })),
  ])
  const intentsById = new Map(intents.map((intent) => [intent.id, intent]))
  return sessions.flatMap((session): Payment[] => {
    const { payToViewPurchaseId: purchaseId, userId, entityId } = session.metadata ?? {}
    if (session.status !== 'complete' || !purchaseId || !userId || !entityId) return []
    const common = { purchaseId, userId, entityId, parts: partsOf(session) }
    if (session.payment_status === 'no_payment_required')
      return [{ ...common, id: session.id, isFree: true, amount: 0, refunded: 0, isDisputed: false, isDisputeLost: false }]
    const intent = intentsById.get(idOf(session.payment_intent))
    if (intent?.status !== 'succeeded') return []
    const activeRefunds = refunds.filter(
      (refund) => idOf(refund.payment_intent) === intent.id && !['failed', 'canceled'].includes(refund.status ?? ''),
    )
    const ownDisputes = disputes.filter((dispute) => idOf(dispute.payment_intent) === intent.id)
    const isWithdrawn = (dispute: Stripe.Dispute) => dispute.balance_transactions.reduce((sum, { amount }) => sum + amount, 0) < 0
    return [
      {
        ...{ ...common, id: intent.id, isFree: false, amount: intent.amount_received },
        refunded: activeRefunds.reduce((sum, refund) => sum + refund.amount, 0),
        isDisputed: ownDisputes.some(({ status }) => openDisputeStatuses.includes(status)),
        isDisputeLost: ownDisputes.some(
          (dispute) => dispute.status === 'lost' || (dispute.status === 'prevented' && isWithdrawn(dispute)),
        ),
      },
    ]
  })
}

const purchaseDifferences = (row: Row, { payments }: UserState): string[] => {
  const differences: string[] = []
  const ownPayments = payments.filter((payment) => payment.purchaseId === row.id)
  const main = ownPayments.find(({ id, isFree }) =>
    row.external_transaction_id === null ? isFree : id === row.external_transaction_id,
  )
  if (ownPayments.length > 0 && !main) {
    differences.push(`${row.id} was paid by ${ownPayments.map(({ id }) => id)} but records ${row.external_transaction_id}`)
  }
  if (!main && row.amount_paid !== 0) differences.push(`${row.id} records a payment that Stripe does not have`)
  if (!main) return differences
  if (row.amount_paid !== main.amount || row.amount_refunded !== main.refunded) {
    differences.push(
      `${row.id} records ${row.amount_paid} paid and ${row.amount_refunded} refunded; Stripe has ${main.amount} and ${main.refunded}`,
    )
  }
  const recorded = [row.amount_subtotal, row.amount_discount, row.amount_tax, row.amount_paid].join()
  const { subtotal, discount, tax, total } = main.parts
  if (recorded !== [subtotal, discount, tax, total].join())
    differences.push(`${row.id} records the amounts ${recorded}; Stripe has ${[subtotal, discount, tax, total]}`)
  const expected = expectedStatus(main, row)
  if (row.status !== expected) differences.push(`${row.id} is ${row.status}; according to Stripe it should be ${expected}`)
  return differences
}

const expectedStatus = (payment: Payment, { amount: quotedAmount, taken_back }: Row): string => {
  if (payment.isFree ? taken_back === true : payment.refunded >= payment.amount) return 'Refunded'
  if (payment.isDisputeLost) return 'ChargedBack'
  if (payment.isDisputed) return 'Disputed'
  return payment.parts.subtotal === quotedAmount ? 'Completed' : 'Pending'
}

/**
 * Returns groups of payments for the same length of access, excluding renewals. Longer access may be bought after shorter access.
 */
const paidTwice = (payments: readonly Payment[], purchases: readonly Row[]): string[] => {
  const rows = new Map(purchases.map((row) => [row.id, row]))
  const firsts = payments.filter(({ purchaseId }) => rows.get(purchaseId)?.is_renewal === false)
  const daysOf = ({ purchaseId }: Payment) => rows.get(purchaseId)?.days
  return [...new Set(firsts.map(daysOf))]
    .map((days) => firsts.filter((payment) => daysOf(payment) === days).map(({ id }) => id))
    .filter((ids) => ids.length > 1)
    .map((ids) => ids.join())
}

const accessDifferences = ({ payments, purchases, grants, alertedPurchaseIds }: UserState): string[] => {
  const differences: string[] = []
  const takenBack = new Set(purchases.filter((row) => row.taken_back === true).map(({ id }) => id))
  const settledByPayment = new Set(purchases.filter((row) => row.external_transaction_id !== null).map(({ id }) => id))
  const isKept = ({ isFree, purchaseId, refunded, amount }: Payment) => (isFree ? !takenBack.has(purchaseId) : refunded < amount)
  const hasGrant = (entityId: string) => grants.some((grant) => grant.entity_id === entityId)
  for (const entityId of new Set(payments.map((payment) => payment.entityId))) {
    const kept = payments.filter((payment) => payment.entityId === entityId && isKept(payment) && !payment.isDisputeLost)
    // If a payment settles the purchase, a free order of the same purchase gives no access.
    const isUnused = ({ isFree, purchaseId }: Payment) => isFree && settledByPayment.has(purchaseId)
    const entitling = kept.filter(
      (payment) => !payment.isDisputed && !isUnused(payment) && !alertedPurchaseIds.has(payment.purchaseId),
    )
    const hasAccess = hasGrant(entityId) || (entityId === seedIds.channelFilm && hasGrant(seedIds.channel))
    const ids = entitling.map(({ id }) => id)
    if (ids.length > 0 && !hasAccess) differences.push(`paid for ${entityId} by ${ids} but has no access`)
    if (kept.every((payment) => payment.isDisputed) && hasGrant(entityId)) {
      differences.push(`has access to ${entityId} without a payment`)
    }
    differences.push(...paidTwice(entitling, purchases).map((twice) => `paid twice for ${entityId}: ${twice}`))
  }
  for (const { entity_id } of grants) {
    if (!payments.some((payment) => payment.entityId === entity_id)) {
      differences.push(`has access to ${entity_id}, which was never paid for`)
    }
  }
  return differences
}
