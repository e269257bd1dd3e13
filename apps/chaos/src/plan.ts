import fc from 'fast-check'
import { type Step, steps } from './lives/life.ts'
import { type LinkName, linkNames, type PartName, partNames } from './site.ts'
import type { Trouble } from './troubles.ts'

/** Something that goes wrong for a while. Times in milliseconds. */
export type Fault =
  | { kind: 'kill'; part: PartName; down: number }
  | { kind: 'cut'; link: LinkName; lasts: number }
  | { kind: 'hold'; link: LinkName; lasts: number }
  | { kind: 'slow'; link: LinkName; lasts: number; by: number }
  | { kind: 'stripe'; trouble: Trouble }

/** In this order: a fault begins when the lives before it have begun, and the lives after it begin when it has. */
export type Plan = ({ fault: Fault } | { life: readonly Step[] })[]

const link = fc.constantFrom(...linkNames)
const times = fc.integer({ min: 5, max: 25 })
const seed = fc.nat()

const disturbance: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), link, lasts: fc.integer({ min: 50, max: 2_000 }) }),
  fc.record({ kind: fc.constant('hold' as const), link, lasts: fc.integer({ min: 200, max: 3_000 }) }),
  fc.record({
    kind: fc.constant('slow' as const),
    link,
    lasts: fc.integer({ min: 1_000, max: 3_000 }),
    by: fc.integer({ min: 5, max: 60 }),
  }),
  fc.record({
    kind: fc.constant('stripe' as const),
    trouble: fc.oneof(
      fc.record({ on: fc.constant('webhook' as const), effect: fc.constantFrom('drop', 'repeat', 'reorder'), times, seed }),
      fc.record({
        ...{ on: fc.constant('webhook' as const), effect: fc.constant('delay'), times, seed },
        ms: fc.constant([500, 4_000]),
      }),
      fc.record({
        on: fc.constant('api' as const),
        effect: fc.constantFrom('rate_limit', 'error', 'cut', 'lost_response'),
        times,
        seed,
      }),
      // As long as a client waits, and longer.
      fc.record({ on: fc.constant('api' as const), effect: fc.constant('timeout'), times: fc.integer({ min: 1, max: 4 }), seed }),
    ),
  }),
)

/** Every part once, in any order, and between two kills something else. */
const round: fc.Arbitrary<Fault[]> = fc
  .tuple(
    fc.shuffledSubarray([...partNames], { minLength: partNames.length }),
    fc.array(fc.tuple(fc.integer({ min: 0, max: 1_500 }), disturbance), {
      minLength: partNames.length,
      maxLength: partNames.length,
    }),
  )
  .map(([parts, others]) =>
    parts.flatMap((part, n): Fault[] => {
      const [down, other] = others[n] ?? []
      return [{ kind: 'kill', part, down: down ?? 0 }, ...(other ? [other] : [])]
    }),
  )

export interface Wanted {
  seed: number
  lives: number
  faults: number
}

/** The same seed and numbers, the same plan. */
export const planOf = ({ seed, lives, faults }: Wanted): Plan => {
  const lived = fc.sample(steps, { seed, numRuns: lives }).map((life) => ({ life }))
  const rounds = Math.ceil(faults / (2 * partNames.length))
  const disturbed = fc
    .sample(round, { seed: seed + 1, numRuns: Math.max(1, rounds) })
    .flat()
    .slice(0, faults)
  // As evenly as it goes, and the first fault not before somebody buys.
  return disturbed
    .map((fault, n) => ({ fault, before: Math.ceil(((n + 1) * lives) / (faults + 1)) }))
    .reduceRight<Plan>((plan, { fault, before }) => plan.toSpliced(before, 0, { fault }), lived)
}
