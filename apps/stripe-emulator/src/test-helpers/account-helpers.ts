import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { currency, fullAddress, int, list, number, text } from '../http/params.ts'
import { RESTRICTABLE } from '../http/permissions.ts'
import { randomText } from '../ids.ts'
import { createCoupon, createPromotionCode } from '../model/coupons.ts'
import { createRegistration, registrationObject, taxSettings, updateTaxSettings } from '../model/tax-settings.ts'
import { helperRoute, transact } from './helper-route.ts'

const promotionParams = z.strictObject({
  code: text(500).optional(),
  percent_off: number(0, 100).optional(),
  amount_off: int(1).optional(),
  currency: currency.optional(),
  max_redemptions: int(1).optional(),
  expires_in_seconds: int(1).optional(),
  customer: text().optional(),
  minimum_amount: int(1).optional(),
  /** The currency of `minimum_amount`; by default, the currency of `amount_off`, or usd without `amount_off`. */
  minimum_amount_currency: currency.optional(),
  first_time_transaction: z.enum(['true', 'false']).optional(),
})

/**
 * Registers the helpers for actions that an account owner performs in Stripe's dashboard. In one step, a helper creates a coupon with its
 * code, a tax registration in a country, or a restricted key.
 */
export const registerAccountHelpers = (app: FastifyInstance, account: Account): void => {
  helperRoute(app, 'POST', '/promotion_codes', promotionParams, (params, request) =>
    transact(account, request, () => {
      const { percent_off, amount_off, max_redemptions, expires_in_seconds, minimum_amount = null, code, customer } = params
      const given = { ...(percent_off && { percent_off }), ...(amount_off && { amount_off, currency: params.currency ?? 'usd' }) }
      const coupon = createCoupon(account, { ...given, metadata: {} })
      return createPromotionCode(account, {
        coupon: coupon.id,
        code,
        customer,
        max_redemptions,
        expires_at: expires_in_seconds && account.nowSeconds() + expires_in_seconds,
        metadata: {},
        restrictions: {
          first_time_transaction: params.first_time_transaction === 'true',
          minimum_amount,
          minimum_amount_currency: minimum_amount === null ? null : (params.minimum_amount_currency ?? params.currency ?? 'usd'),
        },
      })
    }),
  )
  const countries = list(text(2)).transform((values) => values.flatMap((value) => value.toUpperCase().split(',')))
  const taxParams = z.strictObject({ head_office: text(2).optional(), registrations: countries.optional() })
  helperRoute(app, 'POST', '/tax', taxParams, ({ head_office, registrations = [] }, request) =>
    transact(account, request, () => {
      const country = head_office ?? taxSettings(account).head_office?.address.country ?? registrations[0]
      if (country) updateTaxSettings(account, { head_office: { address: fullAddress({ country }) } })
      return {
        data: registrations.map((one) => {
          const country_options = { [one.toLowerCase()]: { type: 'standard' } }
          return registrationObject(
            account,
            createRegistration(account, { country: one, country_options, active_from: account.nowSeconds() }),
          )
        }),
      }
    }),
  )
  const keyParams = z.strictObject({
    permissions: z.partialRecord(z.enum(RESTRICTABLE), z.enum(['read', 'write'])),
  })
  helperRoute(app, 'POST', '/restricted_keys', keyParams, ({ permissions }, request) =>
    transact(account, request, () => {
      const { id } = account.store.restrictedKeys.put({ id: `rk_test_${randomText(24)}`, permissions })
      return { key: id, permissions }
    }),
  )
}
