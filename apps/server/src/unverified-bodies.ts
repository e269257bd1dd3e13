import { ApiError } from '@pay-to-view/api'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { sendProblem } from './problems.ts'
import { addressKey } from './rate-limiter.ts'

export interface UnverifiedBodyLimits {
  /** Maximum number of bodies of up to `largeBytes` that are received at the same time. */
  maxTotal: number
  /** The same limit for one IP address. */
  maxPerAddress: number
  /** A longer body is large, as is one without a length. Stripe's events are usually a few kilobytes long. */
  largeBytes: number
  /** Maximum number of large bodies that are received at the same time. Each may have the body limit of its route. */
  maxLarge: number
  /** A body that has not arrived within this time is abandoned. */
  timeoutMs: number
  /**
   * Maximum number of failed requests from one IP address within `failureWindowSeconds`; above it, bodies from that address are
   * no longer received.
   */
  maxFailed: number
  /** Several times `timeoutMs`; otherwise the window would end before slow bodies are counted. */
  failureWindowSeconds: number
}

interface OpenBody {
  address: string
  isLarge: boolean
  /** Stops receiving the body, with an error. */
  abort: (error: ApiError) => void
}

/** The bodies that are being received. */
const createOpenBodies = ({ maxTotal, maxPerAddress, maxLarge }: UnverifiedBodyLimits) => {
  // A Set iterates in insertion order: the body that has been open longest is first.
  const [open, openLarge] = [new Set<OpenBody>(), new Set<OpenBody>()]
  const countOf = (address: string): number => [...open, ...openLarge].filter((body) => body.address === address).length
  return {
    /**
     * Adds a body. If there is no room left, it replaces the one that has been open longest: a legitimate body arrives within milliseconds. Large
     * bodies replace none: what a replaced body has already sent stays in memory until the next garbage collection.
     */
    add: (body: OpenBody): void => {
      if (countOf(body.address) >= maxPerAddress) throw new ApiError('overloaded')
      if (body.isLarge) {
        if (openLarge.size >= maxLarge) throw new ApiError('overloaded')
        openLarge.add(body)
        return
      }
      const [oldest] = open.size < maxTotal ? [] : open
      oldest?.abort(new ApiError('overloaded'))
      open.add(body)
    },
    /** Returns false if the body was not open. */
    remove: (body: OpenBody): boolean => open.delete(body) || openLarge.delete(body),
  }
}

/**
 * Bounds what unknown senders can send before a signature is verified: bodies count against their IP address and against a total before they are
 * buffered. A body that does not arrive counts as a failed request from its address. The returned function counts a request that failed for another reason.
 */
export const limitUnverifiedBodies = (
  app: FastifyInstance,
  limits: UnverifiedBodyLimits,
): ((request: FastifyRequest) => void) => {
  const openBodies = createOpenBodies(limits)
  const failed = new RateLimiterMemory({ points: limits.maxFailed, duration: limits.failureWindowSeconds })
  const countFailed = (address: string): void => void failed.consume(address).catch(() => undefined)
  const onReceived = new WeakMap<FastifyRequest, () => void>()

  const receive = (request: FastifyRequest, reply: FastifyReply): void => {
    const abort = (error: ApiError): void => {
      endFailed()
      sendProblem(error, request, reply)
    }
    const isLarge = !(Number(request.headers['content-length']) <= limits.largeBytes)
    const body: OpenBody = { address: addressKey(request.ip), isLarge, abort }
    const end = (): boolean => {
      clearTimeout(timer)
      return openBodies.remove(body)
    }
    const endFailed = (): void => {
      if (end()) countFailed(body.address)
    }
    openBodies.add(body)
    const timer = setTimeout(() => abort(new ApiError('request_timeout')), limits.timeoutMs)
    onReceived.set(request, end)
    // The response always emits 'close'. The request does not, if the response was sent before the whole body had arrived.
    reply.raw.once('close', endFailed)
  }

  app.addHook('onRequest', async (request, reply) => {
    // A response that is sent before the whole body has arrived ends the connection; otherwise the rest of the body would still be received.
    reply.header('connection', 'close')
    const failures = await failed.get(addressKey(request.ip))
    if (failures && failures.remainingPoints <= 0) throw new ApiError('rate_limited')
    receive(request, reply)
  })
  app.addHook('preValidation', (request, reply, done) => {
    onReceived.get(request)?.()
    reply.removeHeader('connection')
    done()
  })
  return (request) => countFailed(addressKey(request.ip))
}
