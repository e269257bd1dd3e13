import type { Account } from '../account.ts'
import { resourceMissing } from '../http/errors.ts'
import { newId } from '../ids.ts'
import type { BalanceTransaction, Payout } from '../store/objects.ts'
import { createBalanceTransaction } from './balance.ts'

export const getPayout = (account: Account, id: string): Payout => {
  const payout = account.store.payouts.get(id)
  if (!payout) throw resourceMissing('payout', id, 'payout')
  return payout
}

const sumOf = (transactions: readonly BalanceTransaction[]): number => transactions.reduce((sum, { net }) => sum + net, 0)

/**
 * Creates an automatic payout of balance transactions whose sum is positive. As in Stripe, the payout also contains its own balance
 * transaction.
 */
const createPayout = (account: Account, currency: string, transactions: readonly BalanceTransaction[]): Payout => {
  const id = newId('payout')
  const amount = sumOf(transactions)
  const own = createBalanceTransaction(account, {
    ...{ type: 'payout', reporting_category: 'payout', amount: -amount, currency, source: id },
    ...{ description: 'STRIPE PAYOUT', isAvailable: true },
  })
  for (const transaction of [...transactions, own]) account.store.paidOut.put({ id: transaction.id, payout: id })
  const payout = account.store.payouts.put({
    ...{ id, object: 'payout', amount, currency, status: 'paid', automatic: true, method: 'standard', type: 'bank_account' },
    ...{ application_fee: null, application_fee_amount: null, balance_transaction: own.id, created: account.nowSeconds() },
    ...{ arrival_date: account.nowSeconds(), description: 'STRIPE PAYOUT', destination: null, livemode: false, metadata: {} },
    ...{ failure_balance_transaction: null, failure_code: null, failure_message: null, original_payout: null, reversed_by: null },
    ...{ payout_method: null, reconciliation_status: 'completed', source_type: 'card', statement_descriptor: null },
    trace_id: { status: 'supported', value: id.slice(-12) },
  })
  account.emit('payout.created', payout)
  account.emit('payout.paid', payout)
  return payout
}

/**
 * For each currency, pays out the available funds that are not part of a payout yet, as Stripe does on its payout schedule. A
 * zero or negative balance is not paid out.
 */
export const payOut = (account: Account, { includesPending = false } = {}): Payout[] => {
  const byCurrency = new Map<string, BalanceTransaction[]>()
  for (const transaction of account.store.balanceTransactions.values()) {
    const isReady = includesPending || transaction.available_on <= account.nowSeconds()
    if (!isReady || account.store.paidOut.get(transaction.id)) continue
    byCurrency.set(transaction.currency, [...(byCurrency.get(transaction.currency) ?? []), transaction])
  }
  return [...byCurrency]
    .filter(([, transactions]) => sumOf(transactions) > 0)
    .map(([currency, transactions]) => createPayout(account, currency, transactions))
}
