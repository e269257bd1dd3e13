/** Faults of the Stripe emulator that are active throughout a run. */
export const backgroundFaults = [
  { on: 'webhook', effect: 'drop', probability: 0.2 },
  { on: 'webhook', effect: 'delay', ms: 400, probability: 0.2 },
  { on: 'webhook', effect: 'repeat', count: 2, probability: 0.2 },
  { on: 'webhook', effect: 'reorder', window: 4, probability: 0.2 },
  { on: 'api', effect: 'rate_limit', probability: 0.02 },
  { on: 'api', effect: 'error', probability: 0.02 },
  { on: 'api', effect: 'latency', ms: [5, 80], probability: 0.1 },
  { on: 'api', effect: 'cut', probability: 0.02 },
  { on: 'api', effect: 'lost_response', probability: 0.02 },
] as const
