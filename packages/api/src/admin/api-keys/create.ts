import { z } from 'zod'
import { IdempotencyKey } from '../../idempotency-key.ts'
import { text } from '../../text.ts'
import { adminProcedure } from '../../trpc.ts'
import { Timestamp } from '../../values.ts'
import { apiKeyItem, Scope, toApiKeyItem } from './item.ts'

const maxRateLimit = 1_000_000

export const newApiKey = z.strictObject({
  name: text(200, 'Expected a name').trim().min(1, 'Expected a name'),
  scopes: z.array(Scope, 'Expected a list of scopes').min(1, 'Expected at least one scope').max(50, 'Expected at most 50 scopes'),
  expiresAt: Timestamp.nullable().default(null).meta({ description: 'In the future; null for a key that does not expire' }),
  rateLimit: z
    .int('Expected a whole number of calls')
    .min(1, 'Expected at least 1')
    .max(maxRateLimit, `Expected at most ${maxRateLimit}`)
    .nullable()
    .default(null)
    .meta({ description: "Maximum number of calls in 10 seconds, per server; null for the server's default (RATE_LIMIT_KEY)" }),
  idempotencyKey: IdempotencyKey.optional(),
})

/** Creates an API key. Only this response contains the secret. */
export const create = adminProcedure
  .meta({
    rest: {
      method: 'POST',
      path: '/admin/v1/pay-to-view/api-keys',
      summary: 'Create an API key',
      tag: 'admin',
      statuses: [201],
      headers: { idempotencyKey: 'Idempotency-Key' },
      errors: ['idempotency_conflict'],
    },
  })
  .input(newApiKey)
  .output(
    apiKeyItem.extend({
      key: z.string().optional().meta({
        description: 'The secret, shown only once: repeating the request with the same Idempotency-Key does not return it',
        example: 'ptvk_…',
      }),
    }),
  )
  .mutation(async ({ ctx, input: { expiresAt, idempotencyKey = null, ...fields } }) => {
    const { apiKey, secret } = await ctx.services.operator.createApiKey({
      ...fields,
      expiresAt: expiresAt === null ? null : new Date(expiresAt),
      createdBy: ctx.user.id,
      idempotencyKey,
    })
    return { ...toApiKeyItem(apiKey), ...(secret !== null && { key: secret }) }
  })
