import { seedIds } from '@pay-to-view/devstack'
import type Stripe from 'stripe'
import type { StackDriver } from './driver.ts'
import type { PurchaseScenario } from './scenario.ts'

interface Payment {
  id: string
  purchaseId: string
  userId: string
  entityId: string
  amount: number
  /** Sum of the refunds that did not fail. */
  refunded: number
  isDisputed: boolean
  isDisputeLost: boolean
}

type Row = Record<string, unknown>

/** The payments at Stripe and the rows of one user, which are compared. */
interface UserState {
  payments: Payment[]
  purchases: Row[]
  grants: Row[]
  /** Purchases with an alert: an operator decides what happens to their payments. */
  alertedPurchaseIds: ReadonlySet<unknown>
}

/** Returns every difference between the payments at Stripe and the purchases and grants in our database. */
export const compareWithStripe = async (
  { stripe, query }: Pick<StackDriver, 'stripe' | 'query'>,
  scenarios: readonly PurchaseScenario[],
): Promise<string[]> => {
  const payments = await listPayments(stripe)
  const purchases = await query(
    'SELECT id, user_id, entity_id, status::text, amount, amount_paid, amount_refunded, external_transaction_id, mismatch FROM purchases',
  )
  const grants = await query(
    'SELECT user_id, entity_id FROM grants WHERE ended_at IS NULL AND (expires_at IS NULL OR expires_at > now())',
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

/** Every successful payment as Stripe's API shows it. Deliberately shares no code with pay-to-view. */
const listPayments = async (stripe: Stripe): Promise<Payment[]> => {
  const [sessions, intents, refunds, disputes] = await Promise.all([
    listAll(stripe.checkout.sessions.list({ limit: 100 })),
    listAll(stripe.paymentIntents.list({ limit: 100 })),
    listAll(stripe.refunds.list({ limit: 100 })),
    listAll(stripe.disputes.list({ limit: 100 })),
  ])
  return intents
    .filter((intent) => intent.status === 'succeeded')
    .flatMap((intent) => {
      const session = sessions.find((candidate) => idOf(candidate.payment_intent) === intent.id)
      const { payToViewPurchaseId: purchaseId, userId, entityId } = session?.metadata ?? {}
      if (!purchaseId || !userId || !entityId) return []
      const activeRefunds = refunds.filter(
        (refund) => idOf(refund.payment_intent) === intent.id && !['failed', 'canceled'].includes(refund.status ?? ''),
      )
      const ownDisputes = disputes.filter((dispute) => idOf(dispute.payment_intent) === intent.id)
      const isWithdrawn = (dispute: Stripe.Dispute) =>
        dispute.balance_transactions.reduce((sum, { amount }) => sum + amount, 0) < 0
      return [
        {
          ...{ id: intent.id, purchaseId, userId, entityId, amount: intent.amount },
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
  const main = ownPayments.find((payment) => payment.id === row.external_transaction_id)
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
  const expected = expectedStatus(main, row.amount)
  if (row.status !== expected) differences.push(`${row.id} is ${row.status}; according to Stripe it should be ${expected}`)
  return differences
}

const expectedStatus = (payment: Payment, quotedAmount: unknown): string => {
  if (payment.refunded >= payment.amount) return 'Refunded'
  if (payment.isDisputeLost) return 'ChargedBack'
  if (payment.isDisputed) return 'Disputed'
  return payment.amount === quotedAmount ? 'Completed' : 'Pending'
}

const accessDifferences = ({ payments, grants, alertedPurchaseIds }: UserState): string[] => {
  const differences: string[] = []
  const hasGrant = (entityId: string) => grants.some((grant) => grant.entity_id === entityId)
  for (const entityId of new Set(payments.map((payment) => payment.entityId))) {
    const kept = payments.filter(
      (payment) => payment.entityId === entityId && payment.refunded < payment.amount && !payment.isDisputeLost,
    )
    const entitling = kept.filter((payment) => !payment.isDisputed && !alertedPurchaseIds.has(payment.purchaseId))
    const hasAccess = hasGrant(entityId) || (entityId === seedIds.channelFilm && hasGrant(seedIds.channel))
    const ids = entitling.map(({ id }) => id)
    if (ids.length > 0 && !hasAccess) differences.push(`paid for ${entityId} by ${ids} but has no access`)
    if (kept.every((payment) => payment.isDisputed) && hasGrant(entityId)) {
      differences.push(`has access to ${entityId} without a payment`)
    }
    if (ids.length > 1) differences.push(`paid ${ids.length} times for ${entityId}: ${ids}`)
  }
  for (const { entity_id } of grants) {
    if (!payments.some((payment) => payment.entityId === entity_id)) {
      differences.push(`has access to ${entity_id}, which was never paid`)
    }
  }
  return differences
}
