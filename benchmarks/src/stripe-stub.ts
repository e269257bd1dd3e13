/**
 * A stub of Stripe that immediately responds with customers, checkout sessions and empty lists. It is stateless, so it adds the same cost
 * to every target. After POST /_test/silent, it does not respond until POST /_test/responding.
 */
import { createServer } from 'node:http'
import { z } from 'zod'

const { PORT } = z.object({ PORT: z.coerce.number() }).parse(process.env)

const session = (id: string) => ({
  id,
  object: 'checkout.session',
  created: Math.floor(Date.now() / 1000),
  status: 'open',
  payment_status: 'unpaid',
  client_secret: `${id}_secret_bench`,
  payment_intent: null,
  metadata: {},
})

let created = 0
const newId = (prefix: string): string => `${prefix}_${process.pid}_${++created}`

const respond = (method: string, path: string): object => {
  const sessions = '/v1/checkout/sessions'
  if (method === 'POST' && path === '/v1/customers') return { id: newId('cus'), object: 'customer', metadata: {} }
  if (method === 'POST' && path === sessions) return session(newId('cs_test'))
  if (method === 'GET' && path.startsWith(`${sessions}/`)) return session(path.slice(sessions.length + 1))
  return { object: 'list', data: [], has_more: false }
}

let isSilent = false

const server = createServer((request, response) => {
  const [path = ''] = (request.url ?? '').split('?')
  if (path.startsWith('/_test/')) isSilent = path === '/_test/silent'
  else if (isSilent) return request.resume()
  request.resume().once('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'request-id': 'req_bench' })
    response.end(JSON.stringify(respond(request.method ?? '', path)))
  })
})
server.keepAliveTimeout = 60_000
server.listen(PORT, '127.0.0.1')
process.once('SIGTERM', () => server.close().closeAllConnections())
