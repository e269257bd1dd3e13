import { Eta } from 'eta'
import type { ReceivedMail } from './mailbox.ts'

const eta = new Eta()

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; background: #fff; color: #18181b; --link: #1d4ed8 }
@media (prefers-color-scheme: dark) { :root { background: #18181b; color: #f4f4f5; --link: #93c5fd } }
a { color: var(--link) }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { width: 100%; border-collapse: collapse } th, td { padding: .4rem .6rem; border-bottom: 1px solid #8884; text-align: left; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem } dt { opacity: .7 } dd { margin: 0; overflow-wrap: anywhere }
iframe { width: 100%; height: 46rem; border: 1px solid #8884; border-radius: 6px; background: #fff } pre { white-space: pre-wrap; overflow-wrap: anywhere }
`

const frame = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title><%= it.title %></title><style>${style}</style></head><body>`

const list = eta.compile(`${frame}
<h1>Mail</h1>
<p>E-mails from this installation. They never leave this machine, and are deleted when the stack stops.</p>
<% if (it.mails.length === 0) { %><p>No e-mails yet. Buy something in the web app, and reload this page.</p><% } else { %>
<table><thead><tr><th>Subject</th><th>To</th><th>Received (UTC)</th></tr></thead><tbody>
<% for (const mail of it.mails) { %>
<tr><td><a href="/mails/<%= mail.number %>"><%= mail.subject %></a></td><td><%= mail.to %></td><td><%= mail.receivedAt.toISOString().slice(0, 19).replace('T', ' ') %></td></tr>
<% } %></tbody></table><% } %></body></html>`)

const single = eta.compile(`${frame}
<p><a href="/">All e-mails</a></p><h1><%= it.mail.subject %></h1>
<dl><dt>From</dt><dd><%= it.mail.from %></dd><dt>To</dt><dd><%= it.mail.to %></dd><dt>Message id</dt><dd><%= it.mail.messageId %></dd>
<% if (it.mail.attachments.length > 0) { %><dt>Attachments</dt><dd><%= it.mail.attachments.join(', ') %></dd><% } %></dl>
<h2>HTML</h2><iframe title="HTML of the e-mail" sandbox src="/mails/<%= it.mail.number %>/html"></iframe>
<h2>Text</h2><pre><%= it.mail.text %></pre></body></html>`)

export const listPage = (mails: readonly ReceivedMail[]): string => eta.render(list, { title: 'Mail', mails })

export const mailPage = (mail: ReceivedMail): string => eta.render(single, { title: mail.subject, mail })
