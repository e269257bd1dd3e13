import type { Stage } from '../environment/test-environment.ts'

/** Something that can happen to purchases. What is `recorded` is replayed by replay.test.ts. */
export interface Life {
  name: string
  recorded?: string
  /** Milliseconds by which Stripe's clock is behind Temporal's. */
  stripeBehind?: number
  play(stage: Stage): Promise<void>
}

export const lostWebhooks = { on: 'webhook', effect: 'drop' }
