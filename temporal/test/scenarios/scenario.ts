import type { TestEnvironment } from '../environment/test-environment.ts'

/** A sequence of actions and faults, and their expected effects on purchases. */
export interface Scenario {
  name: string
  /** The file name under which the histories are recorded for replay.test.ts. */
  recordAs?: string
  /** The time by which Stripe's clock is behind Temporal's clock. */
  stripeClockLagMs?: number
  run(env: TestEnvironment): Promise<void>
}

/** A fault of the emulator: no webhook is delivered. */
export const dropWebhooks = { on: 'webhook', effect: 'drop' }
