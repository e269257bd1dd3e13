import type { BalanceTransaction } from './balance.ts'
import { type Facts, factsOf } from './facts.ts'
import { isActiveRefund, type Projection, promotionCodeOf, sessionOf, sortedSettlements } from './project.ts'
import { type AllowedDiscount, pricePartsOf } from './totals.ts'

export const salesKinds = ['purchase', 'refund', 'dispute', 'fee'] as const
export type SalesKind = (typeof salesKinds)[number]

/** The amounts of a line that are summed, in minor units of its currency. */
export interface SalesAmounts {
  /** 1 for a refund, a dispute, and the payment or free order that completed a purchase; 0 for a fee. */
  count: number
  /** For a purchase, the price before the discount and exclusive tax. */
  subtotal: number
  discount: number
  tax: number
  /** The amount paid for a purchase; the amount taken back by a refund or dispute; for a fee, the amount of Stripe's transaction before the fee. */
  amount: number
  /** For fees only: the amount that Stripe kept, and the amount added to the balance. */
  fee: number
  net: number
}

/** A movement of money that follows from the facts of a purchase and from its balance transactions. */
export interface SalesLine extends SalesAmounts {
  kind: SalesKind
  /** Stripe's id of the payment, the session of a free order, the refund, the dispute or the balance transaction. */
  subjectId: string
  /** Seconds since the epoch, on Stripe's clock. */
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
 * All lines that a purchase adds to the sales figures (see docs/reporting.md). Each payment that was received is a line, including
 * duplicate and mismatched ones, so the figures agree with Stripe's balance. A refund that failed and a dispute that was won leave no line,
 * so a correction counts on the day of the line that it corrects. Therefore their balance transactions get the time of the first balance
 * transaction of the same refund or dispute.
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
  /** A refund or dispute has the currency of its payment. It is not counted until the payment is known. */
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

/** The key of a line. Lines with the same key are summed. */
const keyOf = ({ kind, subjectId, at, currency, promotionCode, country }: SalesLine): string =>
  JSON.stringify([kind, subjectId, at, currency, promotionCode, country])

const isZero = (line: SalesLine): boolean => amountNames.every((name) => line[name] === 0)

/**
 * The lines to record so that all recorded lines add up to the expected ones. The result depends only on these sums, so neither the order
 * nor the repetition of facts matters. A line whose time, code or country has changed is reversed and recorded again.
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
