import type { WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import type pg from 'pg'
import type Stripe from 'stripe'
import { typeid } from 'typeid-js'
import { insertCustomer, insertPurchase, selectCreateContext } from './sql.ts'

export interface CreateInput {
  payToViewProductId: string
  entityId: string
  returnUrl: string
}

interface CreateContext {
  name: string
  amount: number
  currency: string
  access_duration_days: number | null
  active: boolean
  title: string
  stripe_customer_id: string | null
  open_id: string | null
  session_id: string | null
  offered: boolean
  has_access: boolean
}

/** Starts the purchase's workflow. Called in parallel with the creation of the checkout session, before the purchase is inserted. */
export type StartWorkflow = (purchase: WorkflowStartInput) => Promise<unknown>

/** Implements step 1 of the integration guide. A crash between the Stripe call and the insert leaves a checkout session without a purchase. */
export const createCheckout =
  (db: pg.Pool, stripe: Stripe, startWorkflow: StartWorkflow) =>
  async (userId: string, { payToViewProductId: productId, entityId }: CreateInput) => {
    const { rows } = await db.query<CreateContext>({
      name: 'create_context',
      text: selectCreateContext,
      values: [userId, productId, entityId],
    })
    const [context] = rows
    if (!context?.offered || !context.active) return null
    if (context.has_access) return { success: false, hasAccess: true }
    if (context.open_id !== null && context.session_id !== null) {
      const session = await stripe.checkout.sessions.retrieve(context.session_id)
      if (session.status === 'open') return toResponse(context.open_id, session.client_secret, context.stripe_customer_id)
    }
    let customer = context.stripe_customer_id
    if (customer === null) {
      customer = (await stripe.customers.create({ metadata: { userId } })).id
      await db.query({ name: 'customer', text: insertCustomer, values: [userId, customer] })
    }
    const id = typeid('ptv').toString()
    const deadline = new Date(Date.now() + 40 * 60_000)
    const metadata = { payToViewPurchaseId: id, payToViewProductId: productId, userId, entityType: '1', entityId }
    const request: Stripe.Checkout.SessionCreateParams = {
      mode: 'payment',
      ui_mode: 'embedded_page',
      redirect_on_completion: 'never',
      customer,
      expires_at: Math.floor(deadline.getTime() / 1000),
      line_items: [
        {
          quantity: 1,
          price_data: {
            currency: context.currency,
            unit_amount: context.amount,
            product_data: { name: `${context.title} – ${context.name}` },
          },
        },
      ],
      metadata,
      payment_intent_data: { metadata },
    }
    const { title, amount, currency, access_duration_days: days } = context
    const [, session] = await Promise.all([
      startWorkflow({ id, userId, entityId, productId, status: 'Pending', title, amount, currency, checkoutDeadline: deadline }),
      stripe.checkout.sessions.create(request, { idempotencyKey: id }),
    ])
    const values = [id, userId, entityId, productId, amount, currency, days, request, deadline, session.id]
    await db.query({ name: 'insert', text: insertPurchase, values })
    return toResponse(id, session.client_secret, customer)
  }

const toResponse = (purchaseId: string, clientSecret: string | null, stripeCustomerId: string | null) => ({
  success: true,
  hasAccess: false,
  purchaseId,
  clientSecret,
  stripeCustomerId,
})
