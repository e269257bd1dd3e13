import type { EntityJobOutcome, JobItemRow, JobWithCounts } from '@pay-to-view/db'
import { z } from 'zod'
import { PurchaseId } from '../../purchases/schemas.ts'
import { Time } from '../../values.ts'
import { GrantId } from '../grants/item.ts'

export const jobStates = ['running', 'paused', 'waiting', 'finished'] as const

/** The fields that every job reports as its progress. */
export const jobProgress = {
  status: z.enum(jobStates).meta({
    description: '`waiting`: only delayed payments are left, which are refunded if they succeed',
  }),
  reason: z.string(),
  requestedBy: z.string().meta({ description: 'The admin or the API key' }),
  requestedAt: Time,
  finishedAt: Time.nullable(),
  total: z.int().meta({ description: '0 until the work begins' }),
  pending: z.int(),
  failed: z.int(),
}

export const toJobProgress = ({ job, counts }: JobWithCounts) => {
  const { finishedAt, pausedAt, reason, requestedBy, createdAt } = job
  const { total, pending, waiting, failed } = counts
  const isWaiting = pending === 0 && waiting > 0
  const status = finishedAt !== null ? 'finished' : pausedAt !== null ? 'paused' : isWaiting ? 'waiting' : 'running'
  return {
    ...({ status, requestedBy, total, pending, failed } as const),
    reason: reason ?? '',
    requestedAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  }
}

export const jobOutcomes = [
  ...(['pending', 'waiting', 'refunded', 'taken_back', 'closed', 'revoked', 'unchanged', 'skipped', 'failed'] as const),
] satisfies EntityJobOutcome[]

export const jobItem = z.object({
  purchaseId: PurchaseId.nullable(),
  grantId: GrantId.nullable(),
  userId: z.string().nullable(),
  outcome: z.enum(jobOutcomes),
  reason: z.string().nullable().meta({
    description:
      'For a skipped item, why it was not refunded; for a failed item, the error code; for a pending item, why the last attempt had no outcome',
  }),
  at: Time,
})

const isJobOutcome = (outcome: string): outcome is (typeof jobOutcomes)[number] => jobOutcomes.some((known) => known === outcome)

export const toJobItem = ({ subjectId, kind, outcome, reason, userId, updatedAt }: JobItemRow): z.infer<typeof jobItem> => ({
  purchaseId: kind === 'purchase' ? subjectId : null,
  grantId: kind === 'grant' ? subjectId : null,
  ...{ userId, reason },
  outcome: isJobOutcome(outcome) ? outcome : 'unchanged',
  at: updatedAt.toISOString(),
})
