import { createHmac } from 'node:crypto'
import { type Account, NO_REQUEST } from '../account.ts'
import type { Faults } from '../faults/faults.ts'
import type { Delivery, Event, WebhookEndpoint } from '../store/objects.ts'
import { type DeliveryActions, deliverWithFault } from './delivery-faults.ts'

/**
 * The first delays are short, so that a restarted receiver soon gets its events. Stripe retries for up to 3 days (Stripe's page "Receive
 * Stripe events").
 */
export const RETRY_DELAYS_MS = [250, 1_000, 3_000, 10_000, 30_000, 60_000, 300_000, 3_600_000]
const MAX_DELIVERY_AGE_MS = 3 * 86_400_000
const MAX_CONCURRENT_REQUESTS = 32

export interface SenderSettings {
  /** The delays before the 2nd, 3rd, … attempts. The last delay repeats. */
  retryDelaysMs: number[]
  /** How long an endpoint may take to respond. */
  timeoutMs: number
}

export class WebhookSender implements DeliveryActions {
  readonly #account: Account
  readonly #faults: Faults
  readonly #settings: SenderSettings
  readonly #shutdown = new AbortController()
  #queue: (() => Promise<void>)[] = []
  #activeRequests = 0

  constructor(account: Account, faults: Faults, settings: SenderSettings) {
    this.#account = account
    this.#faults = faults
    this.#settings = settings
    account.deliver = (delivery) => deliverWithFault(this.#faults.forDelivery(delivery.event_type), account, delivery, this)
  }

  /** Continues the deliveries that were pending when the emulator stopped. */
  resume(): void {
    for (const delivery of this.#account.store.deliveries.newest({ index: 'status', key: 'pending' }))
      this.sendAt(delivery, delivery.next_attempt_at ?? this.#account.nowMs())
  }

  close(): void {
    this.#shutdown.abort()
    this.#queue = []
  }

  sendAt(delivery: Delivery, at: number): void {
    if (at <= this.#account.nowMs()) this.#enqueue(() => this.#attempt(delivery.id))
    else this.#account.scheduler.schedule(at, () => this.#enqueue(() => this.#attempt(delivery.id)))
  }

  drop(delivery: Delivery): void {
    this.#account.transaction(NO_REQUEST, () =>
      this.#account.store.deliveries.put({ ...delivery, status: 'dropped', next_attempt_at: null }),
    )
  }

  #enqueue(send: () => Promise<void>): void {
    if (this.#shutdown.signal.aborted) return
    this.#queue.push(send)
    this.#startNext()
  }

  #startNext(): void {
    const send = this.#activeRequests < MAX_CONCURRENT_REQUESTS && this.#queue.shift()
    if (!send) return
    this.#activeRequests++
    void send().finally(() => {
      this.#activeRequests--
      this.#startNext()
    })
  }

  async #attempt(id: string): Promise<void> {
    const { store } = this.#account
    const delivery = store.deliveries.get(id)
    const event = delivery && store.events.get(delivery.event)
    const endpoint = delivery && store.webhookEndpoints.get(delivery.endpoint)
    if (!delivery || !event || (delivery.status !== 'pending' && delivery.status !== 'succeeded')) return
    const result =
      endpoint?.status === 'enabled'
        ? await this.#post(event, endpoint)
        : { status: null, error: 'The endpoint was deleted or disabled.' }
    if (!this.#shutdown.signal.aborted) this.#recordAttempt(id, result, endpoint?.url ?? delivery.url)
  }

  /** Every attempt is signed again with the real time, because receivers compare the timestamp with their own clock. */
  async #post(
    event: Event,
    { url, secret, api_version }: WebhookEndpoint,
  ): Promise<{ status: number | null; error: string | null }> {
    // SDKs compare `api_version` with their own version. The object itself always has the shape of the emulator's version.
    const payload = JSON.stringify({ ...event, api_version: api_version ?? event.api_version }, null, 2)
    const t = Math.floor(Date.now() / 1000)
    const v1 = createHmac('sha256', secret).update(`${t}.${payload}`).digest('hex')
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'stripe-signature': `t=${t},v1=${v1}`,
          'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        },
        body: payload,
        signal: AbortSignal.any([this.#shutdown.signal, AbortSignal.timeout(this.#settings.timeoutMs)]),
      })
      await response.arrayBuffer()
      return { status: response.status, error: response.ok ? null : `HTTP ${response.status}` }
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      return { status: null, error: cause instanceof Error ? cause.message || cause.name : String(cause) }
    }
  }

  #recordAttempt(id: string, { status, error }: { status: number | null; error: string | null }, url: string): void {
    const { store } = this.#account
    const before = store.deliveries.get(id)
    if (!before) return
    const attempts = before.attempts + 1
    const delayMs = this.#settings.retryDelaysMs[Math.min(attempts, this.#settings.retryDelaysMs.length) - 1] ?? 0
    const next = this.#account.nowMs() + delayMs
    const willRetry = error !== null && before.status === 'pending' && next < before.created + MAX_DELIVERY_AGE_MS
    const failed = willRetry ? 'pending' : 'failed'
    this.#account.transaction(NO_REQUEST, () => {
      const after = store.deliveries.put({
        ...before,
        url,
        status: error === null || before.status === 'succeeded' ? 'succeeded' : failed,
        attempts,
        next_attempt_at: willRetry ? next : null,
        response_status: status,
        error,
      })
      if (after.status === 'succeeded') this.#updatePendingWebhooks(before.event)
    })
    if (willRetry) this.sendAt(before, next)
  }

  /** Updates `pending_webhooks`, the number of endpoints that have not received the event yet. */
  #updatePendingWebhooks(eventId: string): void {
    const { events, deliveries } = this.#account.store
    const event = events.get(eventId)
    const all = [...deliveries.newest({ index: 'event', key: eventId })]
    const delivered = new Set(all.filter(({ status }) => status === 'succeeded').map(({ endpoint }) => endpoint))
    const pending = new Set(all.map(({ endpoint }) => endpoint).filter((endpoint) => !delivered.has(endpoint))).size
    if (event && event.pending_webhooks !== pending) events.put({ ...event, pending_webhooks: pending })
  }
}
