import { newId } from '../ids.ts'
import type { BalanceTransaction } from '../store/wire.ts'
import type { World } from '../world.ts'

type Move = {
  type: BalanceTransaction['type']
  reporting_category: string
  amount: number
  fee?: number
  currency: string
  source: string
  description: string | null
}

/** Money into (positive) or out of the account's balance, in minor units. */
export const moveMoney = (world: World, { fee = 0, ...move }: Move): BalanceTransaction =>
  world.store.balanceTransactions.put({
    id: newId('balance_transaction'),
    object: 'balance_transaction',
    ...move,
    available_on: world.now() + 2 * 86_400,
    balance_type: 'payments',
    created: world.now(),
    exchange_rate: null,
    fee,
    fee_details:
      fee === 0
        ? []
        : [
            {
              amount: fee,
              application: null,
              currency: move.currency,
              description: move.type === 'adjustment' ? 'Dispute fee' : 'Stripe processing fees',
              type: 'stripe_fee',
            },
          ],
    net: move.amount - fee,
    status: 'pending',
  })

/** Stripe's standard price for cards: 2.9% + 30. */
export const processingFee = (amount: number): number => Math.round(amount * 0.029) + 30
