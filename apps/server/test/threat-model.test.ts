import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const rows = readFileSync('docs/threat-model.md', 'utf8')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, , , file]) => file?.endsWith('.ts'))

test('docs/threat-model.md refers to tests', () => {
  expect(rows.length).toBeGreaterThan(20)
})

test.each(rows)('%s%s: its test exists', (_, _threat, _defense, file = '', name = '') => {
  expect(name).not.toBe('')
  expect(readFileSync(file, 'utf8')).toContain(`'${name}`)
})
