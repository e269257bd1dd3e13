import { ApiError } from '@pay-to-view/api'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { sendProblem } from './problems.ts'
import { addressKey } from './rate-limiter.ts'

export interface UnverifiedBodyLimits {
  /** Maximum number of bodies of up to `largeBytes` that are received at the same time. */
  maxTotal: number
  /** Maximum number of bodies that are received from one IP address at the same time. */
  maxPerAddress: number
  /** A body is large if it is longer than this, or if the request does not declare its length. Stripe's events are usually a few kilobytes long. */
  largeBytes: number
  /** Maximum number of large bodies that are received at the same time. Each large body may be as long as its route's body limit. */
  maxLarge: number
  /** A body that has not arrived within this time is abandoned. */
  timeoutMs: number
  /**
   * Maximum number of failed requests from one IP address within `failureWindowSeconds`. After that, bodies from this address are no longer
   * received.
   */
  maxFailed: number
  /** Must be several times `timeoutMs`, because the window would otherwise end before slow bodies are counted. */
  failureWindowSeconds: number
}

interface OpenBody {
  address: string
  isLarge: boolean
  /** Stops receiving the body and fails the request with an error. */
  abort: (error: ApiError) => void
}

/** Tracks the bodies that are being received. */
const createOpenBodies = ({ maxTotal, maxPerAddress, maxLarge }: UnverifiedBodyLimits) => {
  // A Set iterates in insertion order, so the oldest body comes first.
  const [open, openLarge] = [new Set<OpenBody>(), new Set<OpenBody>()]
  const countOf = (address: string): number => [...open, ...openLarge].filter((body) => body.address === address).length
  return {
    /**
     * Adds a body. If `maxTotal` is reached, the new body replaces the oldest body, because a legitimate body arrives within milliseconds.
     * Large bodies do not replace other bodies, because the received part of a replaced body stays in memory until the next garbage
     * collection.
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
    /** Removes a body. Returns false if the body has already been removed. */
    remove: (body: OpenBody): boolean => open.delete(body) || openLarge.delete(body),
  }
}

/**
 * Limits what unknown senders can send before the signature is verified. Before a body is buffered, it counts against its IP address's
 * limit and against the total limit. A body that does not arrive counts as a failed request from its address. The returned function counts
 * a request that failed for another reason.
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
    // The response always emits 'close'. The request does not emit 'close' if the response was sent before the whole body had arrived.
    reply.raw.once('close', endFailed)
  }

  app.addHook('onRequest', async (request, reply) => {
    // Closes the connection after the response, so that the rest of a body is not received if the response is sent early.
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
