import type { WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import type pg from 'pg'
import type Stripe from 'stripe'
import { typeid } from 'typeid-js'
import { insertPurchase, keepCustomer, situation } from './sql.ts'

export interface Wanted {
  payToViewProductId: string
  entityId: string
  returnUrl: string
}

interface Situation {
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

/** Done beside the session at Stripe, for a purchase that is not written yet. */
export type Begin = (purchase: WorkflowStartInput) => Promise<unknown>

/** Step 1 of the integration guide: two statements and Stripe's answer. A crash in between leaves a checkout that nobody knows. */
export const createCheckout =
  (db: pg.Pool, stripe: Stripe, begin: Begin) =>
  async (userId: string, { payToViewProductId: productId, entityId }: Wanted) => {
    const { rows } = await db.query<Situation>({ name: 'situation', text: situation, values: [userId, productId, entityId] })
    const [found] = rows
    if (!found?.offered || !found.active) return null
    if (found.has_access) return { success: false, hasAccess: true }
    if (found.open_id !== null && found.session_id !== null) {
      const session = await stripe.checkout.sessions.retrieve(found.session_id)
      if (session.status === 'open') return answer(found.open_id, session.client_secret, found.stripe_customer_id)
    }
    let customer = found.stripe_customer_id
    if (customer === null) {
      customer = (await stripe.customers.create({ metadata: { userId } })).id
      await db.query({ name: 'customer', text: keepCustomer, values: [userId, customer] })
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
            currency: found.currency,
            unit_amount: found.amount,
            product_data: { name: `${found.title} – ${found.name}` },
          },
        },
      ],
      metadata,
      payment_intent_data: { metadata },
    }
    const { title, amount, currency, access_duration_days: days } = found
    const [, session] = await Promise.all([
      begin({ id, userId, entityId, productId, status: 'Pending', title, amount, currency, checkoutDeadline: deadline }),
      stripe.checkout.sessions.create(request, { idempotencyKey: id }),
    ])
    const values = [id, userId, entityId, productId, amount, currency, days, request, deadline, session.id]
    await db.query({ name: 'insert', text: insertPurchase, values })
    return answer(id, session.client_secret, customer)
  }

const answer = (purchaseId: string, clientSecret: string | null, stripeCustomerId: string | null) => ({
  success: true,
  hasAccess: false,
  purchaseId,
  clientSecret,
  stripeCustomerId,
})
