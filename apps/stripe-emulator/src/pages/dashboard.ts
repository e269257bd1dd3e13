import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Faults } from '../faults/faults.ts'
import { type Html, html } from '../html.ts'
import type { World } from '../world.ts'
import { actionForm, actionsFor } from './actions.ts'
import { faultsPanel } from './fault-forms.ts'
import { sendPage } from './page.ts'
import { badge, linkedJson, table, when } from './pieces.ts'
import { TABLES } from './tables.ts'

const SHORT = 8
const LONG = 200

type Get = { Params: { id: string }; Querystring: { notice?: string } }

/** The pages for people: what there is, what happened to it, and a button for everything the /_test helpers do. */
export const registerDashboard = (app: FastifyInstance, world: World, faults: Faults): void => {
  const show = (reply: FastifyReply, title: string, here: string, notice: string | undefined, main: Html, status = 200) =>
    sendPage(reply, `${title} · Stripe emulator`, frame(world, title, here, notice, main), { status })

  app.get<Get>('/', async ({ query }, reply) => show(reply, 'Overview', '/', query.notice, overview(world, faults)))
  app.get<Get>('/dashboard/list/:id', async ({ params: { id }, query }, reply) => {
    const list = TABLES[id]
    if (!list) return show(reply, 'No such list', '', undefined, html``, 404)
    return show(
      reply,
      list.title,
      `/dashboard/list/${id}`,
      query.notice,
      html`<section class="panel">${rowsOf(world, id, LONG)}</section>`,
    )
  })
  app.get<Get>('/dashboard/faults', async ({ query }, reply) =>
    show(reply, 'Faults', '/dashboard/faults', query.notice, faultsPanel(faults, '/dashboard/faults')),
  )
  // Where Stripe's own dashboard has them: a link made for the one works with the other.
  for (const place of ['/payments/:id', '/customers/:id', '/checkout/sessions/:id', '/refunds/:id', '/disputes/:id']) {
    app.get<Get>(place, async ({ params: { id } }, reply) => reply.redirect(`/dashboard/${encodeURIComponent(id)}`))
  }
  app.get<Get>('/dashboard/:id', async ({ params: { id }, query }, reply) => {
    const object = world.store.find(id)
    if (!object) return show(reply, 'No such object', '', undefined, html`<p><code>${id}</code> is not known here.</p>`, 404)
    return show(reply, id, '', query.notice, objectPage(world, id, object))
  })
}

const frame = (world: World, title: string, here: string, notice: string | undefined, main: Html): Html => {
  const links = [
    ['/', 'Overview'],
    ...Object.entries(TABLES).map(([name, list]) => [`/dashboard/list/${name}`, list.title]),
    ['/dashboard/faults', 'Faults'],
  ]
  return html`<body><a class="skip" href="#main">Skip to the content</a><div class="dashboard">
<header><p class="badge wait">Stripe emulator: no real money</p> <span class="soft">its clock: ${when(world.now())} UTC</span></header>
<nav aria-label="Lists"><ul>${links.map(([href, label]) => html`<li><a href="${href}"${href === here ? html` aria-current="page"` : ''}>${label}</a></li>`)}</ul></nav>
<main id="main" class="dashboard-main"><h1>${title}</h1>
${notice && html`<p class="notice" role="status">${notice}</p>`}
${main}</main></div></body>`
}

const rowsOf = (world: World, name: string, limit: number): Html => {
  const list = TABLES[name]
  if (!list) return html``
  const rows: Html[][] = []
  for (const row of list.rows(world)) {
    rows.push(row)
    if (rows.length === limit) break
  }
  return table(list.columns, rows, list.title)
}

const overview = (world: World, faults: Faults): Html =>
  html`${Object.entries(TABLES).map(
    ([name, list]) =>
      html`<section class="panel"><h2><a href="/dashboard/list/${name}">${list.title}</a></h2>${rowsOf(world, name, SHORT)}</section>`,
  )}${faultsPanel(faults, '/')}
<section class="panel"><h2>Clock and state</h2><div class="actions">
<form method="post" action="/_test/clock/advance"><input type="hidden" name="back" value="/"><label>Seconds <input name="seconds" type="number" min="1" value="3600"></label><button>Advance the clock</button></form>
<form method="post" action="/_test/reset"><input type="hidden" name="back" value="/"><button>Forget everything</button></form></div></section>`

const objectPage = (world: World, id: string, object: object): Html => {
  const back = `/dashboard/${id}`
  const actions = actionsFor(world, id)
  const session = world.store.sessions.get(id)
  const status = 'status' in object && typeof object.status === 'string' ? badge(object.status) : html``
  return html`<p>${status}${session?.status === 'open' && html` <a href="/c/pay/${id}">Open the card form</a>`}</p>
${actions.length > 0 && html`<section class="panel"><h2>Do</h2><div class="actions">${actions.map((action) => actionForm(action, back))}</div></section>`}
${related(world, id)}
<section class="panel"><h2>Object</h2>${linkedJson(withoutSecret(object))}</section>`
}

/** What belongs to the object, and the events that carried it. */
const related = (world: World, id: string): Html => {
  const { store } = world
  const intent = store.paymentIntents.get(id) ?? store.paymentIntents.get(store.sessions.get(id)?.payment_intent ?? '')
  const key = { index: 'payment_intent', key: intent?.id ?? '' }
  const belongs = intent
    ? [...store.sessions.newest(key), ...store.charges.newest(key), ...store.refunds.newest(key), ...store.disputes.newest(key)]
    : []
  const rows = [...(intent ? [intent] : []), ...belongs]
    .filter((item) => item.id !== id)
    .map((item) => [html`<a href="/dashboard/${item.id}"><code>${item.id}</code></a>`, html`${item.object}`, badge(item.status)])
  const events = eventsOf(world, id).map((event) => [
    html`<a href="/dashboard/${event.id}"><code>${event.type}</code></a>`,
    html`${event.pending_webhooks}`,
    when(event.created),
  ])
  const deliveries = [...store.deliveries.newest({ index: 'event', key: id })].map((one) => [
    html`<code>${one.url}</code>`,
    badge(one.status),
    html`${one.attempts}`,
    html`${one.error ?? one.response_status}`,
  ])
  return html`${rows.length > 0 && html`<section class="panel"><h2>Belongs to it</h2>${table(['Id', 'Kind', 'Status'], rows, 'Belongs to it')}</section>`}
${events.length > 0 && html`<section class="panel"><h2>Events</h2>${table(['Type', 'Waiting webhooks', 'Created'], events, 'Events')}</section>`}
${deliveries.length > 0 && html`<section class="panel"><h2>Deliveries</h2>${table(['To', 'Status', 'Attempts', 'Answer'], deliveries, 'Deliveries')}</section>`}`
}

const eventsOf = (world: World, id: string) => [...world.store.events.newest({ index: 'object', key: id }, { limit: 50 })]

const withoutSecret = (object: object): object =>
  'secret' in object ? { ...object, secret: '(shown once, when it was made)' } : object
