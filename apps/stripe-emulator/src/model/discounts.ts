import type { Account } from '../account.ts'
import { invalidParam, type StripeError } from '../http/errors.ts'
import { newId } from '../ids.ts'
import type { Coupon, Discount, LineItem, PromotionCode, Session } from '../store/objects.ts'
import { findActiveCode, getCoupon, getPromotionCode, redeem } from './coupons.ts'
import { formatCurrency, roundToStep } from './money.ts'
import type { SessionParams } from './session-params.ts'

/** The data that determines whether a coupon or code can be used for a session. */
type Context = Pick<Session, 'customer' | 'currency'> & { lines: LineItem[] }

type Refusal = 'inactive' | 'expired' | 'used_up' | 'customer' | 'prior_transactions' | 'minimum' | 'currency' | 'products'

/**
 * The reasons in the API's error messages (see `apiError`). Stripe documents only two of the messages: the one for a code that is limited to
 * a customer's first purchase, and the one for an expired coupon. The other messages follow the same pattern.
 */
const API_REASONS: Record<Refusal, string> = {
  inactive: 'it is not active',
  expired: 'it has expired',
  used_up: 'it has been redeemed the maximum number of times',
  customer: 'it is restricted to another customer',
  prior_transactions: 'the associated customer has prior transactions',
  minimum: 'the order does not meet its minimum amount',
  currency: 'its currency does not match the currency of the Checkout Session',
  products: 'it does not apply to any of the items',
}

/** Returns the error message that Stripe's checkout form shows. */
const formMessage = (refusal: Refusal, code: PromotionCode | undefined): string => {
  const { minimum_amount, minimum_amount_currency } = code?.restrictions ?? {}
  switch (refusal) {
    case 'expired':
      return 'This code has expired.'
    case 'prior_transactions':
      return 'This code can only be used for a first order.'
    case 'minimum':
      return `This code requires an order of at least ${formatCurrency(minimum_amount ?? 0, minimum_amount_currency ?? 'usd')}.`
    case 'currency':
    case 'products':
      return 'This code cannot be applied to this order.'
    default:
      return 'This code is invalid.'
  }
}

const refusalOf = (account: Account, coupon: Coupon | undefined, code: PromotionCode | undefined, context: Context) =>
  (code && refusalOfCode(account, code, context)) ?? refusalOfCoupon(account, coupon, context)

const refusalOfCode = (account: Account, code: PromotionCode, { customer, currency, lines }: Context): Refusal | undefined => {
  const { expires_at, max_redemptions, times_redeemed, restrictions } = code
  if (max_redemptions !== null && times_redeemed >= max_redemptions) return 'used_up'
  if (expires_at !== null && expires_at <= account.nowSeconds()) return 'expired'
  // A code is also inactive if its coupon is used up or has expired. In that case, the coupon's error is more specific.
  if (!code.active) return refusalOfCoupon(account, account.store.coupons.get(String(code.promotion.coupon))) ?? 'inactive'
  if (code.customer !== null && code.customer !== customer) return 'customer'
  if (restrictions.first_time_transaction && customer && hasPaid(account, customer)) return 'prior_transactions'
  if (restrictions.minimum_amount === null) return undefined
  if (restrictions.minimum_amount_currency !== currency) return 'currency'
  return sum(lines) < restrictions.minimum_amount ? 'minimum' : undefined
}

const refusalOfCoupon = (account: Account, coupon: Coupon | undefined, context?: Context): Refusal | undefined => {
  if (!coupon) return 'inactive'
  const { max_redemptions, times_redeemed, redeem_by } = coupon
  if (max_redemptions !== null && times_redeemed >= max_redemptions) return 'used_up'
  if (!coupon.valid || (redeem_by !== null && redeem_by <= account.nowSeconds())) return 'expired'
  if (context && coupon.amount_off !== null && coupon.currency !== context.currency) return 'currency'
  return context && !context.lines.some((line) => appliesTo(account, coupon, line)) ? 'products' : undefined
}

/**
 * Returns whether a customer has paid before. First-time codes are for "customers without any successful payments or invoices" (API
 * reference, promotion codes).
 */
const hasPaid = (account: Account, customer: string): boolean =>
  [...account.store.charges.newest({ index: 'customer', key: customer })].some(({ status }) => status === 'succeeded')

const sum = (lines: LineItem[]): number => lines.reduce((total, { amount_subtotal }) => total + amount_subtotal, 0)

const appliesTo = (account: Account, coupon: Coupon, { price }: LineItem): boolean =>
  account.store.couponProducts.get(coupon.id)?.applies_to.products.includes(String(price.product)) ?? true

const apiError = (refusal: Refusal, coupon: Coupon, code: PromotionCode | undefined, param: string): StripeError =>
  refusal === 'expired' && !code
    ? invalidParam(`Coupon expired: ${coupon.id}`, { code: 'coupon_expired', param })
    : invalidParam(`This ${code ? 'promotion code' : 'coupon'} cannot be redeemed because ${API_REASONS[refusal]}.`, { param })

/** Returns the discount for the `discounts` parameter of a new session. */
export const discountOf = (
  account: Account,
  { discounts, allow_promotion_codes }: SessionParams,
  context: Context,
): Discount | null => {
  if (discounts && allow_promotion_codes !== undefined)
    throw invalidParam('You may only specify one of these parameters: allow_promotion_codes, discounts.', {
      param: 'allow_promotion_codes',
    })
  const [given] = discounts ?? []
  if (!given) return null
  const { coupon: couponId, promotion_code } = given
  if ((couponId === undefined) === (promotion_code === undefined))
    throw invalidParam('You must specify either `coupon` or `promotion_code` in `discounts[0]`.', { param: 'discounts[0]' })
  const param = `discounts[0][${promotion_code === undefined ? 'coupon' : 'promotion_code'}]`
  const code = promotion_code === undefined ? undefined : getPromotionCode(account, promotion_code, param)
  const coupon = getCoupon(account, couponId ?? String(code?.promotion.coupon), param)
  const refusal = refusalOf(account, coupon, code, context)
  if (refusal) throw apiError(refusal, coupon, code, param)
  return newDiscount(account, coupon, code)
}

const newDiscount = (account: Account, coupon: Coupon, code: PromotionCode | undefined): Discount => ({
  id: newId('discount'),
  object: 'discount',
  checkout_session: null,
  customer: null,
  customer_account: null,
  end: null,
  invoice: null,
  invoice_item: null,
  promotion_code: code?.id ?? null,
  source: { coupon: coupon.id, type: 'coupon' },
  start: account.nowSeconds(),
  subscription: null,
  subscription_item: null,
})

export const promotionCodeError = (message: string): StripeError => invalidParam(message, { param: 'promotion_code' })

/** Returns the discount of a code that the buyer types in the form. */
export const discountOfTypedCode = (account: Account, text: string, context: Context): Discount => {
  const code =
    (context.customer && findActiveCode(account, text, context.customer)) ||
    [...account.store.promotionCodes.newest({ index: 'code', key: text.toLowerCase() })].sort(activeFirst)[0]
  if (!code) throw promotionCodeError('This code is invalid.')
  const coupon = account.store.coupons.get(String(code.promotion.coupon))
  const refusal = refusalOf(account, coupon, code, context)
  if (refusal || !coupon) throw promotionCodeError(formMessage(refusal ?? 'inactive', code))
  return newDiscount(account, coupon, code)
}

const activeFirst = (a: PromotionCode, b: PromotionCode): number => Number(b.active) - Number(a.active)

/**
 * Throws the error that the checkout form shows if the session's discount is no longer valid, for example because another buyer used the
 * last redemption.
 */
export const assertStillRedeemable = (account: Account, { source, promotion_code }: Discount, context: Context): void => {
  const code = promotion_code === null ? undefined : account.store.promotionCodes.get(String(promotion_code))
  const refusal = refusalOf(account, account.store.coupons.get(String(source.coupon)), code, context)
  if (!refusal) return
  const message = code ? formMessage(refusal, code) : 'This discount is no longer available.'
  throw promotionCodeError(refusal === 'used_up' || refusal === 'inactive' ? 'This code is no longer valid.' : message)
}

export const redeemDiscount = (account: Account, { source, promotion_code }: Discount): void =>
  redeem(account, String(source.coupon), promotion_code === null ? null : String(promotion_code))

/** A percentage can have up to four decimal places. */
const PERCENT_SCALE = 10_000

/**
 * Returns the discount of each line. A percentage discount is rounded half up per line. A fixed amount is distributed in proportion to the
 * line amounts, and the last line gets the remainder. Stripe documents neither rule.
 */
export const discountAmounts = (account: Account, lines: LineItem[], discount: Discount | null): number[] => {
  const coupon = discount && account.store.coupons.get(String(discount.source.coupon))
  if (!coupon) return lines.map(({ amount_discount }) => (discount ? amount_discount : 0))
  const bases = lines.map((line) => (appliesTo(account, coupon, line) ? line.amount_subtotal : 0))
  const { percent_off, amount_off } = coupon
  if (percent_off !== null) {
    const percent = Math.round(percent_off * PERCENT_SCALE)
    return bases.map((base, i) => roundToStep(base * percent, 100 * PERCENT_SCALE, lines[i]?.currency ?? ''))
  }
  const total = bases.reduce((all, base) => all + base, 0)
  let remaining = Math.min(amount_off ?? 0, total)
  let remainingBase = total
  return bases.map((base, i) => {
    if (base === 0) return 0
    const part = base === remainingBase ? remaining : roundToStep(remaining * base, remainingBase, lines[i]?.currency ?? '')
    remaining -= part
    remainingBase -= base
    return part
  })
}
