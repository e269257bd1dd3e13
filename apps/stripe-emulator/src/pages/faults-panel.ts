import type { Faults } from '../faults/faults.ts'
import { type Html, html } from '../html.ts'
import { select } from './actions.ts'

/** Renders the active faults, a form for API faults, and a form for webhook faults. */
export const faultsPanel = (faults: Faults, back: string): Html => {
  const active = faults.list()
  return html`<section class="panel"><h2>Faults</h2>
${active.length === 0 ? html`<p class="muted">No active faults.</p>` : html`<ul>${active.map((fault) => html`<li><code>${JSON.stringify(fault)}</code></li>`)}</ul><form method="post" action="/_test/faults/clear"><input type="hidden" name="back" value="${back}"><button>Remove all faults</button></form>`}
<h3>API requests</h3>${faultForm(back, 'api', ['error', 'rate_limit', 'timeout', 'cut', 'lost_response', 'latency'], html`<label>Path prefix <input name="path" placeholder="/v1/refunds"></label><label>Method <input name="method" placeholder="POST"></label>`)}
<h3>Webhooks</h3>${faultForm(back, 'webhook', ['drop', 'delay', 'repeat', 'reorder'], html`<label>Event types <input name="types" placeholder="charge.refunded"></label><label>Repeat count <input name="count" type="number" min="1"></label>`)}
</section>`
}

const faultForm = (back: string, on: string, effects: string[], extraInputs: Html): Html =>
  html`<form method="post" action="/_test/faults"><input type="hidden" name="back" value="${back}"><input type="hidden" name="on" value="${on}">
<div class="fields"><label>Effect ${select('effect', effects)}</label>${extraInputs}
<label>Times <input name="times" type="number" min="1" placeholder="unlimited"></label>
<label>Probability <input name="probability" type="number" min="0" max="1" step="any" placeholder="1"></label>
<label>Seed <input name="seed" type="number" placeholder="1"></label>
<label>Milliseconds <input name="ms" placeholder="100-500"></label>
<button>Add fault</button></div></form>`
