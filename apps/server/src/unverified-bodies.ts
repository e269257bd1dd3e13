import { ApiError } from '@pay-to-view/api'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { sendProblem } from './problems.ts'
import { addressKey, rateWindowSeconds } from './rate-limiter.ts'

export interface UnverifiedBodyLimits {
  /** Bodies that are received at the same time. Each may have the body limit of its route, so this bounds the memory. */
  maxTotal: number
  /** The same for one IP address. */
  maxPerAddress: number
  /** A body that has not arrived by then is abandoned. */
  timeoutMs: number
  /** Rejected requests of one IP address in `rateWindowSeconds`, before its further bodies are not received at all. */
  maxRejected: number
}

/**
 * Bounds what unknown senders can send before a signature is verified: bodies count against their IP address and against a total before they are
 * buffered. The returned function counts a request that was rejected.
 */
export const limitUnverifiedBodies = (
  app: FastifyInstance,
  limits: UnverifiedBodyLimits,
): ((request: FastifyRequest) => void) => {
  const openByAddress = new Map<string, number>()
  let open = 0
  const rejected = new RateLimiterMemory({ points: limits.maxRejected, duration: rateWindowSeconds })
  const release = new WeakMap<FastifyRequest, () => void>()

  const acquire = (address: string): (() => void) => {
    const ofAddress = openByAddress.get(address) ?? 0
    if (open >= limits.maxTotal || ofAddress >= limits.maxPerAddress) throw new ApiError('overloaded')
    open += 1
    openByAddress.set(address, ofAddress + 1)
    let isOpen = true
    return () => {
      if (!isOpen) return
      isOpen = false
      open -= 1
      const left = (openByAddress.get(address) ?? 1) - 1
      if (left === 0) openByAddress.delete(address)
      else openByAddress.set(address, left)
    }
  }

  app.addHook('onRequest', async (request, reply) => {
    // A response before the whole body has arrived ends the connection; otherwise the rest of the body would still be received.
    reply.header('connection', 'close')
    const address = addressKey(request.ip)
    const failures = await rejected.get(address)
    if (failures && failures.remainingPoints <= 0) throw new ApiError('rate_limited')
    const done = acquire(address)
    const timer = setTimeout(() => sendProblem(new ApiError('request_timeout'), request, reply), limits.timeoutMs)
    const end = (): void => {
      clearTimeout(timer)
      done()
    }
    release.set(request, end)
    // The response closes in every case; the request does not once the response was sent before the whole body had arrived.
    reply.raw.once('close', end)
  })
  app.addHook('preValidation', (request, reply, done) => {
    release.get(request)?.()
    reply.removeHeader('connection')
    done()
  })
  return (request) => void rejected.consume(addressKey(request.ip)).catch(() => undefined)
}
