import { describe, disturb } from './disturb.ts'
import { Life } from './lives/life.ts'
import { type Fault, planOf, type Wanted } from './plan.ts'
import { check, passTime, settle } from './settle.ts'
import { type PartName, startSite } from './site.ts'
import { createTurns } from './turns.ts'

export interface Options extends Wanted {
  /** Lives at one time. */
  concurrency: number
  /** Seconds after which no more lives begin. */
  duration: number
  say: (line: string) => void
}

export interface Outcome {
  seed: number
  lives: { wanted: number; lived: number; bought: number }
  /** By what they were: those planned, and those that were. */
  faults: { wanted: number; done: Map<Fault['kind'], number> }
  kills: { wanted: number; done: Map<PartName, number> }
  /** Answers and webhooks of Stripe's that were spoilt, by how. */
  spoilt: Map<string, number>
  violations: string[]
  /** Seconds of the lives, and of what came after. */
  took: { lives: number; settling: number }
}

/** Faults at one time. */
const hands = 2

/** Milliseconds in which everything has to hold when nothing goes wrong any more. */
const patience = 180_000

const add = <T>(counts: Map<T, number>, what: T) => counts.set(what, (counts.get(what) ?? 0) + 1)

export const runChaos = async (options: Options): Promise<Outcome> => {
  const { seed, concurrency, duration, say } = options
  const plan = planOf(options)
  const planned = plan.flatMap((step) => ('fault' in step ? [step.fault] : []))
  const faults = new Map<Fault['kind'], number>()
  const kills = new Map<PartName, number>()
  const lives: Life[] = []
  const site = await startSite({ seed, say })
  let violations: string[] = ['it did not come to an end']
  try {
    const began = performance.now()
    const seconds = () => (performance.now() - began) / 1_000
    const living = createTurns(concurrency)
    const disturbing = createTurns(hands)
    say('Lives begin')
    for (const step of plan) {
      if (seconds() > duration) break
      if ('life' in step) {
        const life = new Life(site.world, `life-${lives.length}`, step.life)
        await living.begin(() => life.live())
        lives.push(life)
      } else {
        const { fault } = step
        await disturbing.begin(async () => {
          say(`${seconds().toFixed(1)} s, ${lives.length} lives: ${describe(fault)}`)
          await disturb(site, fault)
          add(faults, fault.kind)
          if (fault.kind === 'kill') add(kills, fault.part)
        })
      }
    }
    await living.over()
    await disturbing.over()
    const lived = seconds()
    say(`${lived.toFixed(1)} s: nothing goes wrong any more, a quarter of an hour passes`)
    await site.troubles.end()
    await passTime(site.world)
    const broken = await settle(() => check(site.world, lives, site.stripeApi), patience)
    violations = [...lives.flatMap((life) => life.wrong), ...site.crashes, ...broken]
    return {
      seed,
      lives: { wanted: options.lives, lived: lives.length, bought: lives.filter((life) => life.paid > 0).length },
      faults: { wanted: planned.length, done: faults },
      kills: { wanted: planned.filter(({ kind }) => kind === 'kill').length, done: kills },
      spoilt: site.troubles.hits,
      violations,
      took: { lives: lived, settling: seconds() - lived },
    }
  } finally {
    if (violations.length > 0) say(`The logs are in ${site.logs}`)
    await site.stop({ keepLogs: violations.length > 0 })
  }
}
