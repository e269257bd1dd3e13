import type { TestEnvironment } from '../environment/test-environment.ts'

/** Something that can happen to purchases. */
export interface Scenario {
  name: string
  /** File name under which the histories are recorded for replay.test.ts. */
  recordAs?: string
  /** How far Stripe's clock is behind Temporal's. */
  stripeClockLagMs?: number
  run(env: TestEnvironment): Promise<void>
}

/** Fault of the emulator: no webhook is delivered. */
export const dropWebhooks = { on: 'webhook', effect: 'drop' }
