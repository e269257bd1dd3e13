import { CommittedError, invalidParam, StripeError } from '../http/errors.ts'
import { int, text } from '../http/params.ts'
import { route } from '../http/route.ts'
import { getSession } from '../model/checkout.ts'
import { getPaymentMethod } from '../model/payment-methods.ts'
import { confirmSession } from '../model/payments.ts'
import type { Session } from '../store/objects.ts'

/** The private endpoints of Stripe's checkout form that `stripe trigger checkout.session.completed` calls. */
const paymentPage = ({ id, ...session }: Session) => ({ ...session, id: id.replace('cs_test_', 'ppage_'), session_id: id })

export const paymentPages = [
  route('GET', '/v1/payment_pages/:id', {}, (account, _, id) => paymentPage(getSession(account, id))),
  route(
    'POST',
    '/v1/payment_pages/:id/confirm',
    { payment_method: text(), expected_amount: int() },
    (account, { payment_method, expected_amount }, id) => {
      const { amount_total } = getSession(account, id)
      if (expected_amount !== amount_total)
        throw invalidParam(`The expected amount ${expected_amount} does not match the amount of the session, ${amount_total}.`, {
          param: 'expected_amount',
        })
      const { session, error } = confirmSession(account, id, getPaymentMethod(account, payment_method, 'payment_method'))
      return error ? new CommittedError(new StripeError(402, error)) : paymentPage(session)
    },
  ),
]
