/**
 * A site's webhook receiver and mail server. It runs in its own process, so it can be killed. It verifies each webhook message
 * with the `standardwebhooks` package, and appends every webhook message and e-mail to a file before it responds.
 */
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { startMailbox } from '@pay-to-view/devstack/mailbox'
import { Webhook } from 'standardwebhooks'
import { z } from 'zod'

const env = z
  .object({
    ...{ PORT: z.coerce.number(), RECEIVED_FILE: z.string(), WEBHOOK_SECRET: z.string() },
    ...{ SMTP_PORT: z.coerce.number(), MAILS_FILE: z.string() },
  })
  .parse(process.env)
const webhook = new Webhook(env.WEBHOOK_SECRET)

const append = (entry: { id: string; isValid: boolean }): void => appendFileSync(env.RECEIVED_FILE, `${JSON.stringify(entry)}\n`)

const isValid = (body: string, headers: Record<string, string>): boolean => {
  try {
    webhook.verify(body, headers)
    return true
  } catch {
    return false
  }
}

await startMailbox(env.SMTP_PORT, undefined, ({ messageId, to, text }) => {
  const purchaseId = /ptv_\w+/.exec(text)?.[0] ?? null
  appendFileSync(env.MAILS_FILE, `${JSON.stringify({ messageId, to, purchaseId })}\n`)
})

createServer(async (request, response) => {
  if (request.method === 'GET') {
    response.end('ok')
    return
  }
  const body = Buffer.concat(await request.toArray()).toString('utf8')
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
  const valid = isValid(body, headers)
  append({ id: headers['webhook-id'] ?? '', isValid: valid })
  response.writeHead(valid ? 204 : 401).end()
}).listen(env.PORT, '127.0.0.1')
