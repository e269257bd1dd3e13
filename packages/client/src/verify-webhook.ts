import type { WebhookMessage } from './webhook-message.ts'

/** The message was not signed with the secret, or it is too old. Respond with 401. */
export class WebhookVerificationError extends Error {
  override name = 'WebhookVerificationError'
}

interface FetchHeaders {
  get(name: string): string | null
}

/** The headers of a request, from the Fetch API, Node, Express or Fastify. */
export type WebhookHeaders = FetchHeaders | Readonly<Record<string, string | readonly string[] | undefined>>

const isFetchHeaders = (headers: WebhookHeaders): headers is FetchHeaders => typeof headers.get === 'function'

export interface VerifyWebhookOptions {
  /** The maximum age of a message in seconds. A message's time may also be this far in the future, because clocks differ. */
  toleranceSeconds?: number
  /** The current time in milliseconds since the epoch, for tests. */
  now?: number
}

/** Finds a header regardless of case: Node lowercases header names, but other runtimes, such as AWS Lambda, keep them as sent. */
const findHeader = (headers: Exclude<WebhookHeaders, FetchHeaders>, name: string) =>
  headers[name] ?? Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]

const readHeader = (headers: WebhookHeaders, name: string): string => {
  const value = isFetchHeaders(headers) ? headers.get(name) : findHeader(headers, name)
  const text = Array.isArray(value) ? value[0] : value
  if (typeof text !== 'string' || text === '') throw new WebhookVerificationError(`The ${name} header is missing`)
  return text
}

const decodeBase64 = (text: string): Uint8Array<ArrayBuffer> => {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return new Uint8Array()
  }
}

const importKey = (secret: string) => {
  const bytes = decodeBase64(secret.replace(/^whsec_/, ''))
  if (bytes.length === 0) throw new TypeError("Expected the endpoint's signing secret, whsec_…")
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
}

const concat = (head: Uint8Array, body: Uint8Array): Uint8Array<ArrayBuffer> => {
  const all = new Uint8Array(head.length + body.length)
  all.set(head)
  all.set(body, head.length)
  return all
}

/**
 * Verifies a message to a webhook endpoint (Standard Webhooks 1.0) and returns it. `body` is the raw body, before JSON parsing.
 * Throws `WebhookVerificationError` if the message is not valid. A message may arrive more than once; the `webhook-id` header
 * contains the message id.
 */
export const verifyWebhook = async (
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string | readonly string[],
  { toleranceSeconds = 300, now = Date.now() }: VerifyWebhookOptions = {},
): Promise<WebhookMessage> => {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    readHeader(headers, name),
  )
  const ageSeconds = Math.abs(now / 1_000 - Number(timestamp))
  if (!/^\d+$/.test(timestamp ?? '') || ageSeconds > toleranceSeconds)
    throw new WebhookVerificationError('The message is too old or too new')
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const signed = concat(new TextEncoder().encode(`${id}.${timestamp}.`), bytes)
  const candidates = (signatures ?? '')
    .split(' ')
    .flatMap((part) => (part.startsWith('v1,') ? [decodeBase64(part.slice(3))] : []))
  for (const each of typeof secret === 'string' ? [secret] : secret) {
    const key = await importKey(each)
    for (const signature of candidates) {
      // Compares in constant time.
      if (await crypto.subtle.verify('HMAC', key, signature, signed)) return JSON.parse(new TextDecoder().decode(bytes))
    }
  }
  throw new WebhookVerificationError('No signature matches')
}
