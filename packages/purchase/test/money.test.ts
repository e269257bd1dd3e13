import { describe, expect, test } from 'vitest'
import { checkPrice, formatMoney, fractionDigits, isSupportedCurrency, smallestStep } from '../src/index.ts'

describe('amounts have the decimals that Stripe uses', () => {
  test.each([
    [499, 'usd', '4.99 USD'],
    [500, 'jpy', '500 JPY'],
    [1250, 'kwd', '1.250 KWD'],
    // Intl has no decimals for these currencies, but Stripe's amounts have two.
    [499_000, 'huf', '4990.00 HUF'],
    [1_990_000, 'cop', '19900.00 COP'],
    [50_000, 'isk', '500.00 ISK'],
    [500_000, 'ugx', '5000.00 UGX'],
    // Intl has two decimals for this currency, but Stripe's amounts have none.
    [5_000, 'mga', '5000 MGA'],
  ])('%i %s', (amount, currency, text) => {
    expect(formatMoney(amount, currency)).toBe(text)
  })

  test('the smallest step between amounts is the one that Stripe accepts', () => {
    expect(['usd', 'jpy', 'kwd', 'isk'].map(smallestStep)).toEqual([1, 1, 10, 100])
    expect(['usd', 'jpy', 'kwd', 'isk'].map(fractionDigits)).toEqual([2, 0, 3, 2])
  })
})

describe('prices that Stripe would reject at checkout are rejected', () => {
  test.each([
    [50, 'usd', null],
    [49, 'usd', { rejected: 'below_minimum', minimum: 50 }],
    [30, 'gbp', null],
    [1_499, 'czk', { rejected: 'below_minimum', minimum: 1_500 }],
    [17_500, 'huf', null],
    [99_999_999, 'usd', null],
    [100_000_000, 'usd', { rejected: 'above_maximum', maximum: 99_999_999 }],
    [1_250, 'kwd', null],
    [1_255, 'kwd', { rejected: 'not_a_multiple', step: 10 }],
    [50, 'isk', { rejected: 'below_minimum', minimum: 100 }],
    // Stripe documents no minimum for these currencies.
    [49, 'clp', { rejected: 'below_minimum', minimum: 50 }],
    [50, 'clp', null],
    [40, 'kwd', { rejected: 'below_minimum', minimum: 50 }],
    [499, 'irr', { rejected: 'unsupported_currency' }],
  ])('%i %s', (amount, currency, rejection) => {
    expect(checkPrice({ amount, currency })).toEqual(rejection)
  })

  test('Stripe charges in more than 135 currencies, and no longer in currencies that were replaced', () => {
    const supported = Intl.supportedValuesOf('currency').filter((code) => isSupportedCurrency(code.toLowerCase()))
    expect(supported.length).toBeGreaterThan(135)
    expect(['bgn', 'hrk', 'sll', 'vef', 'irr', 'xau', 'USD', ''].filter(isSupportedCurrency)).toEqual([])
  })
})
