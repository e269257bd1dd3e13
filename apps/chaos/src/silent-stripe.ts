import { setTimeout as sleep } from 'node:timers/promises'
import { problemOf } from '@pay-to-view/client'
import { seedIds } from '@pay-to-view/devstack/seed-ids'
import { ViolationError } from './purchase-faults.ts'
import type { StackDriver } from './scenarios/driver.ts'
import type { TcpProxy } from './tcp-proxy.ts'

/**
 * Stripe does not respond to the servers. Meanwhile, more users create purchases than the servers can handle concurrently, and other users
 * check their access.
 */
export interface SilentStripeFault {
  kind: 'silent_stripe'
  durationMs: number
  /** Included in the user ids, so that each fault has its own users. */
  users: number
}

/** More create calls than the chaos stack's two servers can run concurrently. */
const createsAtOnce = 30

/** A check takes a few milliseconds. A check that is queued behind create calls that wait for Stripe takes seconds. */
const maxMedianMs = 1_000

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/**
 * Repeats an access check until `end`. Returns the durations in milliseconds and the number of checks that were rejected as
 * `overloaded`.
 */
const measureReads = async ({ clientFor }: StackDriver, end: number) => {
  const { access } = await clientFor('silent-stripe-reader')
  const durations: number[] = []
  let overloaded = 0
  const loop = async () => {
    while (performance.now() < end) {
      const start = performance.now()
      await access.check.query({ entityId: seedIds.film }).then(
        () => durations.push(performance.now() - start),
        (error: unknown) => {
          if (problemOf(error)?.code === 'overloaded') overloaded += 1
        },
      )
      await sleep(20)
    }
  }
  await Promise.all(Array.from({ length: 4 }, loop))
  return { durations, overloaded }
}

/** Resolves when the fault is over. Rejects with a ViolationError if the access checks were slow or rejected. */
export const silenceStripe = async (
  driver: StackDriver,
  proxy: TcpProxy,
  { durationMs, users }: SilentStripeFault,
): Promise<void> => {
  const input = { payToViewProductId: seedIds.thirtyDayProduct, entityId: seedIds.film, returnUrl: 'https://yoursite.com/' }
  const clients = await Promise.all(
    Array.from({ length: createsAtOnce }, (_, index) => driver.clientFor(`silent-stripe-${users}-${index}`)),
  )
  const stalled = proxy.stall(durationMs)
  const creates = clients.map((client) => client.purchases.create.mutate(input).catch(() => undefined))
  const { durations, overloaded } = await measureReads(driver, performance.now() + durationMs)
  await Promise.all([stalled, ...creates])
  const slow = durations.length === 0 || median(durations) > maxMedianMs
  if (slow || overloaded > 0) {
    throw new ViolationError(
      `while Stripe was silent, ${durations.length} access checks took ${Math.round(median(durations))} ms (median) and ${overloaded} were rejected`,
    )
  }
}
