import { formatMoney, purchaseWorkflowId, truncate } from '@pay-to-view/purchase'
import type { WorkflowStartOptions } from '@temporalio/client'
import { TypedSearchAttributes } from '@temporalio/common'
import { type PurchaseWorkflow, searchAttributes } from './messages.ts'
import type { WorkflowStartInput } from './types.ts'

/**
 * Start options of a purchase workflow. A later run, for example for a dispute after the first run has closed, uses the same options. The
 * Temporal UI shows the static texts before the first workflow task.
 */
export const startOptions = (purchase: WorkflowStartInput, taskQueue: string) =>
  ({
    workflowId: purchaseWorkflowId(purchase.id),
    taskQueue,
    args: [purchase.id],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    typedSearchAttributes: new TypedSearchAttributes([
      { key: searchAttributes.status, value: purchase.status },
      { key: searchAttributes.userId, value: purchase.userId },
      { key: searchAttributes.entityId, value: purchase.entityId },
      { key: searchAttributes.productId, value: purchase.productId },
    ]),
    // Temporal's SDKs document this limit of 200 bytes.
    staticSummary: [
      truncate(purchase.userId, 40, 'bytes'),
      truncate(purchase.title, 100, 'bytes'),
      formatMoney(purchase.amount, purchase.currency),
    ].join(' · '),
    staticDetails: [
      `**${purchase.title}** (\`${purchase.entityId}\`) for user \`${purchase.userId}\`, quoted at ${formatMoney(purchase.amount, purchase.currency)}.`,
      `Idle until a Stripe event arrives or the checkout expires at ${purchase.checkoutDeadline.toISOString()}. The search attribute PurchaseStatus shows the status.`,
    ].join('\n\n'),
  }) satisfies WorkflowStartOptions<PurchaseWorkflow> & { workflowIdConflictPolicy: 'USE_EXISTING' }
