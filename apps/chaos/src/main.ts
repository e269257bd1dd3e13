import { ROOT } from '@pay-to-view/devstack/home'
import { Command, InvalidArgumentError } from 'commander'
import { reportOf, shortfalls } from './report.ts'
import { runChaos } from './run.ts'

const whole = (least: number) => (text: string) => {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= least) return number
  throw new InvalidArgumentError(`Expected a whole number from ${least} on`)
}

interface Given {
  seed: number
  lives: number
  faults?: number
  concurrency: number
  duration: number
}

const program = new Command('npm run chaos')
  .usage('[-- options]')
  .description(
    `Lives many lives at once on two servers, two workers, Postgres, Temporal and the Stripe emulator, while each of them is killed in turn,
connections are cut, held up and slowed, and Stripe's answers and webhooks are spoilt. Then it lets things settle and checks every
invariant. Exits with 1 where one does not hold, or less was done than was asked for.`,
  )
  .option('--seed <n>', 'the same seed, lives and faults give the same plan', whole(0), Date.now() % 2 ** 31)
  .option('--lives <n>', 'people who buy', whole(1), 200)
  .option('--faults <n>', 'kills and others by turns, spread over the lives (default: one for five lives)', whole(0))
  .option('--concurrency <n>', 'lives at one time', whole(1), 12)
  .option('--duration <seconds>', 'after which no more lives begin; what is missing then is a failure', whole(1), 3_600)

process.chdir(ROOT)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const given = program.parse().opts<Given>()
const say = (line: string) => console.error(line)
const outcome = await runChaos({ ...given, faults: given.faults ?? Math.ceil(given.lives / 5), say })
console.log(reportOf(outcome))
process.exit(outcome.violations.length + shortfalls(outcome).length > 0 ? 1 : 0)
