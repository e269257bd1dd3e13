import type { Db } from '@pay-to-view/db'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import { UnknownOutcomeError } from '@pay-to-view/workflow-client/errors'
import { ApiError } from '../../errors.ts'
import { requirePurchase } from './require-purchase.ts'
import type { PurchaseCommands } from './types.ts'

export const acceptPayment =
  ({ db, purchases }: { db: Db; purchases: PurchaseClient }): PurchaseCommands['accept'] =>
  async ({ id, reason }, admin) => {
    const purchase = await requirePurchase(db, id)
    const outcome = await purchases.acceptPayment(purchase, { by: admin.id, reason: reason || null }).catch((error: unknown) => {
      throw error instanceof UnknownOutcomeError ? new ApiError('acceptance_unconfirmed') : error
    })
    if ('rejected' in outcome) throw new ApiError(outcome.rejected)
    return { success: true, purchaseId: id, ...outcome }
  }
