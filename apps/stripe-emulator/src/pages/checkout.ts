import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Html, html } from '../html.ts'
import { amountText } from '../model/money.ts'
import { TEST_CARDS } from '../model/test-cards.ts'
import type { Session } from '../store/wire.ts'
import type { World } from '../world.ts'
import { debitOf } from './actions.ts'
import { sendPage } from './page.ts'

/** The form of Embedded Checkout (/embed, in stripe.js' iframe) and of the hosted page (/c/pay). */
export const registerCheckout = (app: FastifyInstance, world: World): void => {
  const show = (
    request: FastifyRequest<{ Params: { id: string }; Querystring: { origin?: string } }>,
    reply: FastifyReply,
    framed: boolean,
  ) => {
    const session = world.store.sessions.get(request.params.id)
    if (!session) return sendPage(reply, 'No such checkout', closed('This checkout does not exist.'), { framed, status: 404 })
    const { origin = '' } = request.query
    const parent = framed && URL.canParse(origin) ? new URL(origin).origin : ''
    return sendPage(reply, 'Checkout', checkout(world, session, parent), { framed })
  }
  app.get<{ Params: { id: string }; Querystring: { origin?: string } }>('/embed/:id', async (request, reply) =>
    show(request, reply, true),
  )
  app.get<{ Params: { id: string }; Querystring: { origin?: string } }>('/c/pay/:id', async (request, reply) =>
    show(request, reply, false),
  )
}

const closed = (message: string): Html =>
  html`<body><main class="checkout"><div class="panel"><h1>Checkout</h1><p>${message}</p></div></main></body>`

const checkout = (world: World, session: Session, parent: string): Html => {
  const lines = world.store.sessionDetails.get(session.id)?.line_items ?? []
  const amount = amountText(session.amount_total ?? 0, session.currency ?? 'usd')
  return html`<body data-session="${session.id}" data-parent="${parent}">
<main class="checkout">
<header>
<p class="badge wait">Stripe emulator: no real money</p>
<h1>${lines.map(({ description }) => description).join(', ')}</h1>
<p class="amount">${amount}</p>
${lines.length > 1 && html`<ul>${lines.map((line) => html`<li>${line.quantity} × ${line.description}: ${amountText(line.amount_total, line.currency)}</li>`)}</ul>`}
</header>
${session.status === 'open' ? openForm(world, session, amount) : html`<p class="panel" role="status">${session.status === 'complete' ? 'This checkout is complete.' : 'This checkout has expired. You have not been charged.'}</p>`}
<section id="done" class="panel" tabindex="-1" role="status" hidden><div class="tick" aria-hidden="true">✓</div><h2>Thank you</h2><p></p></section>
</main>
${challenge}
<script type="module" src="/js/checkout.js"></script>
</body>`
}

const openForm = (world: World, session: Session, amount: string): Html => {
  const free = session.amount_total === 0
  const label = free ? 'Complete order' : `Pay ${amount}`
  const customer = session.customer ? world.store.customers.get(session.customer) : undefined
  const email = session.customer_email ?? customer?.email
  return html`<form id="pay" class="panel" novalidate>
<label>Email <input name="email" type="email" autocomplete="email" value="${email}" ${email ? html`readonly` : ''}></label>
${!free && paymentFields(debitOf(session))}
<p id="error" class="error" role="alert" hidden></p>
<button class="main" type="submit" data-label="${label}">${label}</button>
</form>
${!free && hints}`
}

const paymentFields = (debit: string | undefined): Html => html`<fieldset><legend>Payment method</legend>
<div class="choice">
<label><input type="radio" name="method" value="card" checked> Card</label>
${debit && html`<label><input type="radio" name="method" value="${debit}"> Bank debit</label>`}
</div></fieldset>
<fieldset id="card-fields">
<label>Card number <input name="card" inputmode="numeric" autocomplete="cc-number" placeholder="1234 1234 1234 1234" maxlength="23"></label>
<div class="pair">
<label>Expiry date <input name="exp" inputmode="numeric" autocomplete="cc-exp" placeholder="MM / YY" maxlength="9"></label>
<label>CVC <input name="cvc" inputmode="numeric" autocomplete="cc-csc" placeholder="123" maxlength="4"></label>
</div>
<label>Name on card <input name="name" autocomplete="cc-name"></label>
</fieldset>`

const SHOWN = [
  '4242424242424242',
  '4000000000000002',
  '4000000000009995',
  '4000002760003184',
  '4000000000000259',
  '4000000000005126',
]

const hints = html`<details id="hints" class="panel"><summary>Test cards</summary>
<ul class="cards">${TEST_CARDS.filter(({ number }) => SHOWN.includes(number)).map(
  ({ number, hint }) =>
    html`<li><button type="button" data-card="${number}"><code>${number.replaceAll(/(\d{4})(?=\d)/g, '$1 ')}</code> <span>${hint}</span></button></li>`,
)}</ul>
<p class="soft">Any future date, any CVC. A bank debit is settled on the emulator's dashboard.</p></details>`

const challenge = html`<dialog id="challenge" aria-labelledby="challenge-title"><form method="dialog">
<h2 id="challenge-title">3D Secure 2 test page</h2>
<p>Your bank wants to be sure that it is you. This stands for its page.</p>
<button class="main" value="complete">Complete authentication</button>
<button value="fail">Fail authentication</button>
</form></dialog>`
