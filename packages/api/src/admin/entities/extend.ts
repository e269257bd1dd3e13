import type { JobWithCounts, Reads } from '@pay-to-view/db'
import { maxAccessDays } from '@pay-to-view/purchase'
import { z } from 'zod'
import { ApiError } from '../../errors.ts'
import { IdempotencyKey } from '../../idempotency-key.ts'
import { EntityId } from '../../purchases/schemas.ts'
import { scopedProcedure } from '../../trpc.ts'
import { generatedId } from '../../values.ts'
import { GrantReason } from '../grants/item.ts'
import { jobProgress, toJobProgress } from './job-items.ts'

const expectedDays = `Expected a whole number of days from 1 to ${maxAccessDays}`
const ExtensionId = generatedId('Expected the id of an extension: job_…')

const extensionProgress = z.object({
  extensionId: ExtensionId,
  entityId: EntityId,
  days: z.int(),
  ...jobProgress,
  extended: z.int(),
  unchanged: z
    .int()
    .meta({ description: 'Permanent grants, grants with the maximum length, and grants that were revoked in the meantime' }),
  location: z.string().meta({ description: 'The path that returns the progress' }),
})

const toExtension = (extension: JobWithCounts): z.infer<typeof extensionProgress> => {
  const { id, entityId, days } = extension.job
  const { extended = 0, unchanged = 0 } = extension.counts.byOutcome
  return {
    ...{ extensionId: id, entityId, days: days ?? 0, extended, unchanged },
    ...toJobProgress(extension),
    location: `/admin/v1/pay-to-view/entities/${encodeURIComponent(entityId)}/extensions/${id}`,
  }
}

const requireExtension = async (reads: Reads, entityId: string, id: string): Promise<JobWithCounts> => {
  const found = await reads.extension(entityId, id)
  if (!found) throw new ApiError('extension_not_found', { field: 'extensionId' })
  return found
}

/** Extends the access of everyone who has access to an entity now. A job extends the grants one by one. */
export const extend = scopedProcedure('grants:write', 'commands')
  .meta({
    rest: {
      method: 'POST',
      path: '/admin/v1/pay-to-view/entities/{id}/extend',
      summary: 'Extend all active access to an entity',
      tag: 'admin',
      statuses: [202],
      headers: { idempotencyKey: 'Idempotency-Key' },
      errors: ['entity_not_found', 'idempotency_conflict'],
    },
  })
  .input(
    z.strictObject({
      id: EntityId,
      days: z.int(expectedDays).min(1, expectedDays).max(maxAccessDays, expectedDays),
      reason: GrantReason,
      idempotencyKey: IdempotencyKey.optional(),
    }),
  )
  .output(extensionProgress)
  .mutation(async ({ ctx, input: { id: entityId, idempotencyKey = null, ...request } }) => {
    const job = await ctx.services.operator.extendEntity({ entityId, idempotencyKey, ...request, actor: ctx.user.id })
    return toExtension(await requireExtension(ctx.services.reads, entityId, job.id))
  })

export const extension = scopedProcedure('grants:write')
  .meta({
    rest: {
      method: 'GET',
      path: '/admin/v1/pay-to-view/entities/{id}/extensions/{extensionId}',
      summary: 'Get the progress of an extension',
      tag: 'admin',
      errors: ['extension_not_found'],
    },
  })
  .input(z.strictObject({ id: EntityId, extensionId: ExtensionId }))
  .output(extensionProgress)
  .query(async ({ ctx, input: { id, extensionId } }) => toExtension(await requireExtension(ctx.services.reads, id, extensionId)))

/** An entity's latest extensions, for the back office. */
export const extensions = scopedProcedure('grants:write')
  .input(z.strictObject({ id: EntityId }))
  .output(z.object({ items: z.array(extensionProgress) }))
  .query(async ({ ctx, input: { id } }) => ({ items: (await ctx.services.reads.extensions(id, 5)).map(toExtension) }))
