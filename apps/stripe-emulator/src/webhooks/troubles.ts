import { between, type Faults } from '../faults/faults.ts'
import type { Delivery } from '../store/wire.ts'
import type { World } from '../world.ts'
import type { WebhookSender } from './sender.ts'

/** Sends a delivery the way the fault that hit it says, or plainly. */
export const troubled = (
  hit: ReturnType<Faults['forDelivery']>,
  world: World,
  delivery: Delivery,
  sender: WebhookSender,
): void => {
  const now = world.nowMs()
  if (!hit) sender.sendAt(delivery, now)
  else if (hit.fault.effect === 'drop') sender.drop(delivery)
  else if (hit.fault.effect === 'delay') sender.sendAt(delivery, now + between(hit.fault.ms, hit.random))
  else if (hit.fault.effect === 'repeat') for (let i = 0; i <= hit.fault.count; i++) sender.sendAt(delivery, now)
  else hold(delivery, hit.fault.window, hit.random, world, sender)
}

/** Deliveries held back for a "reorder" fault (known by its generator) until its window is full or this long has passed. */
const HOLD = 1_000
const held = new WeakMap<() => number, Delivery[]>()

const hold = (delivery: Delivery, window: number, random: () => number, world: World, sender: WebhookSender): void => {
  const batch = [...(held.get(random) ?? []), delivery]
  held.set(random, batch)
  const release = () => {
    const waiting = held.get(random) ?? []
    held.delete(random)
    // One after the other, 20 ms apart, so that they also arrive in the new order.
    for (const [i, one] of shuffled(waiting, random).entries()) sender.sendAt(one, world.nowMs() + i * 20)
  }
  if (batch.length >= window) release()
  else if (batch.length === 1) world.alarm.set(world.nowMs() + HOLD, () => held.get(random)?.includes(delivery) && release())
}

/** Fisher-Yates; one that changed nothing is turned round, because out of order is what was asked for. */
const shuffled = <T>(items: T[], random: () => number): T[] => {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const [a, b] = [result[i], result[j]]
    if (a !== undefined && b !== undefined) [result[i], result[j]] = [b, a]
  }
  return result.every((item, i) => item === items[i]) ? result.reverse() : result
}
