import type { Db } from '@pay-to-view/db'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import { acceptPayment } from './accept-payment.ts'
import { type CreatePurchaseDeps, createPurchase } from './create-purchase.ts'
import { refundPurchase } from './refund-purchase.ts'
import type { PurchaseCommands } from './types.ts'
import { withdrawPurchase } from './withdraw-purchase.ts'

export interface PurchaseCommandDeps extends CreatePurchaseDeps {
  db: Db
  purchases: PurchaseClient
}

export const createPurchaseCommands = (deps: PurchaseCommandDeps): PurchaseCommands => ({
  create: createPurchase(deps),
  refund: refundPurchase(deps),
  withdraw: withdrawPurchase(deps),
  accept: acceptPayment(deps),
})
