import type { ApiKeyScope, Reads } from '@pay-to-view/db'
import type { ConsentTerms } from '@pay-to-view/purchase'
import { initTRPC } from '@trpc/server'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import type { AccessCommands } from './access/commands.ts'
import type { Playback } from './access/playback.ts'
import type { AccessChanges } from './access/stream-access.ts'
import type { OperatorCommands } from './admin/commands.ts'
import type { BuildLinks } from './admin/links.ts'
import type { User } from './auth/authenticator.ts'
import { errors } from './error-table.ts'
import { ApiError, type Problem, type TrpcErrorShape, toProblem } from './errors.ts'
import type { PlaybackSessions } from './playback/sessions.ts'
import type { RequestOrigin } from './playback/viewer.ts'
import type { PurchaseCommands } from './purchases/commands/types.ts'
import type { RestMeta, SuccessStatus } from './rest-meta.ts'
import { toApiError } from './to-api-error.ts'

export interface OpenStream {
  /** Runs a read under a concurrency limit shared by all streams, so simultaneous reads use few database connections. */
  read: <T>(read: () => Promise<T>) => Promise<T>
  /** The maximum delay before a read that many streams make at the same moment. It grows with the number of open streams. */
  maxJitterMs: () => number
  close: () => void
}

/**
 * A call's lane depends on the service that the call waits for. Calls that wait for Stripe or Temporal (`creates` of users, `commands` of
 * admins) have their own limits, so that a slow Stripe does not delay `reads`, which wait for Postgres only. Writes to the `catalog` have
 * their own limits too: they wait for the catalog lock and hold a database connection in the meantime. Public `lists` can keep the CPU busy
 * for milliseconds, so only a few run concurrently, and access checks run between them.
 */
export type CallLane = 'reads' | 'lists' | 'creates' | 'commands' | 'catalog'

/** The site's backend, which calls with an API key instead of a user's token. */
export interface ApiKeyCaller {
  /** The key's id in the audit log: `key_…`. */
  id: string
  scopes: readonly ApiKeyScope[]
  /** The number of calls allowed per rate window; null uses the server's default. */
  rateLimit: number | null
}

/** The caller that a procedure acts for, identified by the id of a user, an admin or an API key. */
export interface Actor {
  id: string
}

/** The dependencies of the procedures, shared by all calls. */
export interface Services {
  reads: Reads
  access: AccessCommands
  purchases: PurchaseCommands
  operator: OperatorCommands
  buildLinks: BuildLinks
  accessChanges: AccessChanges
  /** Whether AUTOMATIC_TAX is on. If not, no tax is calculated, whatever the product's tax behavior is. */
  automaticTax: boolean
  /** The consent that buyers must give before a payment (CONSENT=eu); null if no consent is required. */
  consent: ConsentTerms | null
  /** Null if no playback keys are configured. */
  playback: Playback | null
  playbackSessions: PlaybackSessions
  /**
   * Runs a call within the rate limit of its caller and the concurrency limit of its lane. If a limit is exceeded, rejects with
   * `rate_limited` or `overloaded` instead.
   */
  withLimit: <T>(lane: CallLane, caller: User | ApiKeyCaller | null, call: () => Promise<T>) => Promise<T>
  /** Counts an event stream as open until it is closed. Throws `too_many_connections` or `overloaded`. */
  openStream: (userId: string) => OpenStream
  /** Aborted when the server stops. */
  stopping: AbortSignal
}

/** The context of one call. tRPC copies the context, so it must stay small. */
export interface Context {
  /** The user that the token identifies. Null for a call without a token or with an API key. */
  user: User | null
  apiKey: ApiKeyCaller | null
  requestId: string
  origin: RequestOrigin
  /** The preferred language from Accept-Language; null if the header names none. */
  language?: string | null
  services: Services
  /** Sets a status other than the first one in the path's `statuses`. Not available over tRPC. */
  setStatus?: (status: SuccessStatus) => void
  /**
   * Marks a public path's response as dependent on the caller, so that no cache stores it. Not available over tRPC, whose responses are
   * never stored.
   */
  setPrivate?: () => void
}

export const trpcErrorShape = (problem: Problem, path?: string): TrpcErrorShape => {
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
    // Detects dead connections: the server notices when it cannot send a ping, and the client notices when no ping arrives.
    sse: { ping: { enabled: true, intervalMs: 10_000 }, client: { reconnectAfterInactivityMs: 30_000 } },
  })

export const { router, createCallerFactory } = t

// Each procedure has only one middleware, because tRPC copies the call for every middleware, which costs more than the checks below.

const forEveryone = (lane: CallLane) =>
  t.procedure.use(({ ctx: { user, apiKey, services }, next }) => services.withLimit(lane, apiKey ?? user, next))

/** Procedure for all callers. Each procedure of a batch counts as one call; an event stream counts only until it has started. */
export const publicProcedure = forEveryone('reads')

/** Procedure for all callers that returns a page of up to 200 items. */
export const publicListProcedure = forEveryone('lists')

/** Procedure for users. A call without a token or an API key is rejected before it counts against a limit. */
const forUsers = (lane: CallLane) =>
  t.procedure.use(({ ctx: { user, apiKey, services }, next }) => {
    if (apiKey) return services.withLimit(lane, apiKey, async () => Promise.reject(new ApiError('user_token_required')))
    if (!user) throw new ApiError('unauthorized')
    return services.withLimit(lane, user, () => next({ ctx: { user } }))
  })

/** For users; reads or writes only Postgres. */
export const userProcedure = forUsers('reads')

/** For users; waits for Stripe and Temporal. */
export const createProcedure = forUsers('creates')

/** Rejects a caller that is neither an admin nor an API key with the scope. Without a scope, every API key is rejected. */
const requirePermission = ({ user, apiKey }: Context, scope: ApiKeyScope | undefined): void => {
  if (!apiKey) {
    if (!user?.admin) throw new ApiError('forbidden')
    return
  }
  if (scope === undefined) throw new ApiError('admin_token_required')
  if (apiKey.scopes.includes(scope)) return
  throw new ApiError('scope_missing', { field: 'scope', message: `Expected an API key with the ${scope} scope` })
}

/** A call that is not permitted also counts against the limits, which slows down repeated attempts. */
const forOperators = (lane: CallLane, scope?: ApiKeyScope) =>
  t.procedure.meta({ operator: { scope } }).use(({ ctx, next }) => {
    const caller = ctx.apiKey ?? ctx.user
    if (!caller) throw new ApiError('unauthorized')
    return ctx.services.withLimit(lane, caller, async () => {
      requirePermission(ctx, scope)
      const actor: Actor = { id: caller.id }
      return next({ ctx: { user: actor } })
    })
  })

/** For admins; reads or writes only Postgres. */
export const adminProcedure = forOperators('reads')

/**
 * For admins and for API keys with the scope. A procedure that waits for Stripe or Temporal uses the `commands` lane; a procedure that
 * writes the catalog uses `catalog`.
 */
export const scopedProcedure = (scope: ApiKeyScope, lane: CallLane = 'reads') => forOperators(lane, scope)
