import { type Html, html } from '../html.ts'
import { possibleSteps } from '../model/disputes.ts'
import { amountText } from '../model/money.ts'
import type { Charge, Session } from '../store/wire.ts'
import type { World } from '../world.ts'

/** One button of the dashboard: a form to a /_test helper. `given` is sent as it is, `asked` is shown as fields. */
interface Action {
  label: string
  path: string
  given?: Record<string, string>
  asked?: Html
}

/** What can be done to an object now. */
export const actionsFor = (world: World, id: string): Action[] => {
  const { store } = world
  const session = store.sessions.get(id)
  if (session) return session.status === 'open' ? sessionActions(world, session) : []
  const intent = store.paymentIntents.get(id)
  if (intent?.status === 'processing') return settleActions(id)
  const charge = store.charges.get(intent?.latest_charge ?? id)
  if (charge) return charge.status === 'succeeded' ? chargeActions(charge) : []
  const refund = store.refunds.get(id)
  if (refund) return refundActions(id, refund.status ?? '')
  const dispute = store.disputes.get(id)
  if (dispute) return possibleSteps(dispute.status).map((step) => ({ label: words(step), path: `disputes/${id}/${step}` }))
  return store.events.get(id) ? [{ label: 'Resend', path: `events/${id}/resend` }] : []
}

const pay = (id: string, label: string, given: Record<string, string>): Action => ({
  label,
  path: `checkout/sessions/${id}/pay`,
  given,
})

/** The debit that the session's currency has, if any. */
export const debitOf = ({ payment_method_types: types }: Session): string | undefined => types.find((type) => type !== 'card')

const sessionActions = ({ store }: World, session: Session): Action[] => {
  const { id, payment_intent } = session
  const debit = debitOf(session)
  const asks = store.paymentIntents.get(payment_intent ?? '')?.status === 'requires_action'
  return [
    ...(asks
      ? [pay(id, 'Complete 3D Secure', { authenticate: 'complete' }), pay(id, 'Fail 3D Secure', { authenticate: 'fail' })]
      : []),
    pay(id, 'Pay', { card: '4242424242424242' }),
    pay(id, 'Decline', { card: '4000000000000002' }),
    pay(id, 'Pay with 3D Secure', { card: '4000002760003184' }),
    ...(debit ? [pay(id, 'Pay by bank debit', { method: debit })] : []),
    pay(id, 'Pay, then dispute', { card: '4000000000000259' }),
    { label: 'Expire', path: `checkout/sessions/${id}/expire` },
  ]
}

const settleActions = (id: string): Action[] => [
  { label: 'Settle', path: `payment_intents/${id}/settle`, given: { outcome: 'succeeded' } },
  { label: 'Let the debit fail', path: `payment_intents/${id}/settle`, given: { outcome: 'failed' } },
]

const REASONS = ['fraudulent', 'product_not_received', 'duplicate', 'product_unacceptable', 'subscription_canceled', 'general']
const OPENINGS = ['needs_response', 'warning_needs_response', 'prevented']

const chargeActions = ({ id, amount_captured, amount_refunded, currency }: Charge): Action[] => {
  const left = amount_captured - amount_refunded
  const refunds: Action[] = [
    { label: `Refund ${amountText(left, currency)}`, path: `charges/${id}/refund` },
    {
      label: 'Refund a part',
      path: `charges/${id}/refund`,
      asked: html`<label>Amount in minor units <input name="amount" type="number" min="1" max="${left}" value="${Math.ceil(left / 2)}"></label>`,
    },
  ]
  const dispute = {
    label: 'Dispute',
    path: `charges/${id}/dispute`,
    asked: html`<label>Reason ${select('reason', REASONS)}</label><label>Status ${select('status', OPENINGS)}</label>`,
  }
  return [...(left > 0 ? refunds : []), dispute]
}

const refundActions = (id: string, status: string): Action[] => {
  const waiting = ['succeed', 'fail', 'cancel', status === 'pending' ? 'require_action' : 'pend']
  const verbs = status === 'succeeded' ? ['fail'] : ['pending', 'requires_action'].includes(status) ? waiting : []
  return verbs.map((verb) => ({ label: words(verb), path: `refunds/${id}/${verb}` }))
}

const words = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ')

export const select = (name: string, values: string[]): Html =>
  html`<select name="${name}">${values.map((value) => html`<option>${value}</option>`)}</select>`

export const actionForm = ({ label, path, given = {}, asked }: Action, back: string): Html =>
  html`<form method="post" action="/_test/${path}"><input type="hidden" name="back" value="${back}">${Object.entries(given).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )}${asked}<button>${label}</button></form>`
