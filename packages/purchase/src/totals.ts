import type { SessionSnapshot, Totals } from './facts.ts'

/** The discount that a purchase allows. */
export type AllowedDiscount =
  | { kind: 'none' }
  /**
   * One promotion code, which was chosen when the purchase was created. `code` is the text that buyers type; `promotionCodeId` is Stripe's
   * id.
   */
  | { kind: 'code'; promotionCodeId: string; code: string }
  /** The buyer can enter any promotion code in Stripe's form. */
  | { kind: 'any' }

export const taxBehaviors = ['inclusive', 'exclusive'] as const
export type TaxBehavior = (typeof taxBehaviors)[number]

/** The agreed price, and the discount and tax that may change the amount to pay. */
export interface QuotedPrice {
  /** The amount in minor units, before a discount and before exclusive tax. */
  amount: number
  currency: string
  allowedDiscount: AllowedDiscount
  /** Null if no tax is calculated for the purchase. */
  taxBehavior: TaxBehavior | null
}

/**
 * The part of a price that does not match the quote. `amount` is the price before discount and exclusive tax, and `total` is the amount
 * paid.
 */
export type PriceMismatch = 'currency' | 'amount' | 'discount' | 'tax' | 'total'

const isDiscountAllowed = ({ appliedDiscount }: SessionSnapshot, { discount, subtotal }: Totals, quote: QuotedPrice): boolean => {
  if (discount === 0) return true
  if (discount < 0 || discount > subtotal || quote.allowedDiscount.kind === 'none') return false
  return quote.allowedDiscount.kind === 'any' || appliedDiscount?.promotionCodeId === quote.allowedDiscount.promotionCodeId
}

const isTaxAllowed = ({ tax, subtotal, discount }: Totals, { taxBehavior }: QuotedPrice): boolean => {
  if (tax === 0) return true
  if (tax < 0 || taxBehavior === null) return false
  return taxBehavior === 'exclusive' || tax <= subtotal - discount
}

/**
 * Compares the price paid for a checkout with the quote, part by part (see `total_details` of Stripe's Checkout Session), and returns the
 * first part that does not match. Sessions that earlier versions stored have no totals; for these, the amount paid must equal the quoted
 * amount.
 */
export const priceMismatch = (
  session: SessionSnapshot,
  received: { amount: number; currency: string },
  quote: QuotedPrice,
): PriceMismatch | null => {
  if (received.currency !== quote.currency) return 'currency'
  const { totals } = session
  if (totals === undefined) return received.amount === quote.amount ? null : 'amount'
  if (totals.currency !== quote.currency) return 'currency'
  if (totals.subtotal !== quote.amount) return 'amount'
  if (!isDiscountAllowed(session, totals, quote)) return 'discount'
  if (!isTaxAllowed(totals, quote)) return 'tax'
  const exclusiveTax = quote.taxBehavior === 'exclusive' ? totals.tax : 0
  if (totals.total !== totals.subtotal - totals.discount + exclusiveTax) return 'total'
  return received.amount === totals.total ? null : 'total'
}

/** The parts of the amount paid, in minor units. `amountSubtotal - amountDiscount` plus exclusive tax is the amount paid. */
export interface PriceParts {
  amountSubtotal: number
  amountDiscount: number
  amountTax: number
}

export const noPriceParts: PriceParts = { amountSubtotal: 0, amountDiscount: 0, amountTax: 0 }

/** Returns the parts of a price. Sessions that earlier versions stored have no totals, so only the amount paid is known. */
export const pricePartsOf = (totals: Totals | undefined, amountPaid: number): PriceParts =>
  totals === undefined
    ? { ...noPriceParts, amountSubtotal: amountPaid }
    : { amountSubtotal: totals.subtotal, amountDiscount: totals.discount, amountTax: totals.tax }
