import { isTimeZone } from '@pay-to-view/purchase'
import { expect, test } from 'vitest'
import { bucketUnit, toBuckets } from '../src/admin/overview/buckets.ts'
import { describeChange } from '../src/admin/overview/figures.ts'
import { readPeriod, reportQuery, unfinishedText } from '../src/admin/overview/period.ts'
import { currentName, timeZoneNames } from '../src/admin/time-zones.ts'

interface Sold {
  sold: number
}
const later = new Date('2030-01-01')
const sums = { none: { sold: 0 }, add: (a: Sold, b: Sold) => ({ sold: a.sold + b.sold }) }

const read = (from: string, to: string, items: (Sold & { key: string })[], now = later) =>
  toBuckets<Sold>({ from, to, timezone: 'Europe/Berlin' }, items, sums, now)

test.each([
  ['2026-03-01', '2026-03-02', 'hour'],
  ['2026-03-01', '2026-03-04', 'day'],
  ['2026-03-01', '2026-09-01', 'month'],
])('a period from %s to %s is shown by %s', (from, to, unit) => {
  expect(bucketUnit({ from, to })).toBe(unit)
})

test('the day on which daylight saving time ends has 25 hours, and the hour that occurs twice has two different labels', () => {
  const hours = read('2026-10-25', '2026-10-26', [{ key: '2026-10-25T01:00:00.000Z', sold: 2 }])
  expect(hours).toHaveLength(25)
  expect(new Set(hours.map(({ label }) => label)).size).toBe(25)
  expect(hours.filter(({ values }) => values.sold > 0)).toMatchObject([{ label: '02:00 GMT+1', values: { sold: 2 } }])
  expect(read('2026-03-29', '2026-03-30', [])).toHaveLength(23)
})

test('days without sales have the value 0, and months are the sums of their days', () => {
  expect(read('2026-03-01', '2026-03-04', [{ key: '2026-03-02', sold: 1 }]).map(({ values }) => values.sold)).toEqual([0, 1, 0])
  const items = ['2026-03-02', '2026-03-31', '2026-04-01'].map((key) => ({ key, sold: 1 }))
  const months = read('2026-03-01', '2026-07-01', items)
  expect(months.map(({ key, values }) => [key, values.sold])).toEqual([
    ['2026-03-01', 2],
    ['2026-04-01', 1],
    ['2026-05-01', 0],
    ['2026-06-01', 0],
  ])
})

test('hours, days and months that have not started yet are marked', () => {
  const past = (from: string, to: string, now: string) =>
    read(from, to, [], new Date(now)).flatMap(({ key, isFuture }) => (isFuture ? [] : [key]))
  expect(past('2026-03-02', '2026-03-03', '2026-03-02T01:30:00Z')).toHaveLength(3)
  expect(past('2026-03-01', '2026-03-05', '2026-03-02T23:30:00Z')).toEqual(['2026-03-01', '2026-03-02', '2026-03-03'])
  expect(past('2026-01-15', '2026-07-01', '2026-02-01T12:00:00Z')).toEqual(['2026-01-01', '2026-02-01'])
})

const now = new Date('2026-10-13T12:00:00Z')
const periodOf = (query: string) => {
  const read = readPeriod(new URLSearchParams(`timezone=UTC&${query}`), now)
  return 'period' in read ? read.period : read.error
}

test.each([
  ['period=today', { from: '2026-10-13', to: '2026-10-14', preset: 'today' }],
  ['period=1', { from: '2026-10-13', preset: 'today' }],
  ['', { from: '2026-09-14', preset: '30' }],
  ['period=365', { from: '2025-10-14', preset: 'year' }],
  ['from=2026-10-01&to=2026-10-02', { from: '2026-10-01', to: '2026-10-03', preset: 'custom' }],
  ['period=500', { field: 'preset', message: 'There is no period “500”. The periods in days are 1, 7, 30, 90, 365.' }],
  ['from=2026-02-31&to=2026-03-01', { field: 'from' }],
  ['from=2026-02-01&to=2999-01-01', { field: 'to' }],
  ['from=2026-10-02&to=2026-10-01', { field: 'to', message: 'The last day must not be before the first day, Oct 2, 2026.' }],
  ['from=2010-10-02&to=2026-10-01', { field: 'to', message: 'Enter a period of at most 3,660 days.' }],
])('the query string "%s" is read', (query, expected) => {
  expect(periodOf(query)).toMatchObject(expected)
})

test('an unknown time zone is an error, and an old time zone name is replaced', () => {
  const read = (timezone: string) => readPeriod(new URLSearchParams({ timezone }), now)
  expect(read('Mars/Base')).toMatchObject({ fields: { timezone: 'Mars/Base' }, error: { field: 'timezone' } })
  expect(read('Asia/Calcutta')).toMatchObject({ period: { timezone: 'Asia/Kolkata' } })
})

test('the list of time zones contains the current names, and the API accepts both current and old names', () => {
  const names = timeZoneNames('Mars/Base')
  for (const name of ['Asia/Kolkata', 'Europe/Kyiv', 'America/Nuuk', 'UTC', 'Mars/Base']) expect(names).toContain(name)
  for (const name of ['Asia/Calcutta', 'Europe/Kiev']) expect(names).not.toContain(name)
  const listed = Intl.supportedValuesOf('timeZone')
  expect(new Set(listed.map(currentName)).size).toBe(listed.length)
  for (const zone of listed) expect(isTimeZone(zone) && isTimeZone(currentName(zone))).toBe(true)
})

test('a link to a report keeps the preset or the custom days', () => {
  const period = { from: '2026-10-01', to: '2026-10-08', timezone: 'Asia/Tokyo' }
  expect(String(reportQuery({ ...period, preset: '7' }, 'eur'))).toBe('period=7&timezone=Asia%2FTokyo&currency=eur')
  expect(String(reportQuery({ ...period, preset: 'custom' }, 'eur'))).toMatch(/^from=2026-10-01&to=2026-10-07&timezone=/)
})

test.each([
  ['2026-10-14', '2026-10-20', 'The period has not started yet.'],
  ['2026-10-13', '2026-10-20', 'The period is not over yet.'],
  ['2026-10-01', '2026-10-14', 'The last day is incomplete.'],
  ['2026-10-01', '2026-10-13', null],
])('the text for a period from %s until the day before %s is: %s', (from, to, text) => {
  expect(unfinishedText({ from, to, timezone: 'UTC' }, now)).toBe(text)
})

test.each([
  [1_231_243, 0, 'money', 'Up from $0.00'],
  [-500, 0, 'money', 'Down from $0.00'],
  [0.1, 0.102, 'percent', '0.2 percentage points lower'],
  [0.11, 0.1, 'percent', '1 percentage point higher'],
  [3, 2, 'count', '50% more (1)'],
  [2, 2, 'count', 'Unchanged'],
] as const)('the change to %s from %s is described', (current, previous, unit, text) => {
  expect(describeChange(current, previous, unit, 'usd')?.text).toBe(text)
})
