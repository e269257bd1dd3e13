import type { ApplyFactsInput, PurchaseView } from '@pay-to-view/workflow-client/types'
import type { Db } from '../client.ts'
import { purchaseTerms } from '../json-columns.ts'
import { recordPurchaseMessages } from '../outbox/purchase-messages.ts'
import { readView } from '../read-purchase.ts'
import { reevaluateFreeOrderRefund } from '../refunds.ts'
import { recordSales } from '../sales/record-sales.ts'
import { transferAccess } from '../transfer-access.ts'
import { applyAccessDecision, decidePurchaseAccess } from './change-access.ts'
import { completeRefundRequest } from './complete-refund-request.ts'
import { failCancellationItem } from './fail-cancellation-item.ts'
import { loadContext } from './load-context.ts'
import { markEventsApplied } from './mark-events-applied.ts'
import { hasVisibleChange, paymentNote, recordChange, refundedNote } from './record-change.ts'
import { requestCancellationRefund } from './refund-canceled.ts'
import { requestDuplicateRefunds } from './refund-duplicates.ts'
import { rejectOtherPayments } from './reject-other-payments.ts'
import { saveProjection } from './save-projection.ts'
import { repairRefunds, saveRefunds } from './save-refunds.ts'
import { raiseFailureAlerts, updateDisputeAlerts, updateMismatchAlerts } from './update-alerts.ts'

/** Applies valid snapshots in one transaction. Each step has its own file in this folder and may return notes for the timeline. */
export const applyInTransaction = (
  db: Db,
  { eventIds = [], completesRefundRequest, ...input }: ApplyFactsInput,
): Promise<PurchaseView> =>
  db.$transaction(
    async (tx) => {
      const context = await loadContext(tx, input)
      const { purchase, projection, isAmbiguous } = context
      const isFreeOrderRefund = completesRefundRequest?.refundId === null
      if (isFreeOrderRefund && (await reevaluateFreeOrderRefund(tx, purchase.id, completesRefundRequest.requestId)))
        return readView(tx, purchase, context.projectionBefore, { isAmbiguous: false, change: null })
      await rejectOtherPayments(context)

      const decision = await decidePurchaseAccess(context)
      const access = await applyAccessDecision(context, decision)
      const notes = [access.note, paymentNote(context), ...(await requestDuplicateRefunds(context)), refundedNote(context)]
      if (decision !== 'refund_duplicate') notes.push(await requestCancellationRefund(context))
      if (context.hasNewFacts) {
        notes.push(...(await saveRefunds(context)))
        await updateMismatchAlerts(context)
        await raiseFailureAlerts(context)
        await failCancellationItem(context)
        notes.push(...(await updateDisputeAlerts(context)))
      } else {
        await repairRefunds(context)
      }
      await saveProjection(context)
      await recordSales(tx, purchase, { facts: context.facts, terms: purchaseTerms(purchase), projection })
      await recordChange(context, notes, completesRefundRequest)
      await recordPurchaseMessages(context)
      if (access.change === 'revoked') await transferAccess(tx, purchase, { kind: 'access_transferred', from: purchase.id })
      await markEventsApplied(context, eventIds)

      const change = hasVisibleChange(context) || access.change ? { from: purchase.status, access: access.change } : null
      const view = await readView(tx, purchase, projection, { isAmbiguous, change })
      return completesRefundRequest ? completeRefundRequest(tx, view, completesRefundRequest) : view
    },
    { maxWait: 5_000, timeout: 10_000 },
  )
