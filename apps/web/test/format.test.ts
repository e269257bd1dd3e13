import { expect, test } from 'vitest'
import { formatAccessTerms, formatCountdown, hasThousandsSeparator, parseAmount } from '../src/format.ts'

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
  // A comma before three digits could be a thousands separator.
  ['1,250', 'kwd', null],
  ['1,250', 'usd', null],
  ['1.250', 'usd', null],
  ['1,250', 'jpy', null],
  ['1,250.00', 'usd', null],
  ['1 250', 'usd', null],
  ['free', 'usd', null],
])('the text "%s" in %s is parsed as %s', (text, currency, amount) => {
  expect(parseAmount(text, currency)).toBe(amount)
})

test('a number with thousands separators is recognized, so the error can mention the separators', () => {
  for (const text of ['1,250', '1.250', '1,250.00', '1.250,00', '1 250', "1'250", '12,500,000']) {
    expect([text, hasThousandsSeparator(text)]).toEqual([text, true])
  }
  for (const text of ['free', '4.99', '1250', '1,25', '-1']) expect([text, hasThousandsSeparator(text)]).toEqual([text, false])
})

test.each([
  [{ accessDurationDays: null, rental: null }, 'Permanent access'],
  [{ accessDurationDays: 30, rental: null }, 'Access for 30 days'],
  [
    { accessDurationDays: null, rental: { startWithinDays: 30, watchWithinHours: 48 } },
    'Start within 30 days, then watch for 48 hours',
  ],
  [
    { accessDurationDays: null, rental: { startWithinDays: 1, watchWithinHours: 1 } },
    'Start within 1 day, then watch for 1 hour',
  ],
])("a product's access is described: %j", (terms, text) => {
  expect(formatAccessTerms(terms)).toBe(text)
})

test.each([
  [{ days: 2, hours: 3, minutes: 4, seconds: 5 }, '2 days, 3 hours'],
  [{ days: 1, hours: 0, minutes: 4, seconds: 5 }, '1 day'],
  [{ days: 0, hours: 0, minutes: 59, seconds: 1 }, '59 minutes, 1 second'],
  [{ days: 0, hours: 0, minutes: 0, seconds: 9 }, '9 seconds'],
])('a countdown shows its two largest units: %j', (countdown, text) => {
  expect(formatCountdown(countdown)).toBe(text)
})
