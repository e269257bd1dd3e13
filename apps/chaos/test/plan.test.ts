import { expect, test } from 'vitest'
import { planOf } from '../src/plan.ts'
import { partNames } from '../src/site.ts'

test('the same seed gives the same plan, another one another', () => {
  const plan = planOf({ seed: 7, lives: 50, faults: 30 })
  expect(planOf({ seed: 7, lives: 50, faults: 30 })).toEqual(plan)
  expect(planOf({ seed: 8, lives: 50, faults: 30 })).not.toEqual(plan)
})

test('as many lives and faults as were asked for, spread over the lives, every part killed once in fourteen faults', () => {
  const plan = planOf({ seed: 7, lives: 100, faults: 28 })
  const places = plan.flatMap((step, at) => ('fault' in step ? [at] : []))
  expect(places).toHaveLength(28)
  expect(plan).toHaveLength(128)
  for (const [n, place] of places.slice(1).entries()) expect(place - (places[n] ?? 0)).toBeLessThan(6)
  const killed = plan.flatMap((step) => ('fault' in step && step.fault.kind === 'kill' ? [step.fault.part] : []))
  for (const round of [killed.slice(0, 7), killed.slice(7)]) expect([...round].sort()).toEqual([...partNames].sort())
})
