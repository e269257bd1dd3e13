import { describe, expect, test } from 'vitest'
import { formatMoney, fractionDigits, smallestStep } from '../src/index.ts'

describe('amounts have the decimals that Stripe uses', () => {
  test.each([
    [499, 'usd', '4.99 USD'],
    [500, 'jpy', '500 JPY'],
    [1250, 'kwd', '1.250 KWD'],
    // Intl has no decimals for these; Stripe charges hundredths.
    [499_000, 'huf', '4990.00 HUF'],
    [1_990_000, 'cop', '19900.00 COP'],
    [50_000, 'isk', '500.00 ISK'],
    [500_000, 'ugx', '5000.00 UGX'],
    // Intl has two decimals for this one; Stripe has none.
    [5_000, 'mga', '5000 MGA'],
  ])('%i %s', (amount, currency, text) => {
    expect(formatMoney(amount, currency)).toBe(text)
  })

  test('the smallest step is what Stripe accepts', () => {
    expect(['usd', 'jpy', 'kwd', 'isk'].map(smallestStep)).toEqual([1, 1, 10, 100])
    expect(['usd', 'jpy', 'kwd', 'isk'].map(fractionDigits)).toEqual([2, 0, 3, 2])
  })
})
