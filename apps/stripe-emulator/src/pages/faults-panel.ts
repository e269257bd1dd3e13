import type { Faults } from '../faults/faults.ts'
import { type Html, html } from '../html.ts'
import { select } from './actions.ts'

/** Faults that are set, and a form for each side. Empty fields are not sent on. */
export const faultsPanel = (faults: Faults, back: string): Html => {
  const set = faults.list()
  return html`<section class="panel"><h2>Faults</h2>
${set.length === 0 ? html`<p class="soft">None: everything works.</p>` : html`<ul>${set.map((fault) => html`<li><code>${JSON.stringify(fault)}</code></li>`)}</ul><form method="post" action="/_test/faults/clear"><input type="hidden" name="back" value="${back}"><button>Remove all faults</button></form>`}
<h3>To requests</h3>${form(back, 'api', ['error', 'rate_limit', 'timeout', 'cut', 'lost_answer', 'latency'], html`<label>Path begins <input name="path" placeholder="/v1/refunds"></label><label>Method <input name="method" placeholder="POST"></label>`)}
<h3>To webhooks</h3>${form(back, 'webhook', ['drop', 'delay', 'repeat', 'reorder'], html`<label>Types <input name="types" placeholder="charge.refunded"></label><label>Repeat count <input name="count" type="number" min="1"></label>`)}
</section>`
}

const form = (back: string, on: string, effects: string[], more: Html): Html =>
  html`<form method="post" action="/_test/faults"><input type="hidden" name="back" value="${back}"><input type="hidden" name="on" value="${on}">
<div class="fields"><label>Effect ${select('effect', effects)}</label>${more}
<label>Times <input name="times" type="number" min="1" placeholder="always"></label>
<label>Probability <input name="probability" type="number" min="0" max="1" step="any" placeholder="1"></label>
<label>Seed <input name="seed" type="number" placeholder="1"></label>
<label>Milliseconds <input name="ms" placeholder="100-500"></label>
<button>Set</button></div></form>`
