import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { environments } from '../../../apps/ops/src/env.ts'
import { environment as server } from '../../../apps/server/src/env.ts'
import { Env as emulator } from '../../../apps/stripe-emulator/src/env.ts'
import { environment as web } from '../../../apps/web/config-json.ts'
import { environment as worker } from '../../../apps/worker/src/env.ts'
import { ROOT } from '../src/home.ts'

const file = path.join(ROOT, 'docs/options.md')
const processes = { server, worker, ops: environments.all, web, 'stripe-emulator': emulator }

interface Option {
  processes: string[]
  fallback: string
  says: string
}

const Default = z.union([z.string(), z.number(), z.boolean()])

/** What applies without the variable: a default, nothing ("–"), or the process does not start ("required"). */
const fallbackOf = (schema: z.ZodType): string => {
  const read = schema.safeParse(undefined)
  if (!read.success) return 'required'
  if (read.data === undefined) return '–'
  const value = Default.safeParse(read.data)
  return value.success && value.data !== '' ? `\`${value.data}\`` : '–'
}

/** As the formatter has it: every column as wide as its widest cell. */
const markdown = (rows: string[][]): string => {
  const [head = [], ...body] = rows
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}

const table = (): string => {
  const options = new Map<string, Option>()
  for (const [process, { shape }] of Object.entries(processes)) {
    for (const [name, schema] of Object.entries<z.ZodType>(shape)) {
      const says = schema.description ?? ''
      const fallback = fallbackOf(schema)
      const key = `${name} ${fallback} ${says}`
      options.set(key, { says, fallback, processes: [...(options.get(key)?.processes ?? []), process] })
    }
  }
  const rows = [...options]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, option]) => [`\`${key.split(' ')[0]}\``, option.processes.join(', '), option.fallback, option.says])
  return markdown([
    ['variable', 'read by', 'without it', 'what it is'],
    ...rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|'))),
  ])
}

test('docs/options.md names every option of every process', () => {
  const wanted = `# Options

Every option of every process is an environment variable, read once and checked at start: a wrong one is named and the process does not start.
\`UPDATE_OPTIONS=1 npx vitest run packages/devstack/test/options.test.ts\` writes this page from the schemas.

${table()}
`
  if (process.env.UPDATE_OPTIONS) writeFileSync(file, wanted)
  expect(readFileSync(file, 'utf8')).toBe(wanted)
})
