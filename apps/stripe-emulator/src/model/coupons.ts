import { type Account, previousAttributes } from '../account.ts'
import { invalidParam, rejected, resourceMissing } from '../http/errors.ts'
import { newId, randomText } from '../ids.ts'
import type { Coupon, PromotionCode } from '../store/objects.ts'

export const getCoupon = (account: Account, id: string, param?: string): Coupon => {
  const coupon = account.store.coupons.get(id)
  if (!coupon) throw resourceMissing('coupon', id, param ?? 'coupon', param ? 400 : 404)
  return coupon
}

export const getPromotionCode = (account: Account, id: string, param?: string): PromotionCode => {
  const code = account.store.promotionCodes.get(id)
  if (!code) throw resourceMissing('promotion code', id, param ?? 'promotion_code', param ? 400 : 404)
  return code
}

export interface CouponInput
  extends Pick<Coupon, 'metadata'>,
    Partial<
      Pick<Coupon, 'id' | 'amount_off' | 'currency' | 'percent_off' | 'duration' | 'max_redemptions' | 'name' | 'redeem_by'>
    > {
  products?: string[] | undefined
}

export const createCoupon = (account: Account, { products, ...input }: CouponInput): Coupon => {
  const { amount_off = null, percent_off = null, currency = null, redeem_by = null } = input
  if ((amount_off === null) === (percent_off === null))
    throw invalidParam('You must pass either `percent_off` or `amount_off`, but not both.', { param: 'percent_off' })
  if ((amount_off === null) !== (currency === null))
    throw invalidParam('You must pass `currency` when, and only when, you pass `amount_off`.', { param: 'currency' })
  if (redeem_by !== null && redeem_by <= account.nowSeconds())
    throw invalidParam('`redeem_by` must be in the future.', { param: 'redeem_by' })
  for (const product of products ?? [])
    if (!account.store.products.get(product)) throw resourceMissing('product', product, 'applies_to[products]', 400)
  if (input.id && account.store.coupons.get(input.id))
    throw rejected('Coupon already exists.', { code: 'resource_already_exists' })
  const coupon = account.store.coupons.put({
    object: 'coupon',
    created: account.nowSeconds(),
    duration: 'once',
    duration_in_months: null,
    livemode: false,
    max_redemptions: null,
    name: null,
    times_redeemed: 0,
    valid: true,
    ...input,
    id: input.id ?? randomText(8),
    amount_off,
    currency,
    percent_off,
    redeem_by,
  })
  if (products) account.store.couponProducts.put({ id: coupon.id, applies_to: { products } })
  account.emit('coupon.created', coupon)
  if (redeem_by !== null) account.scheduleTask('coupon.expire', coupon.id, redeem_by - account.nowSeconds())
  return coupon
}

export const updateCoupon = (account: Account, id: string, patch: Partial<Coupon>): Coupon => {
  const before = getCoupon(account, id)
  const after = account.store.coupons.put({ ...before, ...patch })
  const previous = previousAttributes(before, after)
  if (Object.keys(previous).length > 0) account.emit('coupon.updated', after, previous)
  if (before.valid && !after.valid) deactivateCodes(account, id)
  return after
}

export const deleteCoupon = (account: Account, id: string) => {
  account.emit('coupon.deleted', getCoupon(account, id))
  deactivateCodes(account, id)
  account.store.coupons.remove(id)
  account.store.couponProducts.remove(id)
  return { id, object: 'coupon', deleted: true }
}

/** Deactivates a coupon's promotion codes, because a code is active only as long as its coupon is valid. */
const deactivateCodes = (account: Account, coupon: string): void => {
  for (const { id, active } of [...account.store.promotionCodes.newest({ index: 'coupon', key: coupon })])
    if (active) updatePromotionCode(account, id, { active: false })
}

export interface PromotionCodeInput {
  coupon: string
  code?: string | undefined
  active?: boolean | undefined
  customer?: string | undefined
  expires_at?: number | undefined
  max_redemptions?: number | undefined
  metadata: Record<string, string>
  restrictions: PromotionCode['restrictions']
}

export const createPromotionCode = (account: Account, input: PromotionCodeInput): PromotionCode => {
  const coupon = getCoupon(account, input.coupon, 'promotion[coupon]')
  if (!coupon.valid) throw invalidParam('This coupon is no longer valid.', { param: 'promotion[coupon]' })
  if (input.customer && !account.store.customers.get(input.customer))
    throw resourceMissing('customer', input.customer, 'customer', 400)
  assertWithinCoupon(account, input, coupon)
  const code = input.code ?? randomText(8).toUpperCase()
  const active = input.active ?? true
  if (active) assertUnique(account, code, input.customer ?? null)
  const created = account.store.promotionCodes.put({
    id: newId('promotion_code'),
    object: 'promotion_code',
    active,
    code,
    created: account.nowSeconds(),
    customer: input.customer ?? null,
    customer_account: null,
    expires_at: input.expires_at ?? null,
    livemode: false,
    max_redemptions: input.max_redemptions ?? null,
    metadata: input.metadata,
    promotion: { coupon: coupon.id, type: 'coupon' },
    restrictions: input.restrictions,
    times_redeemed: 0,
  })
  account.emit('promotion_code.created', created)
  if (input.expires_at) account.scheduleTask('promotion_code.expire', created.id, input.expires_at - account.nowSeconds())
  return created
}

const assertWithinCoupon = (
  account: Account,
  { expires_at, max_redemptions }: PromotionCodeInput,
  { redeem_by, max_redemptions: couponMaximum }: Coupon,
): void => {
  if (expires_at !== undefined && expires_at <= account.nowSeconds())
    throw invalidParam('`expires_at` must be in the future.', { param: 'expires_at' })
  if (expires_at !== undefined && redeem_by !== null && expires_at > redeem_by)
    throw invalidParam("`expires_at` cannot be after the coupon's `redeem_by`.", { param: 'expires_at' })
  if (max_redemptions !== undefined && couponMaximum !== null && max_redemptions > couponMaximum)
    throw invalidParam("`max_redemptions` cannot be greater than the coupon's `max_redemptions`.", { param: 'max_redemptions' })
}

const assertUnique = (account: Account, code: string, customer: string | null): void => {
  if (findActiveCode(account, code, customer)) throw rejected(`An active promotion code with \`code: ${code}\` already exists.`)
}

/** Finds an active promotion code. The search ignores case, as in Stripe. */
export const findActiveCode = (account: Account, code: string, customer: string | null): PromotionCode | undefined =>
  [...account.store.promotionCodes.newest({ index: 'code', key: code.toLowerCase() })].find(
    (found) => found.active && found.customer === customer,
  )

export const updatePromotionCode = (account: Account, id: string, patch: Partial<PromotionCode>): PromotionCode => {
  const before = getPromotionCode(account, id)
  if (patch.active && !before.active) assertRedeemable(account, before)
  const after = account.store.promotionCodes.put({ ...before, ...patch })
  const previous = previousAttributes(before, after)
  if (Object.keys(previous).length > 0) account.emit('promotion_code.updated', after, previous)
  return after
}

const assertRedeemable = (
  account: Account,
  { promotion, expires_at, max_redemptions, times_redeemed, code, customer }: PromotionCode,
): void => {
  const coupon = account.store.coupons.get(String(promotion.coupon))
  const isExpired = expires_at !== null && expires_at <= account.nowSeconds()
  if (!coupon?.valid || isExpired || (max_redemptions !== null && times_redeemed >= max_redemptions))
    throw rejected('This promotion code cannot be reactivated: it has expired, or its coupon is no longer valid.', {
      param: 'active',
    })
  assertUnique(account, code, typeof customer === 'string' ? customer : null)
}

/** Counts a redemption. The last allowed redemption makes the coupon invalid or the code inactive. */
export const redeem = (account: Account, couponId: string, codeId: string | null): void => {
  const { times_redeemed, max_redemptions } = getCoupon(account, couponId)
  const count = times_redeemed + 1
  const isUsedUp = max_redemptions !== null && count >= max_redemptions
  if (codeId !== null) {
    const code = getPromotionCode(account, codeId)
    const codeCount = code.times_redeemed + 1
    const isCodeUsedUp = code.max_redemptions !== null && codeCount >= code.max_redemptions
    updatePromotionCode(account, codeId, { times_redeemed: codeCount, ...(isCodeUsedUp && { active: false }) })
  }
  updateCoupon(account, couponId, { times_redeemed: count, ...(isUsedUp && { valid: false }) })
}
