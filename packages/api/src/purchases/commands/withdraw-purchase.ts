import { type Db, withdraw, withdrawalRefund } from '@pay-to-view/db'
import type { ConsentTerms } from '@pay-to-view/purchase'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import { UpdateUnconfirmed } from '@pay-to-view/workflow-client/errors'
import { ApiError } from '../../errors.ts'
import { refundError } from './refund-purchase.ts'
import { requirePurchase } from './require-purchase.ts'
import type { PurchaseCommands } from './types.ts'

interface WithdrawDeps {
  db: Db
  purchases: PurchaseClient
  /** Null unless CONSENT=eu. If it is null, withdrawals are not offered. */
  consent: ConsentTerms | null
}

/**
 * Withdraws from a purchase, or previews the withdrawal. The withdrawal and its refund request are recorded before the workflow is called,
 * so later calls only return the outcome of the same refund.
 */
export const withdrawPurchase =
  ({ db, purchases, consent }: WithdrawDeps): PurchaseCommands['withdraw'] =>
  async ({ id, confirm: isConfirmed = false }, user) => {
    const result = await withdraw(db, { userId: user.id, purchaseId: id, isOffered: consent !== null, isConfirmed })
    if (result === null) throw new ApiError('purchase_not_found', { field: 'id' })
    if ('preview' in result) {
      const { preview } = result
      if (!isConfirmed) {
        const reason = preview.possible ? null : preview.reason
        return { possible: preview.possible, reason, until: preview.until?.toISOString() ?? null, refund: preview.amount }
      }
      throw new ApiError('withdrawal_refused', preview.possible ? {} : { extensions: { reason: preview.reason } })
    }
    const outcome = await purchases.refund(await requirePurchase(db, id), withdrawalRefund(id)).catch((error: unknown) => {
      if (!(error instanceof UpdateUnconfirmed)) throw error
      const message = 'The withdrawal was received. Repeat this call to get the outcome: the refund is made only once'
      throw new ApiError('refund_unconfirmed', { field: 'confirm', message })
    })
    // `already_refunded` is not an error: another refund, such as an operator's, was made first.
    if ('rejected' in outcome && outcome.rejected !== 'already_refunded') throw refundError(outcome.rejected)
    const { withdrawnAt, refund } = result.withdrawal
    return { withdrawnAt: withdrawnAt.toISOString(), refund }
  }
