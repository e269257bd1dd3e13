import { type Html, html } from '../html.ts'

const GOOD = ['paid', 'complete', 'succeeded', 'won', 'no_payment_required']
const BAD = ['expired', 'failed', 'canceled', 'lost', 'dropped', 'requires_payment_method']

/** Renders a status as colored text. The color adds no information to the text. */
export const badge = (status: string | null): Html => {
  const style = GOOD.includes(status ?? '') ? 'good' : BAD.includes(status ?? '') ? 'bad' : 'pending'
  return html`<span class="badge ${style}">${status?.replaceAll('_', ' ')}</span>`
}

export const link = (id: string | null): Html =>
  id === null ? html`` : html`<a href="/dashboard/${id}"><code>${id.length > 26 ? `${id.slice(0, 24)}…` : id}</code></a>`

export const formatTime = (seconds: number): Html => {
  const iso = new Date(seconds * 1000).toISOString()
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')}</time>`
}

export const table = (columns: string[], rows: Html[][], label: string): Html =>
  rows.length === 0
    ? html`<p class="muted">None yet.</p>`
    : html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table><thead><tr>${columns.map(
        (column) => html`<th scope="col">${column}</th>`,
      )}</tr></thead><tbody>${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`

/** Renders JSON in which every object id is a link to the object. */
export const linkedJson = (value: unknown): Html => {
  const text = JSON.stringify(value, null, 2)
  const segments = text.split(/"((?:cus|cs_test|pi|pm|ch|py|re|du|txn|prod|price|evt|we|promo|in|inpay|taxreg)_[A-Za-z0-9]+)"/)
  return html`<pre tabindex="0" aria-label="JSON">${segments.map((segment, i) => (i % 2 === 1 ? html`"<a href="/dashboard/${segment}">${segment}</a>"` : html`${segment}`))}</pre>`
}
