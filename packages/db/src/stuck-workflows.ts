import { disputeWindowMs } from '@pay-to-view/purchase'
import type { WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import type { Db } from './client.ts'
import { workflowStartColumns } from './workflow-start.ts'

/** The time in milliseconds without progress after which a purchase, an event or a refund request counts as stuck. */
export const stuckThresholds = {
  creation: 60_000,
  deadline: 120_000,
  event: 120_000,
  refund: 120_000,
  restart: 600_000,
  processing: 86_400_000,
}

export const ago = (now: Date, milliseconds: number): Date => new Date(now.getTime() - milliseconds)

/**
 * Returns pending purchases whose workflow may not be running: the workflow was never started, or the checkout has expired without a
 * result. After `markWorkflowStarted`, a purchase is not returned again for `stuckThresholds.restart`, or for a day if its payment is
 * processing.
 */
export const stuckPurchases = async (db: Db, now: Date, limit: number): Promise<WorkflowStartInput[]> => {
  const rows = await db.purchase.findMany({
    where: {
      status: 'Pending',
      OR: [
        { workflowStartedAt: null, createdAt: { lt: ago(now, stuckThresholds.creation) } },
        {
          checkoutDeadline: { lt: ago(now, stuckThresholds.deadline) },
          workflowStartedAt: { lt: ago(now, stuckThresholds.restart) },
          processing: false,
          // Payments with a mismatch are excluded, because they are waiting for the operator's decision.
          mismatch: null,
        },
        {
          checkoutDeadline: { lt: ago(now, stuckThresholds.processing) },
          workflowStartedAt: { lt: ago(now, stuckThresholds.processing) },
          mismatch: null,
        },
      ],
    },
    orderBy: { checkoutDeadline: 'asc' },
    take: limit,
    select: workflowStartColumns,
  })
  return rows.map((row) => ({ ...row, title: row.entity.title }))
}

/**
 * Returns purchases that may still change but have never had a workflow, such as imported purchases, ordered by id. A later event would
 * start the workflow.
 */
export const purchasesWithoutWorkflow = async (
  db: Db,
  after: string,
  limit: number,
  now: Date,
): Promise<WorkflowStartInput[]> => {
  const rows = await db.purchase.findMany({
    where: {
      ...{ id: { gt: after }, workflowStartedAt: null },
      OR: [{ status: 'Pending' }, { status: { in: ['Completed', 'Disputed'] }, completedAt: { gt: ago(now, disputeWindowMs) } }],
    },
    orderBy: { id: 'asc' },
    take: limit,
    select: workflowStartColumns,
  })
  return rows.map((row) => ({ ...row, title: row.entity.title }))
}

/**
 * Returns refund requests that have been without a result for `stuckThresholds.refund`, with the purchases whose workflows carry them out.
 * A workflow may end without a result, for example because Stripe rejects the refund for an unknown reason. The interval until the workflow
 * is started again then grows each time.
 */
export const stuckRefunds = async (
  db: Db,
  now: Date,
  limit: number,
): Promise<{ requestId: string; purchase: WorkflowStartInput }[]> => {
  const due = await db.$queryRaw<{ purchaseId: string; requestId: string }[]>`
    select purchase_id as "purchaseId", request_id as "requestId"
    from refund_requests join purchases on purchases.id = refund_requests.purchase_id
    where responded_at is null and refund_requests.created_at < ${ago(now, stuckThresholds.refund)}
      and (workflow_started_at is null or workflow_started_at < refund_requests.created_at
        or ${now} - workflow_started_at > greatest(interval '10 minutes', workflow_started_at - refund_requests.created_at))
    order by refund_requests.created_at limit ${limit}`
  const rows = await db.refundRequest.findMany({
    where: { OR: due },
    orderBy: { createdAt: 'asc' },
    select: { requestId: true, purchase: { select: workflowStartColumns } },
  })
  return rows.map(({ requestId, purchase }) => ({ requestId, purchase: { ...purchase, title: purchase.entity.title } }))
}
