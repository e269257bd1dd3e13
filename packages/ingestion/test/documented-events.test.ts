import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { eventTypes } from '../src/index.ts'

const rows = [...readFileSync('docs/events.md', 'utf8').matchAll(/^\| `([\w.]+)` +\| .+ \| `(\S+)`: (.+?) +\|$/gm)].map(
  ([, type, file = '', name = '']) => ({ type, file, name }),
)

test('docs/events.md has a row for every event type that has a handler', () => {
  expect(rows.map(({ type }) => type).sort()).toEqual([...eventTypes].sort())
})

test.each(rows)('$type: the test that docs/events.md names exists', ({ file, name }) => {
  expect(readFileSync(file, 'utf8').replaceAll("\\'", "'")).toContain(name)
})
