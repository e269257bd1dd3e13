import type { Reads } from '@pay-to-view/db'
import { initTRPC, TRPCError } from '@trpc/server'
import type { OpenApiMeta } from 'trpc-to-openapi'
import type { OperatorCommands } from './admin/commands.ts'
import type { LinksOf } from './admin/links.ts'
import type { User } from './auth.ts'
import { classify } from './classify.ts'
import { ApiError, errors, problemOf } from './errors.ts'
import type { PurchaseCommands } from './purchases/commands.ts'

export interface Context {
  user: User | null
  requestId: string
  reads: Reads
  purchases: PurchaseCommands
  operator: OperatorCommands
  linksOf: LinksOf
}

const t = initTRPC
  .context<Context>()
  .meta<OpenApiMeta>()
  .create({
    // The same problem that REST tells, beside tRPC's own fields.
    errorFormatter: ({ shape, error, ctx }) => {
      const problem = problemOf(classify(error), ctx?.requestId ?? '')
      return {
        ...shape,
        message: problem.title,
        data: { code: shape.data.code, httpStatus: problem.status, path: shape.data.path, problem },
      }
    },
  })

/** Gives an error of ours tRPC's code, which sets the HTTP status of /trpc. */
const toTrpc = (error: ApiError): TRPCError =>
  new TRPCError({ code: errors[error.code][1], message: error.message, cause: error })

const telling = t.middleware(async ({ next }) => {
  const result = await next()
  if (result.ok) return result
  if (result.error.code === 'BAD_REQUEST' || result.error.cause === undefined) return result
  throw toTrpc(classify(result.error))
})

export const { router, createCallerFactory } = t

export const publicProcedure = t.procedure.use(telling)

export const userProcedure = publicProcedure.use(({ ctx, next }) => {
  if (!ctx.user) throw toTrpc(new ApiError('unauthorized'))
  return next({ ctx: { ...ctx, user: ctx.user } })
})

export const adminProcedure = userProcedure.use(({ ctx, next }) => {
  if (!ctx.user.admin) throw toTrpc(new ApiError('forbidden'))
  return next()
})
