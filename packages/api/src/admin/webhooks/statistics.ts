import { z } from 'zod'
import { ApiError } from '../../errors.ts'
import { scopedProcedure } from '../../trpc.ts'
import { Time, Timestamp } from '../../values.ts'
import { DeliveryEndpointId } from './item.ts'

const maxPeriods = 1_000
const expectedStep = 'Expected a whole number of seconds from 1 to 86400'

/** An endpoint's attempts and response times over time. */
export const statistics = scopedProcedure('webhooks:write')
  .meta({
    rest: {
      method: 'GET',
      path: '/admin/v1/pay-to-view/webhook-endpoints/{id}/statistics',
      summary: 'Get the attempts and response times of a webhook endpoint over time',
      tag: 'admin',
      errors: ['webhook_endpoint_not_found'],
    },
  })
  .input(
    z.strictObject({
      id: DeliveryEndpointId,
      from: Timestamp,
      stepSeconds: z.int(expectedStep).min(1, expectedStep).max(86_400, expectedStep).default(3_600),
    }),
  )
  .output(
    z.object({
      items: z.array(
        z.object({
          from: Time,
          succeeded: z.int(),
          failed: z.int(),
          p50: z.number().nullable().meta({ description: 'Median duration of an attempt, in milliseconds' }),
          p95: z.number().nullable(),
        }),
      ),
    }),
  )
  .query(async ({ ctx, input: { id, from, stepSeconds } }) => {
    const since = new Date(from)
    if (Date.now() - since.getTime() > maxPeriods * stepSeconds * 1_000)
      throw new ApiError('validation', {
        field: 'stepSeconds',
        message: `Expected at most ${maxPeriods} periods between \`from\` and now`,
      })
    const { reads } = ctx.services
    if (!(await reads.webhookEndpoint(id))) throw new ApiError('webhook_endpoint_not_found', { field: 'id' })
    const rows = await reads.deliveryStatistics(id, { from: since, stepSeconds })
    return { items: rows.map((row) => ({ ...row, from: row.from.toISOString() })) }
  })
