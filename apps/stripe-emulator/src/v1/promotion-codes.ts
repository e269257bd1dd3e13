import { z } from 'zod'
import { invalidParam } from '../http/errors.ts'
import { paginate, where } from '../http/lists.ts'
import { applyMetadata, bool, created, currency, int, metadata, paging, text } from '../http/params.ts'
import { route } from '../http/route.ts'
import { createPromotionCode, getPromotionCode, updatePromotionCode } from '../model/coupons.ts'

const createParams = {
  promotion: z.strictObject({ type: z.literal('coupon'), coupon: text() }),
  active: bool.optional(),
  code: text(500).optional(),
  customer: text().optional(),
  expires_at: int().optional(),
  max_redemptions: int(1).optional(),
  metadata: metadata.optional(),
  restrictions: z
    .strictObject({
      first_time_transaction: bool.optional(),
      minimum_amount: int(1).optional(),
      minimum_amount_currency: currency.optional(),
    })
    .optional(),
}

const filters = {
  ...paging,
  active: bool.optional(),
  code: text().optional(),
  coupon: text().optional(),
  created: created.optional(),
  customer: text().optional(),
}

export const promotionCodes = [
  route('POST', '/v1/promotion_codes', createParams, (account, params) => {
    const { promotion, restrictions = {}, metadata: metadataChange, ...input } = params
    if (input.code && !/^[\w-]+$/.test(input.code))
      throw invalidParam('Valid characters of a promotion code are letters, digits and dashes.', { param: 'code' })
    const { first_time_transaction = false, minimum_amount = null, minimum_amount_currency = null } = restrictions
    if ((minimum_amount === null) !== (minimum_amount_currency === null))
      throw invalidParam('You must pass `minimum_amount` and `minimum_amount_currency` together.', {
        param: 'restrictions[minimum_amount]',
      })
    return createPromotionCode(account, {
      ...input,
      coupon: promotion.coupon,
      metadata: applyMetadata({}, metadataChange),
      restrictions: { first_time_transaction, minimum_amount, minimum_amount_currency },
    })
  }),
  route('GET', '/v1/promotion_codes/:id', {}, (account, _, id) => getPromotionCode(account, id)),
  route(
    'POST',
    '/v1/promotion_codes/:id',
    { active: bool.optional(), metadata: metadata.optional() },
    (account, { active, metadata: metadataChange }, id) =>
      updatePromotionCode(account, id, {
        ...(active !== undefined && { active }),
        metadata: applyMetadata(getPromotionCode(account, id).metadata ?? {}, metadataChange),
      }),
  ),
  route('GET', '/v1/promotion_codes', filters, (account, { active, code, coupon, customer, ...query }) =>
    paginate(account.store.promotionCodes, '/v1/promotion_codes', 'promotion code', {
      ...query,
      where: where('code', code?.toLowerCase()) ?? where('coupon', coupon),
      matches: (found) =>
        (active === undefined || found.active === active) &&
        (coupon === undefined || found.promotion.coupon === coupon) &&
        (customer === undefined || found.customer === customer),
    }),
  ),
]
