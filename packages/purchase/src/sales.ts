import type { BalanceTransaction } from './balance.ts'
import { type Facts, factsOf } from './facts.ts'
import { isActiveRefund, type Projection, promotionCodeOf, sessionOf, sortedSettlements } from './project.ts'
import { type AllowedDiscount, pricePartsOf } from './totals.ts'

export const salesKinds = ['purchase', 'refund', 'dispute', 'fee'] as const
export type SalesKind = (typeof salesKinds)[number]

/** Amounts that are summed, in minor units of the line's currency. */
export interface SalesAmounts {
  /** For a purchase, 1 for the payment or free order that completed it; for a refund or dispute, 1; for a fee, 0. */
  count: number
  /** For a purchase: before the discount and exclusive tax. */
  subtotal: number
  discount: number
  tax: number
  /** The amount paid for a purchase; the amount taken back by a refund or dispute; for a fee, the amount that moved at Stripe before the fee. */
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

/** The balance transaction of a charge, a refund or a dispute. */
export type SalesTransaction = Pick<BalanceTransaction, 'id' | 'currency' | 'amount' | 'fee' | 'net' | 'createdAt'> &
  Record<'sourceId' | 'paymentIntentId', string>

const noAmounts: SalesAmounts = { count: 0, subtotal: 0, discount: 0, tax: 0, amount: 0, fee: 0, net: 0 }

const amountNames = ['count', 'subtotal', 'discount', 'tax', 'amount', 'fee', 'net'] as const satisfies (keyof SalesAmounts)[]

/**
 * Everything that a purchase adds to the sales figures: docs/reporting.md. Each payment that was received is a line, including duplicate and
 * mismatched ones, so that the figures add up with Stripe's balance. A refund that failed and a dispute that was won leave no line, so a correction
 * counts on the day of what it corrects; their balance transactions therefore take the time of the first one of the same refund or dispute.
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
  /** A refund and a dispute have the currency of their payment, without which they are not counted yet. */
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

/** Lines with the same key are summed. */
const keyOf = ({ kind, subjectId, at, currency, promotionCode, country }: SalesLine): string =>
  JSON.stringify([kind, subjectId, at, currency, promotionCode, country])

const isZero = (line: SalesLine): boolean => amountNames.every((name) => line[name] === 0)

/**
 * The lines to record so that all recorded lines sum to the expected ones. It depends on nothing but these sums, so the order and the repetition
 * of facts cannot matter. A line whose time, code or country has changed is reversed and recorded again.
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
