import { expect, test } from 'vitest'
import { bucketUnit, toBuckets } from '../src/admin/overview/buckets.ts'

interface Sold {
  sold: number
}
const sums = { none: { sold: 0 }, add: (a: Sold, b: Sold) => ({ sold: a.sold + b.sold }) }

const read = (from: string, to: string, items: (Sold & { key: string })[], timezone = 'Europe/Berlin') =>
  toBuckets<Sold>({ from, to, timezone }, items, sums)

test.each([
  ['2026-03-01', '2026-03-02', 'hour'],
  ['2026-03-01', '2026-03-04', 'day'],
  ['2026-03-01', '2026-09-01', 'month'],
])('a period from %s to %s is shown by %s', (from, to, unit) => {
  expect(bucketUnit({ from, to })).toBe(unit)
})

test('the day on which daylight saving time ends has 25 hours, and the hour that occurs twice has different labels', () => {
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
