import { ApiError, type PurchaseCommands } from '@pay-to-view/api'
import { RateLimiterMemory } from 'rate-limiter-flexible'

const windowSeconds = 600
/** A user who exceeds the limit may try one code per interval of this length. This is also the longest `Retry-After`. */
const retrySeconds = 60

/**
 * Limits the rejected promotion codes of each user, in this process: `limit` in 10 minutes, then one per minute. This prevents users from
 * guessing codes, and limits the Stripe calls that guessing causes. Create calls without a code are not limited. A limit of 0 means that
 * codes are not limited.
 */
export const limitRejectedCodes = (create: PurchaseCommands['create'], limit: number): PurchaseCommands['create'] => {
  if (limit === 0) return create
  const perWindow = new RateLimiterMemory({ points: limit, duration: windowSeconds })
  const perMinute = new RateLimiterMemory({ points: 1, duration: retrySeconds })

  const requireAttempt = async (userId: string): Promise<void> => {
    const [used, lately] = await Promise.all([perWindow.get(userId), perMinute.get(userId)])
    if (!used || used.remainingPoints > 0 || !lately || lately.remainingPoints > 0) return
    const retryAfterSeconds = Math.max(1, Math.ceil(Math.min(used.msBeforeNext, lately.msBeforeNext) / 1_000))
    throw new ApiError('rate_limited', {
      field: 'promotionCode',
      message: `Too many promotion codes were rejected. Try again in ${retryAfterSeconds} ${retryAfterSeconds === 1 ? 'second' : 'seconds'}, or omit the code`,
      retryAfterSeconds,
    })
  }

  const countRejection = async (userId: string): Promise<void> => {
    await perWindow.consume(userId).catch(() => perMinute.consume(userId).catch(() => undefined))
  }

  return async (input, user) => {
    if (input.promotionCode === undefined) return create(input, user)
    await requireAttempt(user.id)
    try {
      return await create(input, user)
    } catch (error) {
      if (error instanceof ApiError && error.code === 'promotion_code_invalid') await countRejection(user.id)
      throw error
    }
  }
}
