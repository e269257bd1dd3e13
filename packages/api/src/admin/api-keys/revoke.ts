import { z } from 'zod'
import { adminProcedure } from '../../trpc.ts'
import { ApiKeyId } from './item.ts'

/** Revokes an API key. It stops working within 5 seconds on every server. */
export const revoke = adminProcedure
  .meta({
    rest: {
      method: 'DELETE',
      path: '/admin/v1/pay-to-view/api-keys/{id}',
      summary: 'Revoke an API key',
      tag: 'admin',
      statuses: [204],
      errors: ['api_key_not_found'],
    },
  })
  .input(z.strictObject({ id: ApiKeyId }))
  .output(z.object({ success: z.literal(true) }))
  .mutation(async ({ ctx, input: { id } }) => {
    await ctx.services.operator.revokeApiKey(id, ctx.user.id)
    return { success: true as const }
  })
