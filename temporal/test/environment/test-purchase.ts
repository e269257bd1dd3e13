import { attachCheckout, type Db, insertPurchase, newPurchaseId, readWorkflowStartInput } from '@pay-to-view/db'
import { checkoutLifetimeMs } from '@pay-to-view/purchase'
import { buildCheckoutRequest, type CheckoutRequest, type StripeGateway } from '@pay-to-view/stripe'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import type { WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import type { WorkflowHandle } from '@temporalio/client'
import type { TestWorkflowEnvironment } from '@temporalio/testing'

const products = {
  /** A product with 30 days of access for 4.99 USD. */
  rental: { id: 'prod_01m85eetz6e8qthwvnjjs5zz41', name: 'Film, 30 days', amount: 499, currency: 'usd', accessDurationDays: 30 },
  /** A product with permanent access for 12.99 USD. */
  permanent: {
    id: 'prod_01m85eetz6e8qthwvz7dvqdg82',
    name: 'Film, to keep',
    amount: 1299,
    currency: 'usd',
    accessDurationDays: null,
  },
}
export interface TestEntity {
  id: string
  type: 'video'
  title: string
}

export const nosferatu: TestEntity = { id: 'vid_01m85eetz2e8qthwsqr5v0dh8g', type: 'video', title: 'Nosferatu' }

export type ProductName = keyof typeof products

/** A purchase with an open checkout. */
export interface TestPurchase {
  id: string
  userId: string
  sessionId: string
  startInput: WorkflowStartInput
  workflow: WorkflowHandle
}

export interface TestPurchaseDeps {
  temporal: TestWorkflowEnvironment
  db: Db
  stripe: StripeGateway
  purchases: PurchaseClient
}

/** Creates a purchase and its checkout as the API does. `changes` are applied to the request that is sent to Stripe. */
export const createTestPurchase = async (
  { temporal, db, stripe, purchases }: TestPurchaseDeps,
  productName: ProductName,
  changes: Partial<CheckoutRequest>,
  entity: TestEntity,
): Promise<{ purchase: TestPurchase; clientSecret: string | null }> => {
  const id = newPurchaseId()
  const userId = `user-${id}`
  const product = products[productName]
  const checkoutDeadline = new Date((await temporal.currentTimeMs()) + checkoutLifetimeMs)
  const stripeCustomerId = await stripe.createCustomer({ userId })
  const request = buildCheckoutRequest({
    purchaseId: id,
    product: { ...product, taxCode: null },
    allowedDiscount: { kind: 'none' },
    taxBehavior: null,
    entity,
    userId,
    stripeCustomerId,
    expiresAt: checkoutDeadline,
    options: { redirect: 'never', automaticTax: false, collectTaxIds: false, createInvoices: false },
    returnUrl: 'http://127.0.0.1/',
  })
  const checkoutRequest = { ...request, ...changes }
  const inserted = await insertPurchase(db, {
    id,
    userId,
    entity,
    product,
    stripeCustomerId,
    checkoutRequest,
    checkoutDeadline,
  })
  const startInput = await readWorkflowStartInput(db, id)
  if (typeof inserted === 'string' || !startInput) throw new Error(`The purchase was not inserted: ${inserted}`)
  await purchases.start(startInput)
  const { sessionId, clientSecret } = await stripe.createCheckout(id, checkoutRequest)
  await attachCheckout(db, id, sessionId)
  return {
    purchase: { id, userId, sessionId, startInput, workflow: temporal.client.workflow.getHandle(id) },
    clientSecret,
  }
}
