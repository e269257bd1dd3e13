/**
 * attack.ts KIND URL COUNT ADDRESSES: overload.ts starts this program as a separate process, so that it takes no CPU time from the client
 * that measures. The kinds `slow`, `small` and `forged` send webhooks, `unauthenticated` sends slow calls without a token, and `catalog`
 * reads the catalog without a token. Connections come from ADDRESSES different local addresses (127.1.0.1 and up). When stopped, the
 * program prints the number of responses by status.
 */
import { Agent, get, request } from 'node:http'
import { connect } from 'node:net'
import { z } from 'zod'

const [kind, url, count, addresses] = z
  .tuple([z.enum(['slow', 'small', 'unauthenticated', 'forged', 'catalog']), z.url(), z.coerce.number(), z.coerce.number()])
  .parse(process.argv.slice(2))
const target = new URL('/client/v1/webhooks/stripe', url)
const addressOf = (index: number): string => {
  const number = index % addresses
  return `127.1.${Math.floor(number / 250)}.${(number % 250) + 1}`
}
const outcomes = new Map<string, number>()
const record = (outcome: string): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)

/** Sends nearly all of a body, and then sends no more data. Connects again when the server closes the connection. */
const sendSlowBody = (index: number, path: string, size: number, almostAll: Buffer): void => {
  const socket = connect({ host: target.hostname, port: Number(target.port), localAddress: addressOf(index) })
  let response = ''
  socket.once('connect', () => {
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: ${target.host}\r\nContent-Type: application/json\r\nContent-Length: ${size}\r\n\r\n`,
    )
    socket.write(almostAll)
  })
  socket.on('data', (chunk) => {
    response += chunk
  })
  socket.on('error', () => undefined)
  socket.once('close', () => {
    record(response.slice(9, 12) || 'closed')
    setTimeout(() => sendSlowBody(index, path, size, almostAll), 500)
  })
}

const sendSlowBodies = (path: string, size: number): ((index: number) => void) => {
  const almostAll = Buffer.alloc(size - 1_000, ' ')
  return (index) => sendSlowBody(index, path, size, almostAll)
}

const forgedBody = Buffer.alloc(1_000_000, ' ')

/** Repeatedly sends a complete body with a forged signature. */
const sendForgedBodies = async (index: number): Promise<never> => {
  for (;;) {
    const headers = { 'stripe-signature': `t=${Math.floor(Date.now() / 1_000)},v1=${'0'.repeat(64)}` }
    await new Promise<void>((resolve) => {
      const sent = request(target, { method: 'POST', headers, agent: false, localAddress: addressOf(index) }, (response) => {
        record(String(response.statusCode))
        response.resume()
      })
      sent.once('error', () => record('closed'))
      sent.once('close', () => setTimeout(resolve, 10))
      sent.end(forgedBody)
    })
  }
}

const pages = Array.from({ length: 20 }, () => ({ limit: 200 }))
/** The largest public reads: REST pages, which are compressed, and a batch of tRPC queries. */
const catalogPaths = [
  '/client/v1/pay-to-view/entities?limit=200',
  '/client/v1/pay-to-view/products?limit=200',
  `/trpc/${pages.map(() => 'entities.list').join(',')}?batch=1&input=${encodeURIComponent(JSON.stringify({ ...pages }))}`,
]

/** Repeatedly reads the catalog on one connection. */
const readCatalog = async (index: number): Promise<never> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let number = index; ; number++) {
    const path = catalogPaths[number % catalogPaths.length] ?? ''
    await new Promise<void>((resolve) => {
      const options = { agent, localAddress: addressOf(index), headers: { 'accept-encoding': 'br' } }
      get(new URL(path, url), options, (response) => {
        record(String(response.statusCode))
        response.resume().once('end', resolve)
      }).once('error', () => {
        record('closed')
        setTimeout(resolve, 100)
      })
    })
  }
}

const start = {
  slow: sendSlowBodies(target.pathname, 900_000),
  small: sendSlowBodies(target.pathname, 60_000),
  unauthenticated: sendSlowBodies('/trpc/purchases.create', 250_000),
  forged: sendForgedBodies,
  catalog: readCatalog,
}[kind]
for (let index = 0; index < count; index++) void start(index)
process.once('SIGTERM', () => {
  console.log(JSON.stringify(Object.fromEntries(outcomes)))
  process.exit()
})
