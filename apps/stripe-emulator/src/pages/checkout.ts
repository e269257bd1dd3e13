import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Account } from '../account.ts'
import { type Html, html } from '../html.ts'
import { isMethodType, type MethodType, methodLabel } from '../model/method-types.ts'
import { formatAmount } from '../model/money.ts'
import { TEST_CARDS } from '../model/test-cards.ts'
import type { PaymentIntent, Session } from '../store/objects.ts'
import { formatTotal, orderFields, orderSummary } from './checkout-summary.ts'
import { sendPage } from './page.ts'

/** Registers the checkout form as Embedded Checkout (/embed, in the iframe that stripe.js creates) and as the hosted page (/c/pay). */
export const registerCheckout = (app: FastifyInstance, account: Account): void => {
  const sendCheckout = (
    request: FastifyRequest<{ Params: { id: string }; Querystring: { origin?: string } }>,
    reply: FastifyReply,
    framed: boolean,
  ) => {
    const session = account.store.sessions.get(request.params.id)
    if (!session)
      return sendPage(reply, 'Checkout not found', messagePage('This checkout does not exist.'), { framed, status: 404 })
    const { origin = '' } = request.query
    const parentOrigin = framed && URL.canParse(origin) ? new URL(origin).origin : ''
    return sendPage(reply, 'Checkout', checkoutPage(account, session, parentOrigin), { framed })
  }
  app.get<{ Params: { id: string }; Querystring: { origin?: string } }>('/embed/:id', async (request, reply) =>
    sendCheckout(request, reply, true),
  )
  app.get<{ Params: { id: string } }>('/authorize/:id', async ({ params: { id } }, reply) => {
    const intent = account.store.paymentIntents.get(id)
    if (intent?.next_action?.type !== 'redirect_to_url')
      return sendPage(reply, 'Payment not found', messagePage('This payment is not waiting for authorization.'), { status: 404 })
    return sendPage(reply, 'Authorize the payment', authorizePage(account, intent))
  })
  app.get<{ Params: { id: string }; Querystring: { origin?: string } }>('/c/pay/:id', async (request, reply) =>
    sendCheckout(request, reply, false),
  )
}

const messagePage = (message: string): Html =>
  html`<body><main class="checkout"><div class="panel"><h1>Checkout</h1><p>${message}</p></div></main></body>`

const authorizePage = (account: Account, { id, amount, currency, payment_method }: PaymentIntent): Html => {
  const type = account.store.paymentMethods.get(payment_method ?? '')?.type ?? 'card'
  return html`<body data-payment-intent="${id}"><main class="checkout"><div class="panel">
<p class="badge pending">Stripe emulator: no real money moves</p>
<h1>${isMethodType(type) && type !== 'card' ? methodLabel(type) : '3D Secure 2'} test page</h1>
<p>This page simulates the website on which the buyer authorizes the payment of ${formatAmount(amount, currency)}.</p>
<p id="error" class="error" role="alert" hidden></p>
<button class="primary" data-result="complete" disabled>Authorize test payment</button>
<button data-result="fail" disabled>Fail test payment</button>
</div></main><script type="module" src="/js/authorize.js"></script></body>`
}

const checkoutPage = (account: Account, session: Session, parentOrigin: string): Html =>
  html`<body data-session="${session.id}" data-parent-origin="${parentOrigin}">
<main class="checkout">
${orderSummary(account, session)}
${session.status === 'open' ? paymentForm(account, session) : html`<p class="panel" role="status">${session.status === 'complete' ? 'This checkout is complete.' : 'This checkout has expired. You have not been charged.'}</p>`}
<section id="done" class="panel" tabindex="-1" role="status" hidden><div class="tick" aria-hidden="true">✓</div><h2>Thank you</h2><p></p></section>
</main>
${challengeDialog}
<script type="module" src="/js/checkout.js"></script>
</body>`

/**
 * Renders the payment form. If adding or removing a promotion code can change whether the order is free, the server renders the payment
 * fields even for a free order, and checkout.js hides them.
 */
const paymentForm = (account: Account, session: Session): Html => {
  const isFree = session.amount_total === 0
  const canBecomeFree = !isFree || session.allow_promotion_codes === true
  const label = isFree ? 'Complete order' : `Pay ${formatTotal(session)}`
  const customer = session.customer ? account.store.customers.get(session.customer) : undefined
  const email = session.customer_email ?? customer?.email
  return html`<form id="pay" class="panel" method="post" novalidate data-free="${String(isFree)}" data-taxed="${String(session.automatic_tax.enabled)}">
<label>Email <input name="email" type="email" autocomplete="email" value="${email}" ${email ? html`readonly` : ''}></label>
${orderFields(account, session)}
${canBecomeFree && html`<div id="payment">${paymentFields(session.payment_method_types.filter(isMethodType))}</div>`}
<p id="error" class="error" role="alert" hidden></p>
<button class="primary" type="submit" data-label="${label}" disabled>${label}</button>
${session.custom_text.submit && html`<p class="muted">${session.custom_text.submit.message}</p>`}
<noscript><p class="error">This form needs JavaScript.</p></noscript>
</form>
${canBecomeFree && testCards}`
}

const paymentFields = (types: MethodType[]): Html => html`<fieldset><legend>Payment method</legend>
<div class="choices">
${types.map((type) => html`<label><input type="radio" name="method" value="${type}"${type === 'card' && html` checked`}> ${methodLabel(type)}</label>`)}
</div></fieldset>
<fieldset id="card-fields">
<label>Card number <input name="card" inputmode="numeric" autocomplete="cc-number" placeholder="1234 1234 1234 1234" maxlength="23"></label>
<div class="columns">
<label>Expiry date <input name="exp" inputmode="numeric" autocomplete="cc-exp" placeholder="MM / YY" maxlength="9"></label>
<label>CVC <input name="cvc" inputmode="numeric" autocomplete="cc-csc" placeholder="123" maxlength="4"></label>
</div>
<label>Name on card <input name="name" autocomplete="cc-name"></label>
</fieldset>`

const LISTED_CARDS = [
  '4242424242424242',
  '4000000000000002',
  '4000000000009995',
  '4000002760003184',
  '4000000000000259',
  '4000000000005126',
]

const testCards = html`<details id="test-cards" class="panel"><summary>Test cards</summary>
<ul class="cards">${TEST_CARDS.filter(({ number }) => LISTED_CARDS.includes(number)).map(
  ({ number, description }) =>
    html`<li><button type="button" data-card="${number}"><code>${number.replaceAll(/(\d{4})(?=\d)/g, '$1 ')}</code> <span>${description}</span></button></li>`,
)}</ul>
<p class="muted">Use any future expiry date and any CVC. Settle bank debits on the emulator's dashboard.</p></details>`

const challengeDialog = html`<dialog id="challenge" aria-labelledby="challenge-title"><form method="dialog">
<h2 id="challenge-title">3D Secure 2 test page</h2>
<p>This page simulates your bank's verification.</p>
<button class="primary" value="complete">Complete authentication</button>
<button value="fail">Fail authentication</button>
</form></dialog>`
