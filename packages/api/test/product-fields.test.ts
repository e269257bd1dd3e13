import { describe, expect, test } from 'vitest'
import { priceError } from '../src/products/price-error.ts'
import { productInput } from '../src/products/product-input.ts'

const film = { name: 'Film', prices: [{ amount: 499, currency: 'usd' }] }
const invalidField = (changes: object): unknown =>
  productInput.safeParse({ ...film, ...changes }).error?.issues[0]?.path.join('.') ?? null
const price = (amount: number, currency = 'usd') => ({ prices: [{ amount, currency }] })

describe('a product', () => {
  test.each([
    [{}, null],
    [price(0), 'prices.0.amount'],
    [price(499, 'us'), 'prices.0.currency'],
    [price(499, 'zzz'), 'prices.0.currency'],
    // ISO 4217 currencies in which Stripe cannot charge.
    [price(499, 'irr'), 'prices.0.currency'],
    [price(499, 'xau'), 'prices.0.currency'],
    [price(10), 'prices.0.amount'],
    [price(50), null],
    [price(14_900, 'huf'), 'prices.0.amount'],
    [price(100_000_000), 'prices.0.amount'],
    [price(1_250, 'kwd'), null],
    [price(1_255, 'kwd'), 'prices.0.amount'],
    [price(50_050, 'isk'), 'prices.0.amount'],
    [{ prices: [] }, 'prices'],
    [{ prices: [...film.prices, { amount: 500, currency: 'usd' }] }, 'prices.1.currency'],
    [{ prices: [...film.prices, { amount: 500, currency: 'USD' }] }, 'prices.1.currency'],
    [{ saleFrom: '2027-01-01T00:00:00+02:00', saleUntil: '2026-12-31T22:00:00Z' }, null],
    [{ saleFrom: '2027-01-01T00:00:00-02:00', saleUntil: '2027-01-01T01:00:00Z' }, 'saleUntil'],
    [{ accessDurationDays: 0 }, 'accessDurationDays'],
    [{ accessDurationDays: 36_501 }, 'accessDurationDays'],
    [{ name: '  ' }, 'name'],
    [{ name: '𝗔'.repeat(200) }, null],
    [{ name: '𝗔'.repeat(201) }, 'name'],
    [{ rental: { startWithinDays: 30, watchWithinHours: 48 } }, null],
    [{ rental: { startWithinDays: 30 } }, 'rental.watchWithinHours'],
    [{ rental: { startWithinDays: 30, watchWithinHours: 48 }, accessDurationDays: 30 }, 'rental'],
    [{ saleFrom: '2027-01-01T00:00:00Z', saleUntil: '2026-01-01T00:00:00Z' }, 'saleUntil'],
    [{ saleFrom: '2027-01-01' }, 'saleFrom'],
    [{ taxCode: 'books' }, 'taxCode'],
    [{ taxCode: 'txcd_10402100', taxBehavior: 'inclusive' }, null],
    [{ allowPromotionCodes: 'yes' }, 'allowPromotionCodes'],
    [{ maxStreams: 0 }, 'maxStreams'],
  ])('%j', (changes, field) => {
    expect(invalidField(changes)).toBe(field)
  })

  test('has its currencies in lowercase', () => {
    expect(productInput.parse({ ...film, ...price(499, 'EUR') }).prices).toEqual([{ amount: 499, currency: 'eur' }])
  })

  test('rejects unknown fields', () => {
    expect(productInput.safeParse({ ...film, amount: 499 }).error?.issues).toMatchObject([{ keys: ['amount'] }])
  })

  test.each([
    [{ amount: 10, currency: 'usd' }, "Expected at least 0.50 USD, Stripe's minimum"],
    [{ amount: 49, currency: 'jpy' }, "Expected at least 50 JPY, Stripe's minimum"],
    [{ amount: 100_000_000, currency: 'eur' }, "Expected at most 999999.99 EUR, Stripe's maximum"],
    [{ amount: 1_255, currency: 'kwd' }, 'Expected a multiple of 0.010 KWD, because Stripe accepts no other amounts'],
  ])('with price %j is rejected, and the error shows the limit in major units', (value, message) => {
    expect(priceError(value)).toEqual({ field: 'amount', message })
  })
})
