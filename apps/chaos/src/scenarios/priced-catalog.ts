import { addOffers, type Db, putProduct } from '@pay-to-view/db'
import { seedIds } from '@pay-to-view/devstack'

/** A product with several currencies, promotion codes and exclusive tax. */
export const pricedProduct = 'chaos:priced'

/** The promotion codes that the scenarios use. `LAST` can be redeemed only a few times, so users compete for it. */
const promotionCodes = [
  { code: 'HALF', percent_off: '50' },
  { code: 'FREE', percent_off: '100' },
  { code: 'LAST', percent_off: '20', max_redemptions: 25 },
]

/** The countries in which buyers are taxed. The emulator has tax rates for these countries. */
const taxedCountries = ['DE', 'FR']

export const addPricedProduct = async (db: Db): Promise<void> => {
  const prices = [
    { currency: 'usd', amount: 999 },
    { currency: 'jpy', amount: 1_501 },
    { currency: 'kwd', amount: 3_330 },
  ]
  const product = { id: pricedProduct, name: 'Film, to keep, with codes and tax', prices, accessDurationDays: null }
  await putProduct(db, { ...product, allowPromotionCodes: true, taxBehavior: 'exclusive' }, 'chaos')
  await addOffers(db, pricedProduct, [seedIds.film], 'chaos')
}

/** Creates the promotion codes and tax registrations in the emulator, through its test helpers. */
export const addCodesAndTax = async (emulator: (path: string, body: object) => Promise<number>): Promise<void> => {
  const requests = [
    ...promotionCodes.map((code) => ['promotion_codes', code] as const),
    ['tax', { registrations: taxedCountries }] as const,
  ]
  for (const [path, body] of requests) {
    const status = await emulator(path, body)
    if (status !== 200) throw new Error(`The emulator responded to ${path} with ${status}`)
  }
}
