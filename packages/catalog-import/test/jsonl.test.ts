import { expect, test } from 'vitest'
import { errorsIn, readFile } from './read-file.ts'

test('a line is the body of an entity with its id, prices and length of access', async () => {
  const film = {
    ...{ id: 'film-1', type: 'video', title: 'Größe', description: null, memberOf: ['a', { id: 'b', position: 2 }] },
    ...{ playback: { provider: 'mux', playbackId: 'x' }, metadata: { sku: '1' } },
    ...{ prices: [{ currency: 'usd', amount: 499 }], rental: { startWithinDays: 30, watchWithinHours: 48 } },
  }
  const { rows, errors } = await readFile(`\uFEFF${JSON.stringify(film)}\r\n\r\n{"id":"b"}`)
  expect(errors).toEqual([])
  const { id, prices, rental, ...fields } = film
  expect(rows).toEqual([
    {
      ...{ line: 1, id, fields: { ...fields, memberOf: [{ id: 'a' }, { id: 'b', position: 2 }] } },
      products: [{ prices, accessDurationDays: null, rental }],
    },
    { line: 3, id: 'b', fields: {}, products: [] },
  ])
})

test.each([
  ['not JSON', '{"id":', '1 null: Expected one JSON object per line'],
  ['an array on a later line', '{"id":"a"}\n[1]', '2 null: Expected one JSON object per line'],
  ['an unknown field', '{"id":"a","titel":"A"}', '1 titel: Unknown field. Expected id, type, title'],
  ['no id', '{"title":"A"}', '1 id: Expected 1 to 128'],
  ['a number as the title', '{"id":"a","title":1}', '1 title: Expected a string'],
  [
    'a decimal amount',
    '{"id":"a","prices":[{"currency":"usd","amount":4.99}]}',
    '1 prices.0.amount: Expected an amount in the smallest unit',
  ],
  [
    'two prices of a currency',
    '{"id":"a","prices":[{"currency":"usd","amount":499},{"currency":"usd","amount":599}]}',
    '1 prices: Expected one price per currency',
  ],
  ['a length of access without prices', '{"id":"a","accessDurationDays":30}', '1 prices: Expected prices'],
  ['a container that is not an id', '{"id":"a","memberOf":["b c"]}', '1 memberOf.0.id: Expected 1 to 128'],
  ['a NUL character', '{"id":"a","title":"A\\u0000"}', '1 title: Expected text without NUL characters'],
  ['half a surrogate pair', '{"id":"a","description":"\\ud800"}', '1 description: Expected text without NUL characters'],
])('%s is reported', async (_name, text, error) => {
  expect(await errorsIn(text, 'jsonl')).toEqual([expect.stringContaining(error)])
})

test('names of Object.prototype members are unknown fields', async () => {
  expect(await errorsIn('{"id":"a","__proto__":{"title":"A"},"constructor":1}')).toEqual([
    expect.stringMatching(/^1 (__proto__|constructor): Unknown field/),
  ])
})
