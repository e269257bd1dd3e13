import { expect, test } from 'vitest'
import { hasThousandsSeparator, parseAmount } from '../src/format.ts'

test.each([
  ['4.99', 'usd', 499],
  ['4,99', 'usd', 499],
  ['1250', 'usd', 125_000],
  ['1.25', 'kwd', 1_250],
  ['0.250', 'kwd', 250],
  ['1250.500', 'kwd', 1_250_500],
  ['1.250', 'kwd', null],
  ['1,25', 'kwd', 1_250],
  ['500', 'jpy', 500],
  // A comma before three digits may be a thousands separator.
  ['1,250', 'kwd', null],
  ['1,250', 'usd', null],
  ['1.250', 'usd', null],
  ['1,250', 'jpy', null],
  ['1,250.00', 'usd', null],
  ['1 250', 'usd', null],
  ['free', 'usd', null],
])('%s %s', (text, currency, amount) => {
  expect(parseAmount(text, currency)).toBe(amount)
})

test('a number with thousands separators is recognized, so that the message can say so', () => {
  for (const text of ['1,250', '1.250', '1,250.00', '1.250,00', '1 250', "1'250", '12,500,000']) {
    expect([text, hasThousandsSeparator(text)]).toEqual([text, true])
  }
  for (const text of ['free', '4.99', '1250', '1,25', '-1']) expect([text, hasThousandsSeparator(text)]).toEqual([text, false])
})
