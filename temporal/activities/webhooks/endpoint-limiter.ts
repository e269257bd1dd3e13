import type { DeliveryTarget } from '@pay-to-view/db'
import PQueue from 'p-queue'

export interface EndpointLimits {
  maxPerSecond: number
  maxConcurrent: number
}

/** A rate is enforced in periods of this length, so messages are not sent in bursts. */
const periodMs = 100

const createQueue = ({ maxPerSecond, maxConcurrent }: EndpointLimits): PQueue => {
  const perPeriod = (maxPerSecond * periodMs) / 1_000
  return new PQueue({
    concurrency: maxConcurrent,
    intervalCap: Math.max(1, Math.floor(perPeriod)),
    interval: perPeriod >= 1 ? periodMs : Math.ceil(1_000 / maxPerSecond),
  })
}

export interface EndpointLimiter {
  queue: PQueue
  maxPerSecond: number
}

/**
 * Keeps one queue per endpoint and process, which first attempts and retries share. The queue is replaced when the endpoint's limits
 * change.
 */
export const createEndpointLimiter = (defaults: EndpointLimits) => {
  const limiters = new Map<string, EndpointLimiter & { key: string }>()
  return (target: Pick<DeliveryTarget, 'id' | 'maxPerSecond' | 'maxConcurrent'>): EndpointLimiter => {
    const limits = {
      maxPerSecond: target.maxPerSecond ?? defaults.maxPerSecond,
      maxConcurrent: target.maxConcurrent ?? defaults.maxConcurrent,
    }
    const key = JSON.stringify(limits)
    const known = limiters.get(target.id)
    if (known?.key === key) return known
    const limiter = { queue: createQueue(limits), maxPerSecond: limits.maxPerSecond, key }
    limiters.set(target.id, limiter)
    return limiter
  }
}
