import type { Account } from '../account.ts'
import { type Faults, randomBetween } from '../faults/faults.ts'
import type { Delivery } from '../store/objects.ts'

/** The ways to handle a delivery. `at` is a time on the emulator's clock, in milliseconds. */
export interface DeliveryActions {
  sendAt(delivery: Delivery, at: number): void
  drop(delivery: Delivery): void
}

/** Applies the fault that affects the delivery. Without a fault, sends the delivery immediately. */
export const deliverWithFault = (
  hit: ReturnType<Faults['forDelivery']>,
  account: Account,
  delivery: Delivery,
  actions: DeliveryActions,
): void => {
  const now = account.nowMs()
  if (!hit) actions.sendAt(delivery, now)
  else if (hit.fault.effect === 'drop') actions.drop(delivery)
  else if (hit.fault.effect === 'delay') actions.sendAt(delivery, now + randomBetween(hit.fault.ms, hit.random))
  else if (hit.fault.effect === 'repeat') for (let i = 0; i <= hit.fault.count; i++) actions.sendAt(delivery, now)
  else addToReorderBatch(delivery, hit.fault.window, hit.random, account, actions)
}

const MAX_REORDER_DELAY_MS = 1_000
const REORDER_SPACING_MS = 20

/** The deliveries that each "reorder" fault has collected. The key is the fault's random number generator, which identifies the fault. */
const reorderBatches = new WeakMap<() => number, Delivery[]>()

/** Collects deliveries until the window is full or `MAX_REORDER_DELAY_MS` has passed, and then sends them in a different order. */
const addToReorderBatch = (
  delivery: Delivery,
  window: number,
  random: () => number,
  account: Account,
  actions: DeliveryActions,
): void => {
  const batch = [...(reorderBatches.get(random) ?? []), delivery]
  reorderBatches.set(random, batch)
  const release = () => {
    const pending = reorderBatches.get(random) ?? []
    reorderBatches.delete(random)
    // The deliveries are sent at intervals, so that they also arrive in the new order.
    for (const [i, next] of shuffle(pending, random).entries()) actions.sendAt(next, account.nowMs() + i * REORDER_SPACING_MS)
  }
  if (batch.length >= window) release()
  else if (batch.length === 1)
    account.scheduler.schedule(
      account.nowMs() + MAX_REORDER_DELAY_MS,
      () => reorderBatches.get(random)?.includes(delivery) && release(),
    )
}

/** Shuffles the items (Fisher-Yates). If the order happens to be unchanged, it is reversed, because the fault must produce a different order. */
const shuffle = <T>(items: T[], random: () => number): T[] => {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const [a, b] = [result[i], result[j]]
    if (a !== undefined && b !== undefined) [result[i], result[j]] = [b, a]
  }
  return result.every((item, i) => item === items[i]) ? result.reverse() : result
}
