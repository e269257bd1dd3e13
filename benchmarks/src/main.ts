import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import path from 'node:path'
import { repositoryRoot } from '@pay-to-view/devstack/data-folder'
import { Command } from 'commander'
import { closeConnections } from './http.ts'
import { measure, requestNames } from './measure.ts'
import { formatTables, summarize } from './report.ts'
import { startBenchStack } from './stack.ts'
import { createUserPool } from './users.ts'

const numbers = (text: string): number[] => text.split(',').map(Number)
const names = (text: string): string[] => text.split(',').filter(Boolean)

const program = new Command('npm run bench')
  .usage('[-- options]')
  .description(
    'Compares pay-to-view with a plain baseline without workflows, on the same Postgres and a Stripe stub that responds immediately. Needs Linux.',
  )
  .option('--rounds <n>', 'number of rounds; the figures are their medians', Number, 5)
  .option('--seconds <n>', 'length of one measurement', Number, 5)
  .option('--warm <n>', 'warm-up seconds per target', Number, 30)
  .option('--concurrency <list>', 'numbers of concurrent purchases to measure, separated by commas', numbers, [1, 16, 64])
  .option('--requests <list>', 'requests to measure in addition to the purchase lifecycle', names, [...requestNames])
  .option('--quick', 'one short round with a concurrency of 1 and 4, to see whether the benchmark works')
  .option('--json <file>', 'write the figures of every round to this file')
  .option('--doc <file>', 'replace the tables between the two <!-- bench --> lines of this Markdown file')
  .option('--durable', 'also measure the durable baseline, which adds one workflow per purchase to the plain one')
  .option('--temporal-file', "keep the Temporal development server's data in a file instead of memory")
  .option('--profiles <folder>', 'write CPU profiles of the servers and workers to this folder')

interface CliOptions {
  rounds: number
  seconds: number
  warm: number
  concurrency: number[]
  requests: string[]
  quick?: boolean
  json?: string
  doc?: string
  durable?: boolean
  temporalFile?: boolean
  profiles?: string
}

const replaceTables = (file: string, tables: string): void => {
  const marker = '<!-- bench -->'
  const text = existsSync(file) ? readFileSync(file, 'utf8') : `# ${path.basename(file)}\n\n`
  const [before = '', , after = ''] = text.split(marker)
  writeFileSync(file, `${before}${marker}\n\n${tables}\n\n${marker}${after}`)
}

process.chdir(repositoryRoot)
const cliOptions = program.parse().opts<CliOptions>()
const options = cliOptions.quick ? { ...cliOptions, rounds: 1, seconds: 1, warm: 1, concurrency: [1, 4] } : cliOptions
const log = (line: string) => console.error(line)

const { profiles, durable, temporalFile } = options
const stack = await startBenchStack({ profiles, durable, temporalFile, log })
try {
  const samples = await measure(stack, createUserPool(stack.dataFolder), options, log)
  const summary = summarize(samples)
  const tables = formatTables(summary)
  console.log(tables)
  const { rounds, seconds } = options
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version }
  if (options.json) {
    const results = { at: new Date(), machine, rounds, seconds, summary, samples }
    writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`)
  }
  if (options.doc) replaceTables(options.doc, tables)
} finally {
  closeConnections()
  await stack.stop()
}
