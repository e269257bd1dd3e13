import type { Reads } from '@pay-to-view/db'
import { initTRPC } from '@trpc/server'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import type { AccessChanges } from './access/follow.ts'
import type { Playback } from './access/playback.ts'
import type { OperatorCommands } from './admin/commands.ts'
import type { LinksOf } from './admin/links.ts'
import type { User } from './auth.ts'
import { classify } from './classify.ts'
import { ApiError, errors, type Problem, problemOf } from './errors.ts'
import type { PurchaseCommands } from './purchases/commands.ts'
import type { RestMeta } from './rest-meta.ts'

export interface OpenStream {
  /** Reads when the turn of its stream comes: a hint to all of them at once takes few connections of the database. */
  read: <T>(read: () => Promise<T>) => Promise<T>
  close: () => void
}

/** What procedures work with, the same for all calls. */
export interface Services {
  reads: Reads
  purchases: PurchaseCommands
  operator: OperatorCommands
  linksOf: LinksOf
  accessHints: AccessChanges
  /** Null: this server has no keys for it. */
  playback: Playback | null
  /** Does a call when its turn comes. Rejects, and does nothing, with `rate_limited` or `overloaded`. */
  inTurn: <T>(user: User | null, call: () => Promise<T>) => Promise<T>
  /** Counts an event stream of a user's as open until it is closed. Throws `too_many_streams` or `overloaded`. */
  openStream: (userId: string) => OpenStream
  /** Aborted when the server stops. */
  stopping: AbortSignal
}

/** Of one call. Small: tRPC copies it. */
export interface Context {
  user: User | null
  requestId: string
  services: Services
}

/** A problem as tRPC's clients read it, beside tRPC's own fields. `httpStatus` is also the status of the answer. */
export const shapeOf = (problem: Problem, path?: string) => {
  const code = errors[problem.code][1]
  return {
    message: problem.title,
    code: TRPC_ERROR_CODES_BY_KEY[code],
    data: { code, httpStatus: problem.status, path, problem },
  }
}

const t = initTRPC
  .context<Context>()
  .meta<RestMeta>()
  .create({
    errorFormatter: ({ shape, error, ctx }) => shapeOf(problemOf(classify(error), ctx?.requestId ?? ''), shape.data.path),
    // A connection that died without a word is noticed: by the server when a ping cannot be sent, by the client when none comes.
    sse: { ping: { enabled: true, intervalMs: 10_000 }, client: { reconnectAfterInactivityMs: 30_000 } },
  })

export const { router, createCallerFactory } = t

// Each is one middleware: tRPC copies the call for every middleware, which costs more than what one of these does.

/**
 * For everybody. Each procedure of a batch takes a turn of its own; a stream has its turn when it begins, not as long as it lasts.
 */
export const publicProcedure = t.procedure.use(({ ctx: { user, services }, next }) => services.inTurn(user, next))

/** For users. Who is none is refused without a turn. */
export const userProcedure = t.procedure.use(({ ctx: { user, services }, next }) => {
  if (!user) throw new ApiError('unauthorized')
  return services.inTurn(user, () => next({ ctx: { user } }))
})

/** For admins. A user who is none is counted before that is said: whoever guesses is slowed down. */
export const adminProcedure = t.procedure.use(({ ctx: { user, services }, next }) => {
  if (!user) throw new ApiError('unauthorized')
  return services.inTurn(user, async () => {
    if (!user.admin) throw new ApiError('forbidden')
    return next({ ctx: { user } })
  })
})
