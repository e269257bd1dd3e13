/** A Stripe balance transaction. Amounts are in minor units of `currency`, and times are in seconds since the epoch. */
export interface BalanceTransaction {
  id: string
  type: string
  reportingCategory: string
  /** The id of the charge, refund, dispute or payout. */
  sourceId: string | null
  /** The id of the payment if the source is a charge, refund or dispute; otherwise null. */
  paymentIntentId: string | null
  currency: string
  amount: number
  fee: number
  net: number
  exchangeRate: number | null
  createdAt: number
  availableOn: number
}

/** A Stripe payout. Times are in seconds since the epoch. */
export interface Payout {
  id: string
  amount: number
  currency: string
  status: string
  automatic: boolean
  createdAt: number
  arrivalDate: number
  /** Whether Stripe has assigned all balance transactions to the payout. Stripe does this only for automatic payouts. */
  isReconciled: boolean
}
