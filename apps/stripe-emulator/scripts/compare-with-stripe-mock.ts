import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import qs from 'qs'
import { startStripeEmulator } from '../src/index.ts'
import { type Call, tour } from '../test/openapi/tour.ts'

/**
 * Compares the emulator's responses with the responses of Stripe's own stripe-mock, for those requests in test/openapi/tour.ts that the
 * emulator accepts. Requires Go:
 * npm run compare:stripe-mock --workspace @pay-to-view/stripe-emulator
 * stripe-mock validates requests against Stripe's OpenAPI document of version 2026-08-26.dahlia and returns fixed objects.
 */
const STRIPE_MOCK = 'github.com/stripe/stripe-mock@v0.203.0'

/** Requests with parameters that are newer than stripe-mock's document. */
const NEWER: RegExp[] = [/^POST \/v1\/payment_intents allowed_payment_method_types$/]

/** Endpoints that do not exist in stripe-mock. */
const PRIVATE: RegExp[] = [/^\w+ \/v1\/payment_pages\//, /^POST \/v1\/events\/:id\/retry$/]

/** Properties of stripe-mock's objects that the emulator omits. */
const LEFT_OUT: Record<string, string[]> = {
  // For Connect, which the emulator does not support.
  balance: ['connect_reserved'],
  account: ['controller', 'external_accounts', 'future_requirements', 'requirements', 'tos_acceptance'],
  // Included only if expanded, since API version 2022-11-15.
  charge: ['refunds'],
  search_result: ['total_count'],
  // stripe-mock always returns a card.
  payment_method: ['card'],
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

const startStripeMock = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stripe-mock-'))
  execFileSync('go', ['install', STRIPE_MOCK], { env: { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod' }, stdio: 'inherit' })
  const port = await freePort()
  const child = spawn(join(folder, 'stripe-mock'), ['-http-addr', `127.0.0.1:${port}`], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  for (let attempt = 0; attempt < 100; attempt++) {
    const isUp = await fetch(url).then(
      () => true,
      () => false,
    )
    if (isUp) break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const stop = () => {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  return { url, stop }
}

const send = async (base: string, { method, url, params }: Call) => {
  const text = qs.stringify(params)
  const response = await fetch(`${base}${url}${method === 'GET' && text ? `?${text}` : ''}`, {
    method,
    headers: { authorization: 'Bearer sk_test_123', 'content-type': 'application/x-www-form-urlencoded' },
    ...(method === 'POST' && { body: text }),
  })
  const body: Record<string, unknown> = JSON.parse(await response.text())
  return { status: response.status, body }
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'list' : typeof value)

/** Returns the properties that the emulator's object lacks or that have a different type. */
const differences = (route: string, ours: Record<string, unknown>, theirs: Record<string, unknown>): string[] =>
  Object.entries(theirs).flatMap(([name, value]) => {
    if (!(name in ours))
      return LEFT_OUT[String(theirs.object)]?.includes(name) ? [] : [`${route}: ${theirs.object} has no ${name}`]
    const own = ours[name]
    const isExpanded = kindOf(own) === 'object' && kindOf(value) === 'string'
    if (own === null || value === null || isExpanded || kindOf(own) === kindOf(value)) return []
    return [`${route}: ${name} has the type ${kindOf(own)}, but ${kindOf(value)} in stripe-mock`]
  })

const compare = async (call: Call, mock: string): Promise<string[]> => {
  if (call.status !== 200 || PRIVATE.some((pattern) => pattern.test(call.route))) return []
  const newer = Object.keys(call.params).filter((name) => NEWER.some((pattern) => pattern.test(`${call.route} ${name}`)))
  const params = Object.fromEntries(Object.entries(call.params).filter(([name]) => !newer.includes(name)))
  const { status, body } = await send(mock, { ...call, params })
  if (status !== 200)
    return [`${call.route} ${JSON.stringify(call.params)}: stripe-mock returns ${status} ${JSON.stringify(body)}`]
  // stripe-mock does not know that the customer was deleted.
  return call.body.deleted ? [] : differences(call.route, call.body, body)
}

const main = async (): Promise<void> => {
  const emulator = await startStripeEmulator({ refundDelaySeconds: 3600 })
  const helper = async (path: string, body: object = {}) => {
    const response = await fetch(`${emulator.url}/_test${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const parsed: Record<string, unknown> = JSON.parse(await response.text())
    return { body: parsed }
  }
  const mock = await startStripeMock()
  try {
    const calls = await tour(emulator.url, helper)
    const found = new Set<string>()
    for (const call of calls) for (const difference of await compare(call, mock.url)) found.add(difference)
    for (const difference of found) console.log(difference)
    console.log(`${calls.length} requests, ${found.size} differences`)
    process.exitCode = found.size === 0 ? 0 : 1
  } finally {
    mock.stop()
    await emulator.close()
  }
}

void main()
