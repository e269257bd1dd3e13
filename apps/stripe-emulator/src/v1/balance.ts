import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { resourceMissing } from '../http/errors.ts'
import { paginate, where } from '../http/lists.ts'
import { created, paging, text } from '../http/params.ts'
import { route } from '../http/route.ts'

/** Returns the balance: the sum of the balance transactions' `net` amounts per currency. */
const balanceOf = (account: Account): Omit<Stripe.Balance, 'refund_and_dispute_prefunding'> => {
  const sums = new Map<string, { available: number; pending: number }>()
  for (const { currency, net, available_on } of account.store.balanceTransactions.values()) {
    const sum = sums.get(currency) ?? { available: 0, pending: 0 }
    sum[available_on <= account.nowSeconds() ? 'available' : 'pending'] += net
    sums.set(currency, sum)
  }
  if (sums.size === 0) sums.set('usd', { available: 0, pending: 0 })
  const amounts = (kind: 'available' | 'pending') =>
    [...sums].map(([currency, { [kind]: amount }]) => ({ amount, currency, source_types: { card: amount } }))
  return { object: 'balance', available: amounts('available'), livemode: false, pending: amounts('pending') }
}

export const balance = [
  route('GET', '/v1/balance', {}, (account) => balanceOf(account)),
  route('GET', '/v1/balance_transactions/:id', {}, (account, _, id) => {
    const transaction = account.store.balanceTransactions.get(id)
    if (!transaction) throw resourceMissing('balance_transaction', id)
    return transaction
  }),
  route(
    'GET',
    '/v1/balance_transactions',
    {
      ...paging,
      created: created.optional(),
      source: text().optional(),
      type: text().optional(),
      currency: text().optional(),
      payout: text().optional(),
    },
    (account, { source, type, currency, payout, ...query }) =>
      paginate(account.store.balanceTransactions, '/v1/balance_transactions', 'balance_transaction', {
        ...query,
        where: where('source', source),
        matches: (transaction) =>
          (payout === undefined || account.store.paidOut.get(transaction.id)?.payout === payout) &&
          (!type || transaction.type === type) &&
          (!currency || transaction.currency === currency),
      }),
  ),
]
