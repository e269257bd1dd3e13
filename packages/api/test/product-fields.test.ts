import { describe, expect, test } from 'vitest'
import { newProduct, priceError, productChange } from '../src/admin/products/fields.ts'

const film = { name: 'Film', amount: 499, currency: 'usd', accessDurationDays: null }
const invalidField = (changes: object): unknown => newProduct.safeParse({ ...film, ...changes }).error?.issues[0]?.path[0] ?? null

describe('a product', () => {
  test.each([
    [{}, null],
    [{ amount: 0 }, 'amount'],
    [{ currency: 'USD' }, 'currency'],
    [{ currency: 'zzz' }, 'currency'],
    // ISO 4217 currencies in which Stripe cannot charge.
    [{ currency: 'irr' }, 'currency'],
    [{ currency: 'xau' }, 'currency'],
    [{ amount: 10 }, 'amount'],
    [{ amount: 50 }, null],
    [{ amount: 14_900, currency: 'huf' }, 'amount'],
    [{ amount: 100_000_000 }, 'amount'],
    [{ amount: 1250, currency: 'kwd' }, null],
    [{ amount: 1255, currency: 'kwd' }, 'amount'],
    [{ amount: 50_050, currency: 'isk' }, 'amount'],
    [{ accessDurationDays: 0 }, 'accessDurationDays'],
    [{ name: '  ' }, 'name'],
  ])('%j', (changes, field) => {
    expect(invalidField(changes)).toBe(field)
  })

  test.each([
    [{ amount: 10, currency: 'usd' }, 'Expected at least 0.50 USD, the minimum at Stripe'],
    [{ amount: 49, currency: 'jpy' }, 'Expected at least 50 JPY, the minimum at Stripe'],
    [{ amount: 100_000_000, currency: 'eur' }, 'Expected at most 999999.99 EUR, the maximum at Stripe'],
    [{ amount: 1_255, currency: 'kwd' }, 'Expected a multiple of 0.010 KWD, because Stripe accepts no other amounts'],
  ])('with price %j is rejected with the limit as people write it', (price, message) => {
    expect(priceError(price)).toEqual({ field: 'amount', message })
  })

  test('can be changed in part', () => {
    const payToViewProductId = 'prod_01m85eetz6e8qthwvnjjs5zz41'
    expect(productChange.safeParse({ payToViewProductId, active: false }).success).toBe(true)
    expect(productChange.safeParse({ payToViewProductId, amount: 0 }).success).toBe(false)
  })
})
