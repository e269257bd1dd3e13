import type { JobWithCounts, Reads } from '@pay-to-view/db'
import { z } from 'zod'
import { pageInput, pageOf, readCursor, toPage } from '../../cursor.ts'
import { ApiError } from '../../errors.ts'
import { EntityId } from '../../purchases/schemas.ts'
import { scopedProcedure } from '../../trpc.ts'
import { GrantReason } from '../grants/item.ts'
import { jobItem, jobOutcomes, jobProgress, toJobItem, toJobProgress } from './job-items.ts'

const path = '/admin/v1/pay-to-view/entities/{id}/cancel' as const

const cancellationProgress = z.object({
  entityId: EntityId,
  ...jobProgress,
  waiting: z.int().meta({ description: 'Delayed payments that are processing' }),
  refunded: z.int(),
  takenBack: z.int().meta({ description: 'Free orders' }),
  revoked: z.int().meta({ description: 'Complimentary and imported grants' }),
  closedCheckouts: z.int(),
  unchanged: z.int().meta({ description: 'Grants that had already ended' }),
  skipped: z
    .object({ disputed: z.int(), chargedBack: z.int(), alreadyRefunded: z.int(), containerBuyers: z.int() })
    .meta({ description: 'Purchases that are not refunded. Buyers of containers are not included in `total`' }),
  location: z.string().meta({ description: 'The path that returns the progress' }),
})

const toCancellation = (cancellation: JobWithCounts): z.infer<typeof cancellationProgress> => {
  const { byOutcome, skippedBy, waiting } = cancellation.counts
  const { entityId } = cancellation.job
  return {
    entityId,
    ...toJobProgress(cancellation),
    waiting,
    refunded: byOutcome.refunded ?? 0,
    takenBack: byOutcome.taken_back ?? 0,
    revoked: byOutcome.revoked ?? 0,
    closedCheckouts: byOutcome.closed ?? 0,
    unchanged: byOutcome.unchanged ?? 0,
    skipped: {
      disputed: skippedBy.disputed ?? 0,
      chargedBack: skippedBy.charged_back ?? 0,
      alreadyRefunded: skippedBy.already_refunded ?? 0,
      containerBuyers: skippedBy.container_buyer ?? 0,
    },
    location: path.replace('{id}', encodeURIComponent(entityId)),
  }
}

const requireCancellation = async (reads: Reads, entityId: string): Promise<JobWithCounts> => {
  const found = await reads.cancellation(entityId)
  if (!found) throw new ApiError('cancellation_not_found', { field: 'id' })
  return found
}

/** Cancels an entity: the sale ends, open checkouts are closed, and a workflow refunds the buyers. A repeated call returns the progress. */
export const cancel = scopedProcedure('refunds:write', 'commands')
  .meta({
    rest: {
      ...{ method: 'POST', path, summary: 'Cancel an entity and refund its buyers', tag: 'admin', statuses: [202] },
      errors: ['entity_not_found'],
    },
  })
  .input(z.strictObject({ id: EntityId, reason: GrantReason }))
  .output(cancellationProgress)
  .mutation(async ({ ctx, input: { id: entityId, reason } }) => {
    await ctx.services.operator.cancelEntity({ entityId, reason, actor: ctx.user.id })
    return toCancellation(await requireCancellation(ctx.services.reads, entityId))
  })

export const cancellation = scopedProcedure('refunds:write')
  .meta({
    rest: {
      ...{ method: 'GET', path, summary: 'Get the progress of a cancellation', tag: 'admin' },
      errors: ['cancellation_not_found'],
    },
  })
  .input(z.strictObject({ id: EntityId }))
  .output(cancellationProgress)
  .query(async ({ ctx, input: { id } }) => toCancellation(await requireCancellation(ctx.services.reads, id)))

/** A cancellation's purchases and grants that have a given outcome, such as a failure, each with the reason. */
export const cancellationItems = scopedProcedure('refunds:write')
  .meta({
    rest: {
      ...{ method: 'GET', path: `${path}/items`, summary: 'List the purchases and grants of a cancellation', tag: 'admin' },
      errors: ['cancellation_not_found'],
    },
  })
  .input(
    z.strictObject({
      ...pageInput,
      id: EntityId,
      outcome: z.enum(jobOutcomes, `Expected one of ${jobOutcomes.join(', ')}`).default('failed'),
    }),
  )
  .output(pageOf(jobItem))
  .query(async ({ ctx, input: { id, outcome, limit, cursor } }) => {
    const { job } = await requireCancellation(ctx.services.reads, id)
    const [after = null] = readCursor(cursor, z.tuple([z.string()])) ?? []
    const rows = await ctx.services.reads.jobItems({ jobId: job.id, outcome, after, limit: limit + 1 })
    return toPage(rows, limit, ({ subjectId }) => [subjectId], toJobItem)
  })

/** Pauses a cancellation within seconds. The entity still cannot be bought. */
export const pauseCancellation = scopedProcedure('refunds:write', 'commands')
  .meta({
    rest: {
      ...{ method: 'POST', path: `${path}/pause`, summary: 'Pause a cancellation', tag: 'admin', statuses: [202] },
      errors: ['cancellation_not_found'],
    },
  })
  .input(z.strictObject({ id: EntityId }))
  .output(cancellationProgress)
  .mutation(async ({ ctx, input: { id } }) => {
    await ctx.services.operator.setCancellationPaused(id, true, ctx.user.id)
    return toCancellation(await requireCancellation(ctx.services.reads, id))
  })

export const resumeCancellation = scopedProcedure('refunds:write', 'commands')
  .meta({
    rest: {
      ...{ method: 'POST', path: `${path}/resume`, summary: 'Resume a cancellation', tag: 'admin', statuses: [202] },
      errors: ['cancellation_not_found'],
    },
  })
  .input(z.strictObject({ id: EntityId }))
  .output(cancellationProgress)
  .mutation(async ({ ctx, input: { id } }) => {
    await ctx.services.operator.setCancellationPaused(id, false, ctx.user.id)
    return toCancellation(await requireCancellation(ctx.services.reads, id))
  })
