import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test, vi } from 'vitest'
import { z } from 'zod'

const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-bench-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

const bench = (...args: string[]) => promisify(execFile)(process.execPath, ['--import', 'tsx', 'benchmarks/src/main.ts', ...args])

const Results = z.object({
  summary: z.array(
    z.object({ name: z.string(), target: z.string(), concurrency: z.number(), figures: z.record(z.string(), z.number()) }),
  ),
})

test('bench --help lists its options', async () => {
  const { stdout } = await bench('--help')
  for (const option of ['--rounds', '--seconds', '--concurrency', '--requests', '--quick', '--json', '--durable'])
    expect(stdout).toContain(option)
})

test('bench measures every target and writes its tables and figures', async () => {
  const [json, doc] = [path.join(folder, 'bench.json'), path.join(folder, 'doc.md')]
  writeFileSync(doc, 'Before\n\n<!-- bench -->\nold\n<!-- bench -->\n\nAfter\n')
  const { stdout } = await bench(
    ...['--rounds', '1', '--seconds', '0.2', '--warm', '0.2', '--concurrency', '2', '--durable'],
    ...['--json', json, '--doc', doc],
  )
  const { summary } = Results.parse(JSON.parse(readFileSync(json, 'utf8')))
  const measurements = ['lifecycle', 'reuse', 'owned', 'history', 'access', 'access.check', 'duplicate']
  const namesOf = (target: string) => summary.filter((sample) => sample.target === target).map(({ name }) => name)
  expect([namesOf('plain'), namesOf('durable'), namesOf('pay-to-view')]).toEqual([measurements, ['lifecycle'], measurements])
  for (const { figures } of summary) expect(figures.rate).toBeGreaterThan(0)
  const written = readFileSync(doc, 'utf8')
  expect(written).toContain(stdout.trim())
  for (const target of ['plain', 'durable', 'pay-to-view']) expect(written).toContain(`| ${target} at 2 |`)
  expect(written).toMatch(/^Before\n.*\nAfter\n$/s)
  expect(written).not.toContain('old')
}, 120_000)

/** Returns the parent's process id, which is the second field after the name in parentheses (proc_pid_stat(5)). */
const parentOf = (pid: string): number => {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1])
  } catch {
    return Number.NaN
  }
}

test('an interrupted bench stops every process that it has started', async () => {
  const running = spawn(process.execPath, ['--import', 'tsx', 'benchmarks/src/main.ts', '--quick'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = once(running, 'exit')
  let output = ''
  running.stderr.on('data', (text: Buffer) => {
    output += text
  })
  await vi.waitFor(() => expect(output).toContain('Warming up'), 60_000)
  const children = readdirSync('/proc').filter((pid) => parentOf(pid) === running.pid)
  expect(children.length).toBeGreaterThanOrEqual(6)
  running.kill('SIGTERM')
  await exited
  expect(children.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])
}, 120_000)
