import type { Account } from '../account.ts'
import { newId } from '../ids.ts'
import type { BalanceTransaction } from '../store/objects.ts'
import { convert, exchangeRate } from './money.ts'

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

/**
 * If the account has a settlement currency, amounts and fees in other currencies are converted to it, as on a Stripe account with only one
 * bank account.
 */
const settle = (account: Account, { amount, fee = 0, currency }: BalanceTransactionInput) => {
  const target = account.settings.settlementCurrency ?? currency
  const rate = target === currency ? undefined : exchangeRate(currency, target)
  if (rate === undefined) return { amount, fee, currency, exchange_rate: null }
  return {
    amount: convert(amount, currency, target, rate),
    fee: convert(fee, currency, target, rate),
    currency: target,
    exchange_rate: rate,
  }
}

/** Adds a balance transaction. A positive amount increases the account's balance, and a negative amount decreases it. Amounts are in minor units. */
export const createBalanceTransaction = (account: Account, given: BalanceTransactionInput): BalanceTransaction => {
  const { isAvailable = false, ...rest } = given
  const { fee, exchange_rate, ...settled } = settle(account, given)
  const input = { ...rest, ...settled }
  return account.store.balanceTransactions.put({
    id: newId('balance_transaction'),
    object: 'balance_transaction',
    ...input,
    available_on: account.nowSeconds() + (isAvailable ? 0 : 2 * 86_400),
    balance_type: 'payments',
    created: account.nowSeconds(),
    exchange_rate,
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
}

/** Stripe's standard card fee: 2.9% plus 30 minor units. */
export const processingFee = (amount: number): number => Math.round(amount * 0.029) + 30
