import type { Account } from '../account.ts'
import { newId } from '../ids.ts'
import type { BalanceTransaction } from '../store/objects.ts'

type BalanceTransactionInput = {
  type: BalanceTransaction['type']
  reporting_category: string
  amount: number
  fee?: number
  currency: string
  source: string
  description: string | null
  isAvailable?: boolean
}

/** A positive amount adds to the account's balance, a negative one reduces it. Amounts are in minor units. */
export const createBalanceTransaction = (
  account: Account,
  { fee = 0, isAvailable = false, ...input }: BalanceTransactionInput,
): BalanceTransaction =>
  account.store.balanceTransactions.put({
    id: newId('balance_transaction'),
    object: 'balance_transaction',
    ...input,
    available_on: account.nowSeconds() + (isAvailable ? 0 : 2 * 86_400),
    balance_type: 'payments',
    created: account.nowSeconds(),
    exchange_rate: null,
    fee,
    fee_details:
      fee === 0
        ? []
        : [
            {
              amount: fee,
              application: null,
              currency: input.currency,
              description: input.type === 'adjustment' ? 'Dispute fee' : 'Stripe processing fees',
              type: 'stripe_fee',
            },
          ],
    net: input.amount - fee,
    status: isAvailable ? 'available' : 'pending',
  })

/** Stripe's standard fee for cards: 2.9% + 30 minor units. */
export const processingFee = (amount: number): number => Math.round(amount * 0.029) + 30
