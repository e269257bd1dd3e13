import dns, { type LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import { Agent, request } from 'undici'
import { isAddressAllowed } from './address.ts'
import { type AddressPolicy, urlProblem } from './check-url.ts'
import { parseRetryAfter } from './schedule.ts'

/** The timeout of one attempt in milliseconds, from the DNS lookup to the end of the response. Source: Standard Webhooks 1.0. */
export const attemptTimeoutMs = 15_000

const maxResponseBytes = 1_024

export interface WebhookRequest {
  url: string
  headers: Record<string, string>
  body: string
}

export interface WebhookResponse {
  /** The HTTP status; null if there was no response. */
  status: number | null
  /** The reason why there was no response. */
  error: string | null
  /** The beginning of the response body. */
  response: string | null
  retryAfterSeconds: number | null
  durationMs: number
}

export interface WebhookSender {
  send(request: WebhookRequest): Promise<WebhookResponse>
  close(): Promise<void>
}

/** The address is not allowed. The error's message is shown to operators. */
class AddressRejected extends Error {
  override name = 'AddressRejected'
}

const rejection = 'The host name resolves to an address of this machine or of a private network'

/**
 * Resolves a name and checks its addresses. The socket connects to an address that this function returns, so a DNS change between the check
 * and the connection has no effect.
 */
const createLookup =
  ({ allowPrivate, resolve }: AddressPolicy): LookupFunction =>
  (hostname, options, callback) => {
    const finish = (addresses: LookupAddress[]): void => {
      const [first] = addresses
      if (!first) callback(new AddressRejected('The host name has no address'), '', 0)
      else if (!addresses.every(({ address }) => isAddressAllowed(address, { allowPrivate })))
        callback(new AddressRejected(rejection), '', 0)
      else if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    }
    if (resolve) {
      resolve(hostname).then(
        (addresses) => finish(addresses.map((address) => ({ address, family: isIP(address) }))),
        (error: NodeJS.ErrnoException) => callback(error, '', 0),
      )
      return
    }
    dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) callback(error, '', 0)
      else finish(addresses)
    })
  }

const texts: Partial<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'The connection was closed before a response arrived',
  UND_ERR_SOCKET: 'The connection was closed before a response arrived',
  ENOTFOUND: 'The host name does not resolve',
  EAI_AGAIN: 'The name servers do not respond',
  EHOSTUNREACH: 'The host is unreachable',
  ENETUNREACH: 'The network is unreachable',
  UND_ERR_CONNECT_TIMEOUT: `No response within ${attemptTimeoutMs / 1_000} seconds`,
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate is signed by an unknown authority',
  CERT_HAS_EXPIRED: 'The certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate is for a different host name',
}

/** Describes an error to operators. Messages of network libraries may contain addresses, so these messages are not shown. */
const describeError = (error: unknown): string => {
  if (error instanceof AddressRejected) return error.message
  if (!(error instanceof Error)) return 'The request failed'
  if (error.name === 'TimeoutError') return `No response within ${attemptTimeoutMs / 1_000} seconds`
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  // If a host has several addresses, each address has its own error. Only the first error is described.
  if (error instanceof AggregateError && !(code in texts)) return describeError(error.errors[0])
  return texts[code] ?? (code === '' ? 'The request failed' : `The request failed (${code})`)
}

/** Reads the beginning of a body and discards the rest. NUL is removed, because Postgres cannot store it. */
const readStart = async (body: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= maxResponseBytes) break
  }
  return Buffer.concat(chunks).subarray(0, maxResponseBytes).toString('utf8').replaceAll('\0', '\ufffd')
}

/** Sends messages only to addresses on the internet. The sender follows no redirects and uses no proxy. */
export const createWebhookSender = (
  policy: AddressPolicy,
  { timeoutMs = attemptTimeoutMs }: { timeoutMs?: number } = {},
): WebhookSender => {
  const agent = new Agent({
    connect: { lookup: createLookup(policy), timeout: timeoutMs },
    connections: 100,
    keepAliveTimeout: 10_000,
  })
  return {
    send: async ({ url, headers, body }) => {
      const start = performance.now()
      const durationMs = () => Math.round(performance.now() - start)
      const failed = (error: string): WebhookResponse => ({
        ...{ status: null, error, response: null, retryAfterSeconds: null, durationMs: durationMs() },
      })
      // The URL is checked here too, because the lookup and its check are skipped if the host is an IP address.
      const problem = urlProblem(url, policy)
      if (problem !== null) return failed(problem)
      try {
        const response = await request(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'user-agent': 'pay-to-view', ...headers },
          body,
          dispatcher: agent,
          signal: AbortSignal.timeout(timeoutMs),
        })
        const { statusCode: status } = response
        const retryAfter = response.headers['retry-after']
        const start = await readStart(response.body).catch(() => '')
        return {
          ...{ status, error: null, response: start, durationMs: durationMs() },
          retryAfterSeconds: parseRetryAfter(Array.isArray(retryAfter) ? retryAfter[0] : retryAfter),
        }
      } catch (error) {
        return failed(describeError(error))
      }
    },
    close: () => agent.destroy(),
  }
}
