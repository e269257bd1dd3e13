import type { BalanceTransaction } from './balance.ts'
import { type Facts, factsOf } from './facts.ts'
import { isActiveRefund, type Projection, promotionCodeOf, sessionOf, sortedSettlements } from './project.ts'
import { type AllowedDiscount, pricePartsOf } from './totals.ts'

export const salesKinds = ['purchase', 'refund', 'dispute', 'fee'] as const
export type SalesKind = (typeof salesKinds)[number]

/** The values of a line that are summed. Amounts are in minor units of the line's currency. */
export interface SalesAmounts {
  /** 1 for a refund, a dispute, and the payment or free order that completed a purchase; 0 for a fee and for any other payment. */
  count: number
  /** For a purchase, the price before the discount and before exclusive tax. */
  subtotal: number
  discount: number
  tax: number
  /**
   * For a purchase, the amount paid; for a refund or dispute, the amount taken back; for a fee, the amount of Stripe's balance transaction
   * before the fee.
   */
  amount: number
  /**
   * For a fee, `fee` is the amount that Stripe kept, and `net` is the amount that was added to the balance. Both are 0 for all other lines.
   */
  fee: number
  net: number
}

/** A money movement that follows from a purchase's facts and balance transactions. */
export interface SalesLine extends SalesAmounts {
  kind: SalesKind
  /** The Stripe id of the payment, of the free order's session, of the refund, of the dispute or of the balance transaction. */
  subjectId: string
  /** The time in seconds since the epoch, on Stripe's clock. */
  at: number
  currency: string
  promotionCode: string | null
  country: string | null
}

/** A balance transaction of a charge, refund or dispute. */
export type SalesTransaction = Pick<BalanceTransaction, 'id' | 'currency' | 'amount' | 'fee' | 'net' | 'createdAt'> &
  Record<'sourceId' | 'paymentIntentId', string>

const noAmounts: SalesAmounts = { count: 0, subtotal: 0, discount: 0, tax: 0, amount: 0, fee: 0, net: 0 }

const amountNames = ['count', 'subtotal', 'discount', 'tax', 'amount', 'fee', 'net'] as const satisfies (keyof SalesAmounts)[]

/**
 * Returns all lines that a purchase adds to the sales figures (see docs/reporting.md). Every received payment is a line, including
 * duplicate and mismatched payments, so the figures agree with Stripe's balance. A failed refund or a won dispute has no line of its own.
 * Instead, the earlier line is reversed on the day of that line. All balance transactions of a refund or dispute therefore get the time of
 * the first transaction.
 */
export const salesLines = (
  facts: Facts,
  { allowedDiscount }: { allowedDiscount: AllowedDiscount },
  { settlement: counting, mismatch }: Pick<Projection, 'settlement' | 'mismatch'>,
  transactions: readonly SalesTransaction[],
): SalesLine[] => {
  const settlements = sortedSettlements(facts)
  const currencies = new Map(settlements.flatMap(({ kind, id, currency }) => (kind === 'payment' ? [[id, currency]] : [])))
  const originOf = (kind: 'payment' | 'free_order', id: string) => {
    const session = sessionOf({ kind, id }, facts)
    return { promotionCode: promotionCodeOf(session, { allowedDiscount }), country: session?.country ?? null }
  }
  const purchases = settlements.map((settlement): SalesLine => {
    const { kind, id, amount, currency, observedAt: at } = settlement
    const parts = pricePartsOf(sessionOf(settlement, facts)?.totals, amount)
    return {
      ...{ kind: 'purchase', subjectId: id, at, currency, ...originOf(kind, id), ...noAmounts, amount },
      count: counting?.id === id && mismatch === null ? 1 : 0,
      ...{ subtotal: parts.amountSubtotal, discount: parts.amountDiscount, tax: parts.amountTax },
    }
  })
  /** Returns the line of a refund or dispute, which has the payment's currency. There is no line until the payment is known. */
  const takenBack = (kind: 'refund' | 'dispute', { id, paymentIntentId, amount }: TakenBack, at: number): SalesLine[] => {
    const currency = currencies.get(paymentIntentId)
    if (currency === undefined) return []
    return [{ kind, subjectId: id, at, currency, ...originOf('payment', paymentIntentId), ...noAmounts, count: 1, amount }]
  }
  const firstOf = new Map<string, number>()
  for (const { sourceId, createdAt } of transactions)
    firstOf.set(sourceId, Math.min(createdAt, firstOf.get(sourceId) ?? createdAt))
  return [
    ...purchases,
    ...factsOf(facts, 'refund')
      .filter(isActiveRefund)
      .flatMap((refund) => takenBack('refund', refund, refund.createdAt)),
    ...factsOf(facts, 'dispute')
      .filter(({ withdrawn }) => withdrawn)
      .flatMap((dispute) => takenBack('dispute', dispute, dispute.createdAt ?? dispute.observedAt)),
    ...transactions
      .filter(({ paymentIntentId }) => currencies.has(paymentIntentId))
      .map(
        ({ id, sourceId, paymentIntentId, currency, amount, fee, net, createdAt }): SalesLine => ({
          ...{ kind: 'fee', subjectId: id, at: firstOf.get(sourceId) ?? createdAt, currency, ...noAmounts, amount, fee, net },
          ...originOf('payment', paymentIntentId),
        }),
      ),
  ]
}

type TakenBack = { id: string; paymentIntentId: string; amount: number }

/** Returns the key of a line. Lines with the same key are summed. */
const keyOf = ({ kind, subjectId, at, currency, promotionCode, country }: SalesLine): string =>
  JSON.stringify([kind, subjectId, at, currency, promotionCode, country])

const isZero = (line: SalesLine): boolean => amountNames.every((name) => line[name] === 0)

/**
 * Returns the lines to add so that the recorded lines add up to the expected lines. The result depends only on the sums, so the order and
 * repetition of facts do not matter. If a line's time, promotion code or country has changed, the line is reversed and recorded again.
 */
export const salesDifference = (recorded: readonly SalesLine[], expected: readonly SalesLine[]): SalesLine[] => {
  const sums = new Map<string, SalesLine>()
  const add = (line: SalesLine, sign: 1 | -1): void => {
    const key = keyOf(line)
    const sum = sums.get(key) ?? { ...line, ...noAmounts }
    for (const name of amountNames) sum[name] += sign * line[name]
    sums.set(key, sum)
  }
  for (const line of expected) add(line, 1)
  for (const line of recorded) add(line, -1)
  return [...sums.values()].filter((line) => !isZero(line))
}
