import { between, type Faults } from '../faults/faults.ts'
import type { Delivery } from '../store/wire.ts'
import type { World } from '../world.ts'

/** What a fault can do with a delivery. `at` is in milliseconds of the emulator's clock. */
export interface DeliveryActions {
  sendAt(delivery: Delivery, at: number): void
  drop(delivery: Delivery): void
}

/** Sends a delivery as its fault demands, or immediately when there is none. */
export const deliverWithFault = (
  hit: ReturnType<Faults['forDelivery']>,
  world: World,
  delivery: Delivery,
  actions: DeliveryActions,
): void => {
  const now = world.nowMs()
  if (!hit) actions.sendAt(delivery, now)
  else if (hit.fault.effect === 'drop') actions.drop(delivery)
  else if (hit.fault.effect === 'delay') actions.sendAt(delivery, now + between(hit.fault.ms, hit.random))
  else if (hit.fault.effect === 'repeat') for (let i = 0; i <= hit.fault.count; i++) actions.sendAt(delivery, now)
  else addToReorderBatch(delivery, hit.fault.window, hit.random, world, actions)
}

const maxReorderDelayMs = 1_000
const reorderSpacingMs = 20

/** The deliveries that each "reorder" fault has collected, by the fault's random generator. */
const reorderBatches = new WeakMap<() => number, Delivery[]>()

/** Collects deliveries until the window is full or `maxReorderDelayMs` has passed, then sends them in a different order. */
const addToReorderBatch = (
  delivery: Delivery,
  window: number,
  random: () => number,
  world: World,
  actions: DeliveryActions,
): void => {
  const batch = [...(reorderBatches.get(random) ?? []), delivery]
  reorderBatches.set(random, batch)
  const release = () => {
    const pending = reorderBatches.get(random) ?? []
    reorderBatches.delete(random)
    // Spaced out, so that they also arrive in the new order.
    for (const [i, next] of shuffle(pending, random).entries()) actions.sendAt(next, world.nowMs() + i * reorderSpacingMs)
  }
  if (batch.length >= window) release()
  else if (batch.length === 1)
    world.alarm.set(world.nowMs() + maxReorderDelayMs, () => reorderBatches.get(random)?.includes(delivery) && release())
}

/** Fisher-Yates. If the order happens to be unchanged, it is reversed: the fault promises a different order. */
const shuffle = <T>(items: T[], random: () => number): T[] => {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const [a, b] = [result[i], result[j]]
    if (a !== undefined && b !== undefined) [result[i], result[j]] = [b, a]
  }
  return result.every((item, i) => item === items[i]) ? result.reverse() : result
}
