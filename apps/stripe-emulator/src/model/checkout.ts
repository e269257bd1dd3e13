import type { Account } from '../account.ts'
import { rejected, resourceMissing } from '../http/errors.ts'
import type { Session } from '../store/objects.ts'
import { saveBuyerDetails } from './customers.ts'
import { redeemDiscount } from './discounts.ts'

export const getSession = (account: Account, id: string): Session => {
  const session = account.store.sessions.get(id)
  if (!session) throw resourceMissing('checkout.session', id, 'session')
  return session
}

/** Returns the URL to which a redirect payment method sends the buyer back, whether or not the payment succeeded. */
export const returnUrlOf = ({ id, return_url, success_url, url }: Session): string =>
  (return_url ?? success_url ?? url ?? '').replaceAll('{CHECKOUT_SESSION_ID}', id)

const CLOSED_FIELDS = { client_secret: null, url: null } as const

/** Implements the API call, which works only for an open session. */
export const expireSession = (account: Account, id: string): Session => {
  const session = getSession(account, id)
  if (session.status !== 'open')
    throw rejected(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`,
    )
  return expire(account, session)
}

/** Expires a session unless it is no longer open. */
export const expireIfOpen = (account: Account, id: string): void => {
  const session = account.store.sessions.get(id)
  if (session?.status === 'open') expire(account, session)
}

/**
 * Expires a session. Also cancels the unpaid payment intent, which the merchant cannot cancel ("You can't confirm or cancel the
 * PaymentIntent for a Checkout Session").
 */
const expire = (account: Account, session: Session): Session => {
  const { sessions, paymentIntents } = account.store
  const expired = sessions.put({ ...session, ...CLOSED_FIELDS, status: 'expired' })
  const intent = session.payment_intent ? paymentIntents.get(session.payment_intent) : undefined
  if (intent) {
    const canceled = paymentIntents.put({
      ...intent,
      status: 'canceled',
      canceled_at: account.nowSeconds(),
      cancellation_reason: 'expired',
      next_action: null,
    })
    account.emit('payment_intent.canceled', canceled)
  }
  account.emit('checkout.session.expired', expired)
  return expired
}

/** Completes a session and counts its discount as redeemed. `payment_status` indicates whether the session is paid. */
export const completeSession = (account: Account, session: Session, patch: Partial<Session>): Session => {
  const details = account.store.sessionDetails.get(session.id)
  if (details?.discount) redeemDiscount(account, details.discount)
  saveBuyerDetails(account, session.customer, patch.customer_details ?? null, details?.customer_update ?? {})
  const complete = account.store.sessions.put({ ...session, ...CLOSED_FIELDS, ...patch, status: 'complete' })
  account.emit('checkout.session.completed', complete)
  return complete
}
