import { purchaseWorkflowId } from '@pay-to-view/purchase'
import type { WorkflowAlert } from '@pay-to-view/workflow-client/types'
import type { Db } from './client.ts'
import type { Prisma } from './generated/client.ts'

type Tx = Prisma.TransactionClient

/**
 * Returns the key that makes an alert unique. There is one alert per purchase, kind and subject; the subject is, for example, the id of a
 * payment or a dispute.
 */
export const alertKey = (purchaseId: string, kind: string, subject: string): string => `${kind}:${purchaseId}:${subject}`

/** Raises an alert. Returns false if an alert with the same key already exists, even if it has been resolved. */
export const raiseAlert = async (
  tx: Db | Tx,
  purchaseId: string,
  kind: string,
  subject: string,
  detail: Prisma.InputJsonObject,
): Promise<boolean> => {
  const { count } = await tx.alert.createMany({
    data: [{ kind, purchaseId, dedupeKey: alertKey(purchaseId, kind, subject), detail }],
    skipDuplicates: true,
  })
  return count > 0
}

/** Raises an alert about a workflow. The workflow's purchase may not exist, because an operator may have started the workflow manually. */
export const raiseWorkflowAlert = async (db: Db, { id, kind, subject, detail }: WorkflowAlert): Promise<void> => {
  const purchase = await db.purchase.findUnique({ where: { id }, select: { id: true } })
  const data = {
    kind,
    purchaseId: purchase?.id ?? null,
    dedupeKey: alertKey(id, kind, subject),
    detail: { ...detail, workflowId: purchaseWorkflowId(id) },
  }
  await db.alert.createMany({ data: [data], skipDuplicates: true })
}
