import fc from 'fast-check'
import type { EmulatorFault } from './emulator-faults.ts'
import type { PurchaseFault } from './purchase-faults.ts'
import { type ScenarioStep, scenarioSteps } from './scenarios/steps.ts'
import { type ConnectionName, connectionNames, type ServiceName, serviceNames } from './services.ts'
import type { SilentStripeFault } from './silent-stripe.ts'

export type Fault =
  | { kind: 'kill'; service: ServiceName; downtimeMs: number }
  | { kind: 'disconnect'; connection: ConnectionName; durationMs: number }
  | { kind: 'stall'; connection: ConnectionName; durationMs: number }
  | { kind: 'latency'; connection: ConnectionName; durationMs: number; latencyMs: number }
  | { kind: 'stripe'; fault: EmulatorFault }
  | PurchaseFault
  | SilentStripeFault

/** Purchase scenarios and faults in the order in which they start. */
export type Plan = ({ fault: Fault } | { scenario: readonly ScenarioStep[] })[]

const connection = fc.constantFrom(...connectionNames)
const times = fc.integer({ min: 5, max: 25 })
const seed = fc.nat()

const emulatorFault: fc.Arbitrary<EmulatorFault> = fc.oneof(
  fc.record({ on: fc.constant('webhook' as const), effect: fc.constantFrom('drop', 'repeat', 'reorder'), times, seed }),
  fc.record({
    ...{ on: fc.constant('webhook' as const), effect: fc.constant('delay'), times, seed },
    ms: fc.constant([500, 4_000]),
  }),
  fc.record({
    ...{ on: fc.constant('api' as const), effect: fc.constantFrom('rate_limit', 'error', 'cut', 'lost_response') },
    ...{ times, seed },
  }),
  // Without `ms`, a timeout lasts until the client gives up.
  fc.record({ on: fc.constant('api' as const), effect: fc.constant('timeout'), times: fc.integer({ min: 1, max: 4 }), seed }),
)

const purchase = fc.nat({ max: 10_000 })

/** The faults that occur once per round: one of each kind, in random order. */
const distinctFaults: fc.Arbitrary<Fault[]> = fc
  .tuple(
    fc.record({ kind: fc.constant('cancel_during_refund' as const), purchase, delayMs: fc.integer({ min: 0, max: 400 }) }),
    fc.record({ kind: fc.constant('poison_event' as const), purchase, other: purchase }),
    fc.record({
      ...{ kind: fc.constant('unreadable_signal' as const), purchase },
      encoding: fc.constantFrom('json/protobuf', 'binary/encrypted', 'json/plain'),
    }),
    fc.record({ kind: fc.constant('silent_stripe' as const), durationMs: fc.integer({ min: 2_000, max: 4_000 }), users: seed }),
  )
  .chain((faults) => fc.shuffledSubarray<Fault>(faults, { minLength: faults.length }))

const otherFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('disconnect' as const), connection, durationMs: fc.integer({ min: 50, max: 2_000 }) }),
  fc.record({ kind: fc.constant('stall' as const), connection, durationMs: fc.integer({ min: 200, max: 3_000 }) }),
  fc.record({
    kind: fc.constant('latency' as const),
    connection,
    durationMs: fc.integer({ min: 1_000, max: 3_000 }),
    latencyMs: fc.integer({ min: 5, max: 60 }),
  }),
  fc.record({ kind: fc.constant('stripe' as const), fault: emulatorFault }),
)

const exactly = (length: number) => ({ minLength: length, maxLength: length })

/** The number of faults in `distinctFaults`. In a round, these faults replace the same number of random faults. */
const distinctFaultCount = 4

/**
 * Kills every service once, in random order, and injects another fault after each kill. The injected faults alternate between
 * `distinctFaults` and random faults.
 */
const faultRound: fc.Arbitrary<Fault[]> = fc
  .tuple(
    fc.shuffledSubarray([...serviceNames], { minLength: serviceNames.length }),
    fc.array(fc.integer({ min: 0, max: 1_500 }), exactly(serviceNames.length)),
    fc.array(otherFault, exactly(serviceNames.length - distinctFaultCount)),
    distinctFaults,
  )
  .map(([services, downtimes, others, distinct]) => {
    const between = distinct.flatMap((fault, index) => [fault, ...(others[index] ? [others[index]] : [])])
    return services.flatMap((service, index): Fault[] => {
      const other = between[index]
      return [{ kind: 'kill', service, downtimeMs: downtimes[index] ?? 0 }, ...(other ? [other] : [])]
    })
  })

export interface PlanOptions {
  seed: number
  /** Number of purchase scenarios. */
  purchases: number
  faults: number
}

/** Deterministic: the same options always produce the same plan. */
export const createPlan = ({ seed, purchases, faults: faultCount }: PlanOptions): Plan => {
  const scenarios = fc.sample(scenarioSteps, { seed, numRuns: purchases }).map((scenario) => ({ scenario }))
  const rounds = Math.ceil(faultCount / (2 * serviceNames.length))
  const faults = fc
    .sample(faultRound, { seed: seed + 1, numRuns: Math.max(1, rounds) })
    .flat()
    .slice(0, faultCount)
  // Faults are spread evenly over the scenarios. The first fault comes after the first scenarios have started.
  return faults
    .map((fault, index) => ({ fault, position: Math.ceil(((index + 1) * purchases) / (faultCount + 1)) }))
    .reduceRight<Plan>((plan, { fault, position }) => plan.toSpliced(position, 0, { fault }), scenarios)
}
