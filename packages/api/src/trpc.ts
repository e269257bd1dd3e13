import type { Reads } from '@pay-to-view/db'
import { initTRPC } from '@trpc/server'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import type { Playback } from './access/playback.ts'
import type { AccessChanges } from './access/stream-access.ts'
import type { OperatorCommands } from './admin/commands.ts'
import type { BuildLinks } from './admin/links.ts'
import type { User } from './auth/authenticator.ts'
import { ApiError, errors, type Problem, toProblem } from './errors.ts'
import type { PurchaseCommands } from './purchases/commands/types.ts'
import type { RestMeta } from './rest-meta.ts'
import { toApiError } from './to-api-error.ts'

export interface OpenStream {
  /** Runs a read with a limit across all streams: when all of them read at once, few database connections are used. */
  read: <T>(read: () => Promise<T>) => Promise<T>
  close: () => void
}

/**
 * The lane of a call, by the service that it waits for. Calls that wait for Stripe or Temporal (`creates` of users, `commands` of admins)
 * have limits of their own, so that a slow Stripe does not delay `reads`, which wait for Postgres only.
 */
export type CallLane = 'reads' | 'creates' | 'commands'

/** The dependencies of the procedures, shared by all calls. */
export interface Services {
  reads: Reads
  purchases: PurchaseCommands
  operator: OperatorCommands
  buildLinks: BuildLinks
  accessChanges: AccessChanges
  /** Null if no playback keys are configured. */
  playback: Playback | null
  /** Runs a call within the rate limit of its user and the concurrency limit of its lane. Rejects with `rate_limited` or `overloaded` without running it. */
  withLimit: <T>(lane: CallLane, user: User | null, call: () => Promise<T>) => Promise<T>
  /** Counts an event stream as open until it is closed. Throws `too_many_connections` or `overloaded`. */
  openStream: (userId: string) => OpenStream
  /** Aborted when the server stops. */
  stopping: AbortSignal
}

/** The context of one call. tRPC copies it, so it stays small. */
export interface Context {
  user: User | null
  requestId: string
  services: Services
}

/** tRPC's error shape with the problem in `data.problem`. `httpStatus` is also the status of the response. */
export const trpcErrorShape = (problem: Problem, path?: string) => {
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
    errorFormatter: ({ shape, error, ctx }) =>
      trpcErrorShape(toProblem(toApiError(error), ctx?.requestId ?? ''), shape.data.path),
    // Detects dead connections: the server when a ping cannot be sent, the client when none arrives.
    sse: { ping: { enabled: true, intervalMs: 10_000 }, client: { reconnectAfterInactivityMs: 30_000 } },
  })

export const { router, createCallerFactory } = t

// Each procedure has a single middleware: tRPC copies the call for every middleware, which costs more than these checks.

/** For all callers. Each procedure of a batch counts as one call; a stream counts while it starts, not while it is open. */
export const publicProcedure = t.procedure.use(({ ctx: { user, services }, next }) => services.withLimit('reads', user, next))

/** For users. A call without a user is rejected before it counts against a limit. */
const forUsers = (lane: CallLane) =>
  t.procedure.use(({ ctx: { user, services }, next }) => {
    if (!user) throw new ApiError('unauthorized')
    return services.withLimit(lane, user, () => next({ ctx: { user } }))
  })

/** For users, reads Postgres only. */
export const userProcedure = forUsers('reads')

/** For users, waits for Stripe and Temporal. */
export const createProcedure = forUsers('creates')

/** For admins. A call of another user counts against the limits before it is rejected, to slow down guessing. */
const forAdmins = (lane: CallLane) =>
  t.procedure.use(({ ctx: { user, services }, next }) => {
    if (!user) throw new ApiError('unauthorized')
    return services.withLimit(lane, user, async () => {
      if (!user.admin) throw new ApiError('forbidden')
      return next({ ctx: { user } })
    })
  })

/** For admins, reads or writes Postgres only. */
export const adminProcedure = forAdmins('reads')

/** For admins, waits for Stripe and Temporal. */
export const adminCommandProcedure = forAdmins('commands')
