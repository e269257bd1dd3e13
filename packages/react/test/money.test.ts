import { isSupportedCurrency, formatMoney as plainMoney, fractionDigits as stripeDigits } from '@pay-to-view/purchase'
import { expect, test } from 'vitest'
import { formatMoney, fractionDigits, isFreeOrder, priceIn, priceParts } from '../src/money.ts'

test.each([
  [499, 'usd', 'en', '$4.99'],
  [499, 'eur', 'de', '4,99 €'],
  [500, 'jpy', 'en', '¥500'],
  [1_250, 'kwd', 'en', 'KWD 1.250'],
  [50_000, 'isk', 'en', 'ISK 500.00'],
  [17_500, 'huf', 'en', 'HUF 175.00'],
  [1_000, 'ugx', 'en', 'UGX 10.00'],
  [0, 'usd', 'en', '$0.00'],
])('%i %s in the locale %s is %s', (amount, currency, locale, text) => {
  expect(formatMoney(amount, currency, locale).replaceAll(/\s/g, ' ')).toBe(text)
})

test('every currency has as many decimals as in packages/purchase', () => {
  const currencies = Intl.supportedValuesOf('currency').map((code) => code.toLowerCase())
  const supported = [...currencies, 'ugx', 'usd'].filter(isSupportedCurrency)
  expect(supported.length).toBeGreaterThan(100)
  for (const currency of supported) {
    expect([currency, fractionDigits(currency)]).toEqual([currency, stripeDigits(currency)])
    const [number = ''] = plainMoney(1_234_560, currency).split(' ')
    expect([currency, formatMoney(1_234_560, currency, 'en').replaceAll(',', '')]).toEqual([
      currency,
      expect.stringMatching(new RegExp(`(^|[^\\d])${number}$`)),
    ])
  }
})

const prices = [
  { amount: 499, currency: 'usd' },
  { amount: 449, currency: 'eur' },
]

test.each([
  [['eur'], 'eur'],
  [['EUR', 'usd'], 'eur'],
  [['jpy', 'eur'], 'eur'],
  [['jpy'], 'usd'],
  [[], 'usd'],
])('with the preferred currencies %j, the price is in %s', (currencies, currency) => {
  expect(priceIn(prices, currencies)?.currency).toBe(currency)
})

test('a product without prices has no price to show', () => {
  expect(priceIn([], ['usd'])).toBeUndefined()
})

const paid = {
  ...{ amountSubtotal: 1_000, amountDiscount: 200, amountTax: 152, amountPaid: 952, amountRefunded: 0, currency: 'eur' },
  ...{ currencyPaid: 'eur', promotionCode: 'TWENTY', completedAt: '2026-11-29T12:00:00.000Z' },
}

test('the parts of a price show whether tax was added or included', () => {
  expect(priceParts(paid)).toEqual({
    ...{ currency: 'eur', subtotal: 1_000, discount: 200, promotionCode: 'TWENTY', tax: 152, isTaxIncluded: false, total: 952 },
    refunded: 0,
  })
  expect(priceParts({ ...paid, amountTax: 128, amountPaid: 800 })).toMatchObject({ tax: 128, isTaxIncluded: true, total: 800 })
})

test('an unpaid purchase has no price parts, and a code that did not reduce the price is not shown as a part', () => {
  expect(priceParts({ ...paid, completedAt: null })).toBeNull()
  expect(priceParts({ ...paid, amountDiscount: 0 })?.promotionCode).toBeNull()
})

test('a completed purchase with nothing to pay is a free order', () => {
  expect(isFreeOrder({ ...paid, amountPaid: 0 })).toBe(true)
  expect(isFreeOrder(paid)).toBe(false)
  expect(isFreeOrder({ ...paid, amountPaid: 0, completedAt: null })).toBe(false)
})
