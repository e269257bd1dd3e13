import { formatMoney } from '@pay-to-view/purchase'
import type { WorkflowStartOptions } from '@temporalio/client'
import { TypedSearchAttributes } from '@temporalio/common'
import { type PurchaseWorkflow, purchaseWorkflow, searchAttributes } from './messages.ts'
import type { WorkflowStartInput } from './types.ts'

export const workflowType = purchaseWorkflow

/**
 * How the workflow of a purchase is started, whoever starts it: a run that starts later, when a dispute arrives after the first has
 * closed, looks the same. What does not change is said here, so that an operator reads it while nothing has run yet.
 */
export const startOptions = (row: WorkflowStartInput, taskQueue: string) =>
  ({
    workflowId: row.id,
    taskQueue,
    args: [row.id],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    typedSearchAttributes: new TypedSearchAttributes([
      { key: searchAttributes.status, value: row.status },
      { key: searchAttributes.userId, value: row.userId },
      { key: searchAttributes.entityId, value: row.entityId },
      { key: searchAttributes.productId, value: row.productId },
    ]),
    // One line of at most 200 bytes is what the UI shows.
    staticSummary: `${row.userId.slice(0, 40)} · ${row.title.slice(0, 60)} · ${formatMoney(row.amount, row.currency)}`,
    staticDetails: [
      `**${row.title}** (\`${row.entityId}\`) for user \`${row.userId}\`, quoted ${formatMoney(row.amount, row.currency)}.`,
      `Its checkout ends at ${row.checkoutDeadline.toISOString()}. Until Stripe tells something, or that time, nothing runs: the status is the search attribute PurchaseStatus.`,
    ].join('\n\n'),
  }) satisfies WorkflowStartOptions<PurchaseWorkflow> & { workflowIdConflictPolicy: 'USE_EXISTING' }
