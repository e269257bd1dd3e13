import { expect, test } from 'vitest'
import { errorOfField } from '../src/index.ts'

test.each([
  ['csv', 'memberOf', 'member_of'],
  ['csv', 'memberOf.1', 'member_of'],
  ['csv', 'durationSeconds', 'duration'],
  ['csv', 'title', 'title'],
  ['csv', 'metadata.sku', 'metadata.sku'],
  ['jsonl', 'memberOf.1', 'memberOf.1'],
] as const)('an error in %s of the field %s is reported for %s', (format, field, column) => {
  expect(errorOfField(format, 7, { field, message: 'Expected text' })).toEqual({ line: 7, column, message: 'Expected text' })
})

test('an error in a CSV file names columns instead of API fields', () => {
  const error = { field: 'memberOf', message: 'film-1 does not exist. Create it first, or remove it from memberOf' }
  expect(errorOfField('csv', 2, error).message).toBe('film-1 does not exist. Create it first, or remove it from member_of')
  expect(errorOfField('jsonl', 2, error).message).toBe(error.message)
  const times = { field: 'availableUntil', message: 'Expected a time after availableFrom' }
  expect(errorOfField('csv', 2, times)).toMatchObject({
    column: 'available_until',
    message: 'Expected a time after available_from',
  })
})
