import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import path from 'node:path'
import { ROOT } from '@pay-to-view/devstack/home'
import { Command } from 'commander'
import { hangUp } from './http.ts'
import { startParts } from './parts.ts'
import { summarize, tableOf } from './report.ts'
import { measure } from './rounds.ts'
import { createViewers } from './viewers.ts'

const numbers = (text: string): number[] => text.split(',').map(Number)

const program = new Command('bench')
  .usage('[-- options]')
  .description(
    'Measures pay-to-view next to a plain twin without workflows, in one run on the same Postgres and the same instant Stripe. Needs Linux.',
  )
  .option('--rounds <n>', 'rounds; the figures are their medians', Number, 5)
  .option('--seconds <n>', 'of each measurement', Number, 5)
  .option('--warm <n>', "seconds of each target's warming up", Number, 30)
  .option('--concurrency <list>', 'purchases at once', numbers, [1, 16, 64])
  .option(
    '--answers <list>',
    'answers that change nothing, measured beside the lifecycle',
    (text) => text.split(',').filter(Boolean),
    [...['reuse', 'owned', 'history', 'access', 'access.check', 'duplicate']],
  )
  .option('--quick', 'one short round at 1 and 4: whether it works, not what it says')
  .option('--json <file>', 'where the figures of every round are written')
  .option('--doc <file>', 'Markdown file whose table, between its two <!-- bench --> lines, is replaced')
  .option('--durable', 'measure a third: the twin with a workflow a purchase, which shows what a workflow alone costs')
  .option('--temporal-file', "keep the development server's data in a file instead of its memory")
  .option('--profiles <folder>', 'take CPU profiles of the server, the worker and the twin')

type Options = {
  rounds: number
  seconds: number
  warm: number
  concurrency: number[]
  answers: string[]
  quick?: boolean
  json?: string
  doc?: string
  durable?: boolean
  temporalFile?: boolean
  profiles?: string
}

process.chdir(ROOT)
const given = program.parse().opts<Options>()
const options = given.quick ? { ...given, rounds: 1, seconds: 1, warm: 1, concurrency: [1, 4] } : given
const say = (line: string) => console.error(line)

const parts = await startParts({ profiles: options.profiles, durable: options.durable, temporalFile: options.temporalFile, say })
try {
  const samples = await measure(parts, createViewers(parts.home), options, say)
  const summary = summarize(samples)
  const table = tableOf(summary)
  console.log(table)
  const { rounds, seconds } = options
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version }
  if (options.json) {
    writeFileSync(options.json, `${JSON.stringify({ at: new Date(), machine, rounds, seconds, summary, samples }, null, 2)}\n`)
  }
  if (options.doc) writeTable(options.doc, table)
} finally {
  hangUp()
  await parts.stop()
}

function writeTable(file: string, table: string): void {
  const mark = '<!-- bench -->'
  const [before = '', , after = ''] = existsSync(file) ? readFileSync(file, 'utf8').split(mark) : [`# ${path.basename(file)}\n\n`]
  writeFileSync(file, `${before}${mark}\n\n${table}\n\n${mark}${after}`)
}
