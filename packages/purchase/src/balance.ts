/** A balance transaction of Stripe. Amounts are in minor units of the account's currency, times in seconds since the epoch. */
export interface BalanceTransaction {
  id: string
  type: string
  reportingCategory: string
  /** The charge, refund, dispute or payout. */
  sourceId: string | null
  /** The payment of a charge, refund or dispute. */
  paymentIntentId: string | null
  currency: string
  amount: number
  fee: number
  net: number
  exchangeRate: number | null
  createdAt: number
  availableOn: number
}

/** A payout of Stripe. Times are in seconds since the epoch. */
export interface Payout {
  id: string
  amount: number
  currency: string
  status: string
  automatic: boolean
  createdAt: number
  arrivalDate: number
  /** Stripe has assigned all of its balance transactions. Only automatic payouts have any. */
  isReconciled: boolean
}
