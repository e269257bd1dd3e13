import { expect, test } from 'vitest'
import { emptyDraft, readDraft, toDraft } from '../src/admin/entities/entity-draft.ts'
import { durationFieldValue, parseDuration } from '../src/admin/fields/duration.ts'
import { fromLocalTime, toLocalTime } from '../src/admin/fields/local-time.ts'
import * as productDraft from '../src/admin/products/product-draft.ts'
import { availabilityOf, notOnSaleLabel, opensLabel } from '../src/catalog/availability.ts'
import { formatDuration } from '../src/format.ts'
import { entityPath, idOfPath } from '../src/paths.ts'

test.each([
  ['1:34:00', 5_640],
  ['94:00', 5_640],
  ['0:45', 45],
  ['', null],
  ['94', undefined],
  ['1:94:00', undefined],
  ['1:34:60', undefined],
  ['0:00', undefined],
  ['-1:00', undefined],
])('the duration %j is parsed as %j', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds)
})

test('a formatted duration can be parsed again, and durations are shown in hours and minutes', () => {
  for (const seconds of [1, 59, 60, 3_599, 5_640, 10_000_000]) expect(parseDuration(durationFieldValue(seconds))).toBe(seconds)
  expect([45, 840, 3_600, 5_640].map(formatDuration)).toEqual(['45 s', '14 min', '1 h 0 min', '1 h 34 min'])
})

test('an unchanged time keeps its seconds', () => {
  const time = '2026-12-31T23:59:58.123Z'
  expect(fromLocalTime(toLocalTime(time), time)).toBe(time)
  expect(fromLocalTime('', time)).toBeNull()
  expect(fromLocalTime(toLocalTime('2027-01-01T00:00:00.000Z'), time)).toBe('2027-01-01T00:00:00.000Z')
})

test('saving an entity without edits stores the same values', () => {
  const entity = {
    ...{ id: 'a:b', type: 'video', title: 'A', description: '', imageUrl: null, durationSeconds: 61, status: 'archived' },
    ...{ availableFrom: '2020-01-01T00:00:00.001Z', availableUntil: null, metadata: { a: '1' } },
    memberOf: ['x', { id: 'y', position: 3 }],
    playback: { provider: 'bunny', libraryId: '1', videoId: 'v' },
  } satisfies Parameters<typeof toDraft>[0]
  expect(readDraft(toDraft(entity), entity)).toEqual({
    entity: {
      ...entity,
      memberOf: [
        { id: 'x', position: null },
        { id: 'y', position: 3 },
      ],
    },
  })
  expect(readDraft({ ...emptyDraft, metadata: [{ key: '', value: 'x' }] }, null)).toEqual({
    errors: { title: 'Enter a title', metadata: 'Enter a key for each value' },
  })
})

test('saving a product without edits stores the same values, and every field can be edited', () => {
  const product = {
    ...{ id: 'p', name: 'Film', prices: [{ amount: 499, currency: 'usd' }], accessDurationDays: 30, rental: null },
    ...{ status: 'withdrawn', saleFrom: '2020-01-01T00:00:00.001Z', saleUntil: null, taxCode: 'txcd_10402100' },
    ...{ taxBehavior: 'exclusive', allowPromotionCodes: true, maxStreams: 3, keepsRemovedMembers: true },
  } satisfies productDraft.Product
  const draft = productDraft.toDraft(product)
  expect(productDraft.readDraft(draft, product)).toEqual({ product })
  const cleared = {
    taxCode: ' ',
    taxBehavior: '',
    maxStreams: '',
    allowPromotionCodes: false,
    keepsRemovedMembers: false,
  } as const
  expect(productDraft.readDraft({ ...draft, ...cleared }, product)).toMatchObject({
    product: { taxCode: null, taxBehavior: null, maxStreams: null, allowPromotionCodes: false, keepsRemovedMembers: false },
  })
  expect(productDraft.readDraft({ ...draft, maxStreams: 'two' }, product)).toEqual({
    errors: { maxStreams: 'Enter a whole number of at least 1, or leave it blank' },
  })
})

test.each([
  ['10.50', 'JPY', 'JPY has no decimals. Enter a whole number such as 500'],
  ['4.999', 'USD', 'Enter the price without a thousands separator'],
  ['4.9999', 'USD', 'USD has 2 decimals. Enter a price such as 4.99'],
  ['99999999999', 'USD', "Enter at most $999,999.99, Stripe's maximum"],
  ['99999999999', 'JPY', "Enter at most ¥99,999,999, Stripe's maximum"],
  ['0.10', 'USD', "Enter at least $0.50, Stripe's minimum"],
  ['4.99', 'US', 'Enter a price such as 4.99 and a currency such as USD'],
  ['free', 'USD', 'Enter a price such as 4.99 and a currency such as USD'],
])('the price %s %s is rejected with a reason', (amount, currency, reason) => {
  expect(productDraft.readPrices([{ amount, currency }])).toEqual(expect.stringContaining(reason))
})

test('a title or name has at most 200 characters, counted as the API counts them', () => {
  const tooLong = 'Enter at most 200 characters'
  const prices = [{ amount: '4.99', currency: 'USD' }]
  for (const [text, error] of [
    ['x'.repeat(200), undefined],
    ['😀'.repeat(200), undefined],
    ['x'.repeat(201), tooLong],
  ] as const) {
    const title = readDraft({ ...emptyDraft, title: text }, null)
    const name = productDraft.readDraft({ ...productDraft.emptyDraft, prices, name: text }, null)
    expect(['errors' in title && title.errors.title, 'errors' in name && name.errors.name]).toEqual([
      error ?? false,
      error ?? false,
    ])
  }
})

test('every id can be used in a path', () => {
  for (const id of ['a:b~c.d-e_f', '...', 'x'.repeat(128)]) expect(idOfPath(entityPath(id).slice('/e/'.length))).toBe(id)
  expect(idOfPath('%E0%A4%A')).toBe('%E0%A4%A')
})

test('the availability says why an entity is not on sale, or when its sale ends', () => {
  const now = new Date('2026-01-01T00:00:00Z')
  const published = { status: 'published', availableFrom: null, availableUntil: null } as const
  expect(availabilityOf(published, now)).toEqual({ notOnSale: null, saleEnds: null, opensAt: null })
  expect(availabilityOf({ ...published, availableUntil: '2026-06-01T12:00:00Z' }, now).saleEnds).toMatch(/^On sale until /)
  expect(availabilityOf({ ...published, availableUntil: '2025-06-01T12:00:00Z' }, now).notOnSale).toMatch(
    /^It was on sale until /,
  )
  expect(availabilityOf({ ...published, availableFrom: '2026-06-01T12:00:00Z' }, now)).toMatchObject({
    notOnSale: null,
    opensAt: '2026-06-01T12:00:00Z',
  })
  expect(availabilityOf({ ...published, availableFrom: '2025-06-01T12:00:00Z' }, now).opensAt).toBeNull()
  expect(availabilityOf({ ...published, status: 'archived' }, now).notOnSale).toBe('It is no longer on sale.')
})

test('the card of an entity that is not on sale says so instead of showing a price', () => {
  const now = new Date('2026-01-01T00:00:00Z')
  const entity = { status: 'published', availableFrom: null, availableUntil: null } as const
  expect(notOnSaleLabel(entity, now)).toBeNull()
  expect(opensLabel({ ...entity, availableFrom: '2026-06-01T12:00:00Z' }, now)).toBe('Starts June 1, 2026')
  expect(opensLabel({ ...entity, availableFrom: '2025-06-01T12:00:00Z' }, now)).toBeNull()
  expect(notOnSaleLabel({ ...entity, availableUntil: '2025-06-01T12:00:00Z' }, now)).toBe('Not on sale')
})
