import { repositoryRoot } from '@pay-to-view/devstack/data-folder'
import { Command, InvalidArgumentError } from 'commander'
import { formatReport, shortfalls } from './report.ts'
import { runChaos } from './run.ts'

const integerFrom = (min: number) => (text: string) => {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= min) return number
  throw new InvalidArgumentError(`expected an integer of at least ${min}`)
}

interface CliOptions {
  seed?: number
  purchases: number
  faults?: number
  concurrency: number
  duration: number
}

const program = new Command('npm run chaos')
  .usage('[-- options]')
  .description(
    [
      'Runs purchases on two servers, two workers, Postgres, Temporal and the Stripe emulator while it kills each of them,',
      "drops, stalls and delays their connections, and makes Stripe's API and webhooks fail. Afterward, it waits for the stack",
      'to settle and checks every invariant. Exits with 1 if an invariant is violated or fewer purchases or faults ran than requested.',
    ].join(' '),
  )
  .option('--seed <n>', 'the same seed, purchases and faults give the same plan (default: the current time)', integerFrom(0))
  .option('--purchases <n>', 'number of purchase scenarios, one user each', integerFrom(1), 200)
  .option(
    '--faults <n>',
    'number of faults, spread over the run; every other fault is a kill (default: one per five purchases)',
    integerFrom(0),
  )
  .option('--concurrency <n>', 'maximum number of concurrent purchases', integerFrom(1), 12)
  .option(
    '--duration <seconds>',
    'start no more purchases or faults after this many seconds; an incomplete run counts as failed',
    integerFrom(1),
    3_600,
  )

process.chdir(repositoryRoot)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const options = program.parse().opts<CliOptions>()
const { seed = Date.now() % 2 ** 31, faults = Math.ceil(options.purchases / 5) } = options
const result = await runChaos({ ...options, seed, faults, log: (line) => console.error(line) })
console.log(formatReport(result))
process.exit(result.violations.length + shortfalls(result).length > 0 ? 1 : 0)
