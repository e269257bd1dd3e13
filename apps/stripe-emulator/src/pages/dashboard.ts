import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Account } from '../account.ts'
import type { Faults } from '../faults/faults.ts'
import { type Html, html } from '../html.ts'
import { actionForm, actionsFor } from './actions.ts'
import { badge, formatTime, linkedJson, table } from './components.ts'
import { faultsPanel } from './faults-panel.ts'
import { sendPage } from './page.ts'
import { TABLES } from './tables.ts'

const OVERVIEW_ROWS = 8
const LIST_ROWS = 200

type PageRequest = { Params: { id: string }; Querystring: { notice?: string } }

/** Registers the dashboard: lists, a page for each object, and a button for each /_test helper. */
export const registerDashboard = (app: FastifyInstance, account: Account, faults: Faults): void => {
  const sendDashboard = (
    reply: FastifyReply,
    title: string,
    currentPath: string,
    notice: string | undefined,
    main: Html,
    status = 200,
  ) => sendPage(reply, `${title} · Stripe emulator`, layout(account, title, currentPath, notice, main), { status })

  app.get<PageRequest>('/', async ({ query }, reply) =>
    sendDashboard(reply, 'Overview', '/', query.notice, overview(account, faults)),
  )
  app.get<PageRequest>('/dashboard/list/:id', async ({ params: { id }, query }, reply) => {
    const list = TABLES[id]
    if (!list) return sendDashboard(reply, 'List not found', '', undefined, html``, 404)
    return sendDashboard(
      reply,
      list.title,
      `/dashboard/list/${id}`,
      query.notice,
      html`${list.forms?.(account)}<section class="panel">${listTable(account, id, LIST_ROWS)}</section>`,
    )
  })
  app.get<PageRequest>('/dashboard/faults', async ({ query }, reply) =>
    sendDashboard(reply, 'Faults', '/dashboard/faults', query.notice, faultsPanel(faults, '/dashboard/faults')),
  )
  // Stripe's dashboard uses the same paths, so links to Stripe's dashboard also work here.
  for (const path of ['/payments/:id', '/customers/:id', '/checkout/sessions/:id', '/refunds/:id', '/disputes/:id']) {
    app.get<PageRequest>(path, async ({ params: { id } }, reply) => reply.redirect(`/dashboard/${encodeURIComponent(id)}`))
  }
  app.get<PageRequest>('/dashboard/:id', async ({ params: { id }, query }, reply) => {
    const object = account.store.find(id)
    if (!object)
      return sendDashboard(reply, 'Object not found', '', undefined, html`<p>No object has the id <code>${id}</code>.</p>`, 404)
    return sendDashboard(reply, id, '', query.notice, objectPage(account, id, object))
  })
}

const layout = (account: Account, title: string, currentPath: string, notice: string | undefined, main: Html): Html => {
  const links = [
    ['/', 'Overview'],
    ...Object.entries(TABLES).map(([name, list]) => [`/dashboard/list/${name}`, list.title]),
    ['/dashboard/faults', 'Faults'],
  ]
  return html`<body><a class="skip" href="#main">Skip to content</a><div class="dashboard">
<header><p class="badge pending">Stripe emulator: no real money moves</p> <span class="muted">Emulator clock: ${formatTime(account.nowSeconds())} UTC</span></header>
<nav aria-label="Lists"><ul>${links.map(([href, label]) => html`<li><a href="${href}"${href === currentPath ? html` aria-current="page"` : ''}>${label}</a></li>`)}</ul></nav>
<main id="main" class="dashboard-main"><h1>${title}</h1>
${notice && html`<p class="notice" role="status">${notice}</p>`}
${main}</main></div></body>`
}

const listTable = (account: Account, name: string, limit: number): Html => {
  const list = TABLES[name]
  if (!list) return html``
  const rows: Html[][] = []
  for (const row of list.rows(account)) {
    rows.push(row)
    if (rows.length === limit) break
  }
  return table(list.columns, rows, list.title)
}

const overview = (account: Account, faults: Faults): Html =>
  html`${Object.entries(TABLES).map(
    ([name, list]) =>
      html`<section class="panel"><h2><a href="/dashboard/list/${name}">${list.title}</a></h2>${listTable(account, name, OVERVIEW_ROWS)}</section>`,
  )}${faultsPanel(faults, '/')}
<section class="panel"><h2>Clock and state</h2><div class="actions">
<form method="post" action="/_test/clock/advance"><input type="hidden" name="back" value="/"><label>Seconds <input name="seconds" type="number" min="1" value="3600"></label><button>Advance clock</button></form>
<form method="post" action="/_test/reset"><input type="hidden" name="back" value="/"><button>Reset everything</button></form></div></section>`

const objectPage = (account: Account, id: string, object: object): Html => {
  const back = `/dashboard/${id}`
  const actions = actionsFor(account, id)
  const session = account.store.sessions.get(id)
  const status = 'status' in object && typeof object.status === 'string' ? badge(object.status) : html``
  return html`<p>${status}${session?.status === 'open' && html` <a href="/c/pay/${id}">Open the payment page</a>`}</p>
${actions.length > 0 && html`<section class="panel"><h2>Actions</h2><div class="actions">${actions.map((action) => actionForm(action, back))}</div></section>`}
${relatedPanels(account, id)}
<section class="panel"><h2>Object</h2>${linkedJson(withoutSecret(object))}</section>`
}

/** Renders the other objects of the same payment, and the object's events and deliveries. */
const relatedPanels = (account: Account, id: string): Html => {
  const { store } = account
  const intent = store.paymentIntents.get(id) ?? store.paymentIntents.get(store.sessions.get(id)?.payment_intent ?? '')
  const key = { index: 'payment_intent', key: intent?.id ?? '' }
  const objectsOfIntent = intent
    ? [...store.sessions.newest(key), ...store.charges.newest(key), ...store.refunds.newest(key), ...store.disputes.newest(key)]
    : []
  const rows = [...(intent ? [intent] : []), ...objectsOfIntent]
    .filter((item) => item.id !== id)
    .map((item) => [html`<a href="/dashboard/${item.id}"><code>${item.id}</code></a>`, html`${item.object}`, badge(item.status)])
  const events = eventsOf(account, id).map((event) => [
    html`<a href="/dashboard/${event.id}"><code>${event.type}</code></a>`,
    html`${event.pending_webhooks}`,
    formatTime(event.created),
  ])
  const deliveries = [...store.deliveries.newest({ index: 'event', key: id })].map((delivery) => [
    html`<code>${delivery.url}</code>`,
    badge(delivery.status),
    html`${delivery.attempts}`,
    html`${delivery.error ?? delivery.response_status}`,
  ])
  return html`${rows.length > 0 && html`<section class="panel"><h2>Related objects</h2>${table(['Id', 'Type', 'Status'], rows, 'Related objects')}</section>`}
${events.length > 0 && html`<section class="panel"><h2>Events</h2>${table(['Type', 'Pending webhooks', 'Created'], events, 'Events')}</section>`}
${deliveries.length > 0 && html`<section class="panel"><h2>Deliveries</h2>${table(['URL', 'Status', 'Attempts', 'Response'], deliveries, 'Deliveries')}</section>`}`
}

const eventsOf = (account: Account, id: string) => [...account.store.events.newest({ index: 'object', key: id }, { limit: 50 })]

const withoutSecret = (object: object): object =>
  'secret' in object ? { ...object, secret: '(shown only at creation)' } : object
