import type { Account } from '../account.ts'
import { type Html, html } from '../html.ts'
import { allowedSteps } from '../model/disputes.ts'
import { isDebit } from '../model/method-types.ts'
import { formatAmount } from '../model/money.ts'
import type { Charge, Session } from '../store/objects.ts'

/** A dashboard button. It is a form that calls a /_test helper with the hidden `values` and the visible `inputs`. */
interface Action {
  label: string
  path: string
  values?: Record<string, string>
  inputs?: Html
}

/** Returns the actions that an object's current status allows. */
export const actionsFor = (account: Account, id: string): Action[] => {
  const { store } = account
  const session = store.sessions.get(id)
  if (session) return session.status === 'open' ? sessionActions(account, session) : []
  const intent = store.paymentIntents.get(id)
  if (intent?.status === 'processing') return settleActions(id)
  const charge = store.charges.get(intent?.latest_charge ?? id)
  if (charge) return charge.status === 'succeeded' ? chargeActions(charge) : []
  const refund = store.refunds.get(id)
  if (refund) return refundActions(id, refund.status ?? '')
  const dispute = store.disputes.get(id)
  if (dispute) return allowedSteps(dispute.status).map((step) => ({ label: toLabel(step), path: `disputes/${id}/${step}` }))
  return store.events.get(id) ? [{ label: 'Resend', path: `events/${id}/resend` }] : []
}

const payAction = (id: string, label: string, values: Record<string, string>): Action => ({
  label,
  path: `checkout/sessions/${id}/pay`,
  values,
})

const sessionActions = ({ store }: Account, session: Session): Action[] => {
  const { id, payment_intent } = session
  const debit = session.payment_method_types.find(isDebit)
  const requiresAction = store.paymentIntents.get(payment_intent ?? '')?.status === 'requires_action'
  return [
    ...(requiresAction
      ? [
          payAction(id, 'Complete 3D Secure', { authenticate: 'complete' }),
          payAction(id, 'Fail 3D Secure', { authenticate: 'fail' }),
        ]
      : []),
    payAction(id, 'Pay', { card: '4242424242424242' }),
    payAction(id, 'Decline', { card: '4000000000000002' }),
    payAction(id, 'Pay with 3D Secure', { card: '4000002760003184' }),
    ...(debit ? [payAction(id, 'Pay by bank debit', { method: debit })] : []),
    payAction(id, 'Pay, then dispute', { card: '4000000000000259' }),
    { label: 'Expire', path: `checkout/sessions/${id}/expire` },
  ]
}

const settleActions = (id: string): Action[] => [
  { label: 'Settle', path: `payment_intents/${id}/settle`, values: { outcome: 'succeeded' } },
  { label: 'Fail the debit', path: `payment_intents/${id}/settle`, values: { outcome: 'failed' } },
]

const REASONS = ['fraudulent', 'product_not_received', 'duplicate', 'product_unacceptable', 'subscription_canceled', 'general']
const INITIAL_STATUSES = ['needs_response', 'warning_needs_response', 'prevented']

const chargeActions = ({ id, amount_captured, amount_refunded, currency }: Charge): Action[] => {
  const refundable = amount_captured - amount_refunded
  const refunds: Action[] = [
    { label: `Refund ${formatAmount(refundable, currency)}`, path: `charges/${id}/refund` },
    {
      label: 'Partial refund',
      path: `charges/${id}/refund`,
      inputs: html`<label>Amount (minor units) <input name="amount" type="number" min="1" max="${refundable}" value="${Math.ceil(refundable / 2)}"></label>`,
    },
  ]
  const dispute = {
    label: 'Dispute',
    path: `charges/${id}/dispute`,
    inputs: html`<label>Reason ${select('reason', REASONS)}</label><label>Status ${select('status', INITIAL_STATUSES)}</label>`,
  }
  return [...(refundable > 0 ? refunds : []), dispute]
}

const refundActions = (id: string, status: string): Action[] => {
  const pendingActions = ['succeed', 'fail', 'cancel', status === 'pending' ? 'require_action' : 'set_pending']
  const actions = status === 'succeeded' ? ['fail'] : ['pending', 'requires_action'].includes(status) ? pendingActions : []
  return actions.map((action) => ({ label: toLabel(action), path: `refunds/${id}/${action}` }))
}

const toLabel = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ')

export const select = (name: string, values: string[]): Html =>
  html`<select name="${name}">${values.map((value) => html`<option>${value}</option>`)}</select>`

export const actionForm = ({ label, path, values = {}, inputs }: Action, back: string): Html =>
  html`<form method="post" action="/_test/${path}"><input type="hidden" name="back" value="${back}">${Object.entries(values).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )}${inputs}<button>${label}</button></form>`
