import { createHash } from 'node:crypto'
import type { IdempotentAnswer } from '../store/wire.ts'
import type { World } from '../world.ts'
import { StripeError } from './errors.ts'

const DAY = 86_400

export interface Keyed {
  key: string
  endpoint: string
  request: string
}

/** Who asks the same thing again is told the same thing again (Stripe's page "Idempotent requests"). */
export class Idempotency {
  readonly #world: World
  #underWay = new Set<string>()

  constructor(world: World) {
    this.#world = world
  }

  keyed(key: string | undefined, method: string, endpoint: string, params: unknown): Keyed | undefined {
    if (key === undefined || method !== 'POST') return undefined
    if (key.length > 255)
      throw new StripeError(400, { type: 'idempotency_error', message: 'Idempotency keys must be at most 255 characters long.' })
    return { key, endpoint, request: createHash('sha256').update(JSON.stringify(params)).digest('base64') }
  }

  /** The answer given before, if any. From here until `finish` another request with the key is told to wait. */
  begin({ key, endpoint, request }: Keyed): IdempotentAnswer | undefined {
    const { store } = this.#world
    const known = store.idempotency.get(key)
    if (known && known.created > this.#world.now() - DAY) {
      const other = `Try using a key other than '${key}' if you meant to execute a different request.`
      if (known.endpoint !== endpoint)
        throw new StripeError(400, {
          type: 'idempotency_error',
          message: `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${known.endpoint}' vs '${endpoint}'). ${other}`,
        })
      if (known.request !== request)
        throw new StripeError(400, {
          type: 'idempotency_error',
          message: `Keys for idempotent requests can only be used with the same parameters they were first used with. ${other}`,
        })
      return known
    }
    if (this.#underWay.has(key))
      throw new StripeError(409, {
        type: 'invalid_request_error',
        code: 'idempotency_key_in_use',
        message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
      })
    this.#underWay.add(key)
    return undefined
  }

  finish({ key }: Keyed): void {
    this.#underWay.delete(key)
  }

  /** Inside the request's own transaction, so that a crash keeps both or neither. */
  keep({ key, endpoint, request }: Keyed, status: number, body: unknown): void {
    const { idempotency } = this.#world.store
    idempotency.remove(key)
    idempotency.put({ id: key, endpoint, request, status, body, created: this.#world.now() })
    // The oldest come first.
    for (const { id, created } of idempotency.values()) {
      if (created > this.#world.now() - DAY) break
      idempotency.remove(id)
    }
  }
}
