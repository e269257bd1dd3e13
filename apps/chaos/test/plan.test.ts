import { expect, test } from 'vitest'
import { createPlan } from '../src/plan.ts'
import { serviceNames } from '../src/services.ts'

test('the same seed gives the same plan, and a different seed gives a different plan', () => {
  const plan = createPlan({ seed: 7, purchases: 50, faults: 30 })
  expect(createPlan({ seed: 7, purchases: 50, faults: 30 })).toEqual(plan)
  expect(createPlan({ seed: 8, purchases: 50, faults: 30 })).not.toEqual(plan)
})

test('a plan has the requested number of scenarios and faults, spreads the faults evenly, and kills every service once per sixteen faults', () => {
  const plan = createPlan({ seed: 7, purchases: 100, faults: 32 })
  const positions = plan.flatMap((step, index) => ('fault' in step ? [index] : []))
  expect(positions).toHaveLength(32)
  expect(plan).toHaveLength(132)
  for (const [n, position] of positions.slice(1).entries()) expect(position - (positions[n] ?? 0)).toBeLessThan(6)
  const killed = plan.flatMap((step) => ('fault' in step && step.fault.kind === 'kill' ? [step.fault.service] : []))
  for (const round of [killed.slice(0, 8), killed.slice(8)]) expect([...round].sort()).toEqual([...serviceNames].sort())
})

test('every round has a workflow canceled during a refund, a poison event, an unreadable signal and a silent Stripe', () => {
  const plan = createPlan({ seed: 7, purchases: 100, faults: 32 })
  const kinds = plan.flatMap((step) => ('fault' in step ? [step.fault.kind] : []))
  for (const kind of ['cancel_during_refund', 'poison_event', 'unreadable_signal', 'silent_stripe'] as const)
    expect(kinds.filter((one) => one === kind)).toHaveLength(2)
})
