import { createHash } from 'node:crypto'
import type { Account } from '../account.ts'
import type { IdempotentResponse } from '../store/objects.ts'
import { StripeError } from './errors.ts'

const RETENTION_SECONDS = 86_400

export interface KeyedRequest {
  key: string
  endpoint: string
  request: string
}

/** Returns the stored response to a repeated request (Stripe's page "Idempotent requests"). */
export class Idempotency {
  readonly #account: Account
  #inProgress = new Set<string>()

  constructor(account: Account) {
    this.#account = account
  }

  /** Returns undefined for a request that has no idempotency key or is not a POST. */
  keyedRequest(key: string | undefined, method: string, endpoint: string, params: unknown): KeyedRequest | undefined {
    if (key === undefined || method !== 'POST') return undefined
    if (key.length > 255)
      throw new StripeError(400, { type: 'idempotency_error', message: 'Idempotency keys must be at most 255 characters long.' })
    return {
      key,
      endpoint,
      request: createHash('sha256')
        .update(JSON.stringify(sortKeys(params)))
        .digest('base64'),
    }
  }

  /** Returns the stored response, if any. Otherwise, other requests with the same key get 409 until `finish` is called. */
  begin({ key, endpoint, request }: KeyedRequest): IdempotentResponse | undefined {
    const { store } = this.#account
    const stored = store.idempotency.get(key)
    if (stored && stored.created > this.#account.nowSeconds() - RETENTION_SECONDS) {
      const advice = `Try using a key other than '${key}' if you meant to execute a different request.`
      if (stored.endpoint !== endpoint)
        throw new StripeError(400, {
          type: 'idempotency_error',
          message: `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${stored.endpoint}' vs '${endpoint}'). ${advice}`,
        })
      if (stored.request !== request)
        throw new StripeError(400, {
          type: 'idempotency_error',
          message: `Keys for idempotent requests can only be used with the same parameters they were first used with. ${advice}`,
        })
      return stored
    }
    if (this.#inProgress.has(key))
      throw new StripeError(409, {
        type: 'invalid_request_error',
        code: 'idempotency_key_in_use',
        message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
      })
    this.#inProgress.add(key)
    return undefined
  }

  finish({ key }: KeyedRequest): void {
    this.#inProgress.delete(key)
  }

  /**
   * Stores the response in the request's own transaction, so that the change and the response are either both stored or both lost in a
   * crash.
   */
  save({ key, endpoint, request }: KeyedRequest, status: number, body: unknown): void {
    const { idempotency } = this.#account.store
    idempotency.remove(key)
    idempotency.put({ id: key, endpoint, request, status, body, created: this.#account.nowSeconds() })
    // Keys are in order of creation, so expired keys come first.
    for (const { id, created } of idempotency.values()) {
      if (created > this.#account.nowSeconds() - RETENTION_SECONDS) break
      idempotency.remove(id)
    }
  }
}

/** Sorts the keys, because two requests with the same parameters in a different order are the same request. */
const sortKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]))
}
