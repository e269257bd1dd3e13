import type { BalanceTransaction, Payout } from '@pay-to-view/purchase'
import type Stripe from 'stripe'
import { idOfReference } from '../snapshots.ts'
import { listPages } from './pagination.ts'

/** The payment intent of an expanded source, if it has one. */
const paymentIntentOf = (source: Stripe.BalanceTransaction['source']): string | null => {
  if (source === null || typeof source === 'string') return null
  return source.object === 'charge' || source.object === 'refund' || source.object === 'dispute'
    ? idOfReference(source.payment_intent)
    : null
}

const toRecord = (transaction: Stripe.BalanceTransaction): BalanceTransaction => {
  const { id, type, source, currency, amount, fee, net } = transaction
  return {
    ...{ id, type, currency, amount, fee, net },
    reportingCategory: transaction.reporting_category,
    sourceId: idOfReference(source),
    paymentIntentId: paymentIntentOf(source),
    exchangeRate: transaction.exchange_rate,
    createdAt: transaction.created,
    availableOn: transaction.available_on,
  }
}

async function* recordPages(
  stripe: Stripe,
  filter: Pick<Stripe.BalanceTransactionListParams, 'created' | 'payout'>,
): AsyncGenerator<BalanceTransaction[]> {
  const pages = listPages((page) => stripe.balanceTransactions.list({ ...filter, expand: ['data.source'], limit: 100, ...page }))
  for await (const page of pages) yield page.map(toRecord)
}

export const balanceCalls = (stripe: Stripe) => ({
  /** Yields the balance transactions created in a time span (seconds since the epoch, excluding `to`), page by page, newest first. */
  listBalanceTransactions: (from: number, to: number | null): AsyncGenerator<BalanceTransaction[]> =>
    recordPages(stripe, { created: { gte: from, ...(to !== null && { lt: to }) } }),

  listPayoutTransactions: (payoutId: string): AsyncGenerator<BalanceTransaction[]> => recordPages(stripe, { payout: payoutId }),

  /** Yields the payouts created since a time (seconds since the epoch), page by page, newest first. */
  listPayouts: async function* (from: number): AsyncGenerator<Payout[]> {
    for await (const page of listPages((page) => stripe.payouts.list({ created: { gte: from }, limit: 100, ...page })))
      yield page.map(({ id, amount, currency, status, automatic, created, arrival_date, reconciliation_status }) => ({
        ...{ id, amount, currency, status, automatic, createdAt: created, arrivalDate: arrival_date },
        isReconciled: reconciliation_status === 'completed',
      }))
  },
})
