import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { guardFormulas, removeFormulaGuard } from '../src/csv/formula-guard.ts'
import { csvHeader, csvRows, type ExportedEntity, jsonLines, type ProductTerms } from '../src/index.ts'
import { readFile } from './read-file.ts'

/** Strings made of the characters that CSV, spreadsheets and this import treat specially. */
const difficult = fc.array(
  fc.constantFrom(
    ...['=', '+', '-', '@', "'", '"', ',', ';', '|', '\t', '\n', '\r\n', ' ', 'null', '#', 'é', '😀', '\uFEFF', 'a', '＝'],
  ),
  { maxLength: 12 },
)
const anyText = fc.oneof(
  difficult.map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !/[\0\ud800-\udfff]/u.test(text)),
)
/** CSV cannot distinguish text that is only white space from an empty cell. */
const visibleText = anyText.filter((text) => text.trim() !== '')

const id = fc.stringMatching(/^[A-Za-z0-9._~:-]{1,20}$/).filter((text) => text !== '.' && text !== '..' && text !== 'null')
const time = fc
  .date({ min: new Date('1970-01-01'), max: new Date('2200-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString())
const nullable = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null })

const currencies = ['eur', 'jpy', 'kwd', 'usd']
const prices = fc
  .uniqueArray(
    fc.record({ currency: fc.constantFrom(...currencies), amount: fc.integer({ min: 5, max: 90_000 }).map((tens) => tens * 10) }),
    { selector: ({ currency }) => currency, minLength: 1, maxLength: 3 },
  )
  // A CSV file lists currencies in the order of its columns.
  .map((list) => list.sort((a, b) => (a.currency < b.currency ? -1 : 1)))
const days = fc.integer({ min: 1, max: 3_650 })
const terms: fc.Arbitrary<ProductTerms> = fc.oneof(
  fc.record({ prices, accessDurationDays: nullable(days), rental: fc.constant(null) }),
  fc.record({
    ...{ prices, accessDurationDays: fc.constant(null) },
    rental: fc.record({ startWithinDays: days, watchWithinHours: days }),
  }),
)

const entity: fc.Arbitrary<ExportedEntity> = fc.record({
  id,
  type: fc.constantFrom('video', 'channel', 'content'),
  title: visibleText,
  description: fc.oneof(fc.constant(''), visibleText),
  imageUrl: nullable(fc.constantFrom('https://cdn.example.com/a.jpg?x=1,2&y="', 'http://example.com/=1')),
  durationSeconds: nullable(fc.integer({ min: 1, max: 10_000_000 })),
  status: fc.constantFrom('draft', 'published', 'archived'),
  availableFrom: nullable(time),
  availableUntil: nullable(time),
  memberOf: fc.uniqueArray(fc.record({ id, position: nullable(fc.integer({ min: 0, max: 1_000_000 })) }), {
    selector: (container) => container.id,
    maxLength: 3,
  }),
  playback: nullable(fc.record({ provider: fc.constant('mux'), playbackId: visibleText })),
  metadata: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), anyText, { maxKeys: 3 }),
  products: fc.array(terms, { maxLength: 3 }),
})
const catalog = fc.uniqueArray(entity, { selector: ({ id }) => id, maxLength: 5 })

/** Returns the contents of a new catalog after these rows have been imported. */
const importedInto = (rows: Awaited<ReturnType<typeof readFile>>['rows']) =>
  rows.map(({ id, fields, products }) => ({
    ...{ id, type: fields.type, title: fields.title, status: fields.status, products },
    description: fields.description ?? '',
    imageUrl: fields.imageUrl ?? null,
    durationSeconds: fields.durationSeconds ?? null,
    availableFrom: fields.availableFrom ?? null,
    availableUntil: fields.availableUntil ?? null,
    memberOf: (fields.memberOf ?? []).map(({ id, position = null }) => ({ id, position })),
  }))

const withoutFieldsOfJson = ({ playback: _, metadata: __, ...entity }: ExportedEntity) => entity

describe('import reads exactly what export wrote', () => {
  test('CSV, in chunks of any size', () =>
    fc.assert(
      fc.asyncProperty(catalog, fc.integer({ min: 1, max: 50 }), async (entities, size) => {
        const { rows, errors } = await readFile(csvHeader(currencies) + csvRows(entities, currencies), 'csv', size)
        expect(errors).toEqual([])
        expect(importedInto(rows)).toEqual(entities.map(withoutFieldsOfJson))
      }),
      { numRuns: 300 },
    ))

  test('JSON Lines, in chunks of any size', () =>
    fc.assert(
      fc.asyncProperty(catalog, fc.integer({ min: 1, max: 50 }), async (entities, size) => {
        const { rows, errors } = await readFile(jsonLines(entities), 'jsonl', size)
        expect(errors).toEqual([])
        expect(importedInto(rows)).toEqual(entities.map(withoutFieldsOfJson))
        expect(rows.map(({ fields: { playback, metadata } }) => ({ playback, metadata }))).toEqual(
          entities.map(({ playback, metadata }) => ({ playback, metadata })),
        )
      }),
      { numRuns: 200 },
    ))
})

describe('the guard against formulas', () => {
  test('is removed again from any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(removeFormulaGuard(guardFormulas(text))).toBe(text)
      }),
      { numRuns: 2_000 },
    )
  })

  test('leaves no cell that a spreadsheet would evaluate, with any separator', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const cell of guardFormulas(text).split(/[,;|\t\r\n]/)) expect(cell).not.toMatch(/^[\s\p{C}"]*[=+\-@＝]/u)
      }),
      { numRuns: 2_000 },
    )
  })
})
