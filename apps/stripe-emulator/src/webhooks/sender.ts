import { createHmac } from 'node:crypto'
import type { Faults } from '../faults/faults.ts'
import type { Delivery, Event, WebhookEndpoint } from '../store/wire.ts'
import { NOBODY, type World } from '../world.ts'
import { type DeliveryActions, deliverWithFault } from './delivery-faults.ts'

/** Short at first, so that a restarted receiver gets its events soon; Stripe goes on for up to 3 days ("Receive Stripe events"). */
export const RETRY_DELAYS = [250, 1_000, 3_000, 10_000, 30_000, 60_000, 300_000, 3_600_000]
const GIVE_UP_AFTER = 3 * 86_400_000
const AT_ONCE = 32

export interface SenderSettings {
  /** Milliseconds before the 2nd, 3rd… attempt; the last one repeats. */
  retryDelays: number[]
  /** Milliseconds an endpoint has to answer. */
  timeout: number
}

export class WebhookSender implements DeliveryActions {
  readonly #world: World
  readonly #faults: Faults
  readonly #settings: SenderSettings
  readonly #closing = new AbortController()
  #waiting: (() => Promise<void>)[] = []
  #sending = 0

  constructor(world: World, faults: Faults, settings: SenderSettings) {
    this.#world = world
    this.#faults = faults
    this.#settings = settings
    world.deliver = (delivery) => deliverWithFault(this.#faults.forDelivery(delivery.event_type), world, delivery, this)
  }

  /** After a restart: what was pending goes on. */
  resume(): void {
    for (const delivery of this.#world.store.deliveries.newest({ index: 'status', key: 'pending' }))
      this.sendAt(delivery, delivery.next_attempt_at ?? this.#world.nowMs())
  }

  close(): void {
    this.#closing.abort()
    this.#waiting = []
  }

  sendAt(delivery: Delivery, at: number): void {
    if (at <= this.#world.nowMs()) this.#queue(() => this.#attempt(delivery.id))
    else this.#world.alarm.set(at, () => this.#queue(() => this.#attempt(delivery.id)))
  }

  drop(delivery: Delivery): void {
    this.#world.transaction(NOBODY, () =>
      this.#world.store.deliveries.put({ ...delivery, status: 'dropped', next_attempt_at: null }),
    )
  }

  #queue(send: () => Promise<void>): void {
    if (this.#closing.signal.aborted) return
    this.#waiting.push(send)
    this.#next()
  }

  #next(): void {
    const send = this.#sending < AT_ONCE && this.#waiting.shift()
    if (!send) return
    this.#sending++
    void send().finally(() => {
      this.#sending--
      this.#next()
    })
  }

  async #attempt(id: string): Promise<void> {
    const { store } = this.#world
    const delivery = store.deliveries.get(id)
    const event = delivery && store.events.get(delivery.event)
    const endpoint = delivery && store.webhookEndpoints.get(delivery.endpoint)
    if (!delivery || !event || (delivery.status !== 'pending' && delivery.status !== 'succeeded')) return
    const result =
      endpoint?.status === 'enabled'
        ? await this.#post(event, endpoint)
        : { status: null, error: 'The endpoint is gone or disabled.' }
    if (!this.#closing.signal.aborted) this.#note(id, result, endpoint?.url ?? delivery.url)
  }

  /** The signature is made anew for each attempt. Its time is the real one: receivers compare it with their own clock. */
  async #post(event: Event, { url, secret }: WebhookEndpoint): Promise<{ status: number | null; error: string | null }> {
    const payload = JSON.stringify(event, null, 2)
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
        signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#settings.timeout)]),
      })
      await response.arrayBuffer()
      return { status: response.status, error: response.ok ? null : `HTTP ${response.status}` }
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      return { status: null, error: cause instanceof Error ? cause.message || cause.name : String(cause) }
    }
  }

  #note(id: string, { status, error }: { status: number | null; error: string | null }, url: string): void {
    const { store } = this.#world
    const before = store.deliveries.get(id)
    if (!before) return
    const attempts = before.attempts + 1
    const delay = this.#settings.retryDelays[Math.min(attempts, this.#settings.retryDelays.length) - 1] ?? 0
    const next = this.#world.nowMs() + delay
    const again = error !== null && before.status === 'pending' && next < before.created + GIVE_UP_AFTER
    const failed = again ? 'pending' : 'failed'
    this.#world.transaction(NOBODY, () => {
      const after = store.deliveries.put({
        ...before,
        url,
        status: error === null || before.status === 'succeeded' ? 'succeeded' : failed,
        attempts,
        next_attempt_at: again ? next : null,
        response_status: status,
        error,
      })
      if (after.status === 'succeeded') this.#countPending(before.event)
    })
    if (again) this.sendAt(before, next)
  }

  /** The endpoints that have not taken the event yet. */
  #countPending(eventId: string): void {
    const { events, deliveries } = this.#world.store
    const event = events.get(eventId)
    const all = [...deliveries.newest({ index: 'event', key: eventId })]
    const done = new Set(all.filter(({ status }) => status === 'succeeded').map(({ endpoint }) => endpoint))
    const pending = new Set(all.map(({ endpoint }) => endpoint).filter((endpoint) => !done.has(endpoint))).size
    if (event && event.pending_webhooks !== pending) events.put({ ...event, pending_webhooks: pending })
  }
}
