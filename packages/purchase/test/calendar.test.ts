import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays, createDayStart, dayStarts, daysBetween, isCalendarDate, isTimeZone } from '../src/index.ts'

const startOf = (date: string, zone: string): string => createDayStart(zone)(date).toISOString()

test.each([
  ['UTC', '2026-03-29', '2026-03-29T00:00:00.000Z'],
  ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z'],
  ['Europe/Berlin', '2026-03-30', '2026-03-29T22:00:00.000Z'],
  ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z'],
  ['Europe/Berlin', '2026-10-26', '2026-10-25T23:00:00.000Z'],
  ['America/New_York', '2026-03-08', '2026-03-08T05:00:00.000Z'],
  ['America/New_York', '2026-03-09', '2026-03-09T04:00:00.000Z'],
  ['America/New_York', '2026-11-01', '2026-11-01T04:00:00.000Z'],
  ['America/New_York', '2026-11-02', '2026-11-02T05:00:00.000Z'],
  ['Asia/Kathmandu', '2026-06-01', '2026-05-31T18:15:00.000Z'],
  ['Pacific/Kiritimati', '2026-06-01', '2026-05-31T10:00:00.000Z'],
  ['Pacific/Pago_Pago', '2026-06-01', '2026-06-01T11:00:00.000Z'],
  // Cairo skips midnight, so the day begins at 01:00.
  ['Africa/Cairo', '2024-04-26', '2024-04-25T22:00:00.000Z'],
  // Midnight occurs twice in Havana, and the day begins at the first midnight.
  ['America/Havana', '2026-11-01', '2026-11-01T04:00:00.000Z'],
])('in %s the day %s starts at %s', (zone, date, start) => {
  expect(startOf(date, zone)).toBe(start)
})

test.each([
  ['Europe/Berlin', '2026-03-29', 23],
  ['Europe/Berlin', '2026-10-25', 25],
  ['America/New_York', '2026-03-08', 23],
  ['America/New_York', '2026-11-01', 25],
  ['Australia/Lord_Howe', '2026-04-05', 24.5],
])('in %s the day %s has %d hours', (zone, date, hours) => {
  const { starts, end } = dayStarts(date, addDays(date, 1), zone)
  expect((end.getTime() - (starts[0]?.getTime() ?? 0)) / 3_600_000).toBe(hours)
})

test('in every time zone, the starts of days increase, are at quarter hours, and have the right date', () => {
  const zones = Intl.supportedValuesOf('timeZone')
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 364 }), (zone, day) => {
      const date = addDays('2026-01-01', day)
      const { starts, end } = dayStarts(date, addDays(date, 2), zone)
      const local = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' })
      const [first = end, second = end] = starts
      expect([first, second].map((start) => local.format(start))).toEqual([date, addDays(date, 1)])
      expect(local.format(first.getTime() - 1)).toBe(addDays(date, -1))
      expect(first < second && second < end).toBe(true)
      expect(first.getTime() % 900_000).toBe(0)
    }),
    { numRuns: 1_000 },
  )
})

test('dates that do not exist and names that are not time zones are recognized', () => {
  expect(['2026-02-28', '2028-02-29'].every(isCalendarDate)).toBe(true)
  expect(
    ['2026-02-29', '2026-13-01', '26-01-01', '2026-1-1', '1999-12-31', '2026-01-01T00:00:00Z', ''].some(isCalendarDate),
  ).toBe(false)
  expect(['UTC', 'Europe/Berlin', 'Etc/GMT+5'].every(isTimeZone)).toBe(true)
  expect(['Mars/Olympus', '+02:00', '', "x'; drop"].some(isTimeZone)).toBe(false)
  expect(daysBetween('2026-03-01', '2026-04-01')).toBe(31)
})
