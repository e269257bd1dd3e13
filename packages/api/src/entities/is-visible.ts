import type { EntityFields } from '@pay-to-view/db'
import { readAccess } from '../access/state.ts'
import type { Context } from '../trpc.ts'

/** Whether the caller may see the entity. Only users who have access to an entity see it while it is not published. */
export const isVisible = async (ctx: Context, { id, status }: EntityFields): Promise<boolean> => {
  if (status === 'published') return true
  ctx.setPrivate?.()
  const [state] = ctx.user ? await readAccess(ctx.services, ctx.user.id, [id]) : []
  return state?.hasAccess === true
}
