import { z } from 'zod'
import { notSupported } from '../http/errors.ts'
import { paginate } from '../http/lists.ts'
import { applyMetadata, created, currency, int, list, metadata, number, paging, text } from '../http/params.ts'
import { route } from '../http/route.ts'
import { createCoupon, deleteCoupon, getCoupon, updateCoupon } from '../model/coupons.ts'

const createParams = {
  id: text(500).optional(),
  amount_off: int(1).optional(),
  applies_to: z.strictObject({ products: list(text()).optional() }).optional(),
  currency: currency.optional(),
  duration: z.enum(['forever', 'once', 'repeating']).default('once'),
  max_redemptions: int(1).optional(),
  metadata: metadata.optional(),
  name: text(40).optional(),
  percent_off: number(0, 100).optional(),
  redeem_by: int().optional(),
}

export const coupons = [
  route('POST', '/v1/coupons', createParams, (account, { metadata: metadataChange, applies_to, ...input }) => {
    // A repeating coupon applies only to subscriptions, which the emulator does not support.
    if (input.duration === 'repeating') throw notSupported('A repeating coupon', 'duration')
    return createCoupon(account, {
      ...input,
      metadata: applyMetadata({}, metadataChange),
      products: applies_to?.products,
    })
  }),
  route('GET', '/v1/coupons/:id', {}, (account, _, id) => getCoupon(account, id)),
  route(
    'POST',
    '/v1/coupons/:id',
    { name: text(40).optional(), metadata: metadata.optional() },
    (account, { metadata: metadataChange, ...patch }, id) =>
      updateCoupon(account, id, { ...patch, metadata: applyMetadata(getCoupon(account, id).metadata ?? {}, metadataChange) }),
  ),
  route('DELETE', '/v1/coupons/:id', {}, (account, _, id) => deleteCoupon(account, id)),
  route('GET', '/v1/coupons', { ...paging, created: created.optional() }, (account, query) =>
    paginate(account.store.coupons, '/v1/coupons', 'coupon', query),
  ),
]
