import Stripe from 'stripe'
import { Alarm } from './alarm.ts'
import { newId } from './ids.ts'
import type { Store } from './store/store.ts'
import type { Delivery, Event, EventType, Task } from './store/wire.ts'

/** Who caused a change: an API request, or nobody (Stripe itself, by the clock). It becomes the event's `request`. */
export interface Cause {
  id: string | null
  idempotency_key: string | null
}

export const NOBODY: Cause = { id: null, idempotency_key: null }

export interface Settings {
  /** When a bank debit settles by itself, in seconds; null: only by `_test/payment_intents/{id}/settle`. */
  settleAfter: number | null
  /** How long Stripe's "asynchronous refund" cards take, in seconds. */
  refundDelay: number
  /** The emulator's own address, for the links inside objects. */
  url: string
}

/**
 * The emulated Stripe account: what is stored, its clock, and the two things every change does: emit an event, and plan what
 * happens by itself later.
 */
export class World {
  readonly store: Store
  readonly settings: Settings
  readonly alarm: Alarm
  readonly #now: () => number
  #cause: Cause = NOBODY
  /** Inside a transaction the clock stands still: what happens together has one time. */
  #instant: number | undefined
  /** Set by the webhook sender; called after the transaction that put the delivery. */
  deliver: (delivery: Delivery) => void = () => {}
  runTask: (task: Task) => void = () => {}
  #afterCommit: (() => void)[] = []

  constructor(store: Store, settings: Settings, now: () => number) {
    this.store = store
    this.settings = settings
    this.#now = now
    this.alarm = new Alarm(() => this.nowMs())
  }

  nowMs(): number {
    return this.#instant ?? this.#clock()
  }

  #clock(): number {
    return this.#now() + (this.store.clock.get('clock')?.offset ?? 0)
  }

  /** Seconds since the epoch, as Stripe counts. */
  now(): number {
    return Math.floor(this.nowMs() / 1000)
  }

  /** All of it or nothing, at one instant; then what waited for it: webhooks and plans. */
  transaction<T>(cause: Cause, run: () => T): T {
    const result = this.#atOneInstant(cause, run)
    const after = this.#afterCommit
    this.#afterCommit = []
    for (const step of after) step()
    return result
  }

  #atOneInstant<T>(cause: Cause, run: () => T): T {
    this.#cause = cause
    this.#afterCommit = []
    this.#instant = this.#clock()
    try {
      return this.store.transaction(run)
    } finally {
      this.#instant = undefined
    }
  }

  emit(type: EventType, object: object, previous?: Record<string, unknown>): Event {
    const id = newId('event')
    const endpoints = [...this.store.webhookEndpoints.values()].filter(
      ({ status, enabled_events }) => status === 'enabled' && (enabled_events.includes('*') || enabled_events.includes(type)),
    )
    const event = this.store.events.put({
      id,
      object: 'event',
      api_version: Stripe.API_VERSION,
      created: this.now(),
      data: { object, ...(previous && { previous_attributes: previous }) },
      livemode: false,
      pending_webhooks: endpoints.length,
      request: this.#cause,
      type,
    })
    for (const endpoint of endpoints) this.send(event, endpoint)
    return event
  }

  /** Puts one event on its way to one endpoint. */
  send(event: Event, endpoint: { id: string; url: string }): void {
    const delivery = this.store.deliveries.put({
      id: newId('delivery'),
      event: event.id,
      event_type: event.type,
      endpoint: endpoint.id,
      url: endpoint.url,
      status: 'pending',
      attempts: 0,
      next_attempt_at: this.nowMs(),
      response_status: null,
      error: null,
      created: this.nowMs(),
    })
    this.#afterCommit.push(() => this.deliver(delivery))
  }

  /** `after` in seconds. */
  plan(kind: Task['kind'], object: string, after: number): void {
    const task = this.store.tasks.put({ id: newId('task'), at: this.nowMs() + after * 1000, kind, object })
    this.#afterCommit.push(() => this.setAlarm(task))
  }

  /** Forgets everything but the webhook endpoints that the start configured. */
  reset(): void {
    this.alarm.clear()
    this.store.reset(isConfigured)
  }

  setAlarm(task: Task): void {
    this.alarm.set(task.at, () => this.store.tasks.get(task.id) && this.runTask(task))
  }
}

/** An endpoint given at the start, not made through the API: it stays, and follows the start's settings. */
export const CONFIGURED = 'we_configured_'
export const isConfigured = (_collection: string, { id }: { id: string }): boolean => id.startsWith(CONFIGURED)

/** What an *.updated event says in previous_attributes: the former values of what changed; inside objects only the keys that changed. */
export const previousAttributes = (before: object, after: object): Record<string, unknown> => {
  const previous: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is]: [unknown, unknown] = [Reflect.get(before, key), Reflect.get(after, key)]
    if (JSON.stringify(was) === JSON.stringify(is)) continue
    previous[key] = isPlain(was) && isPlain(is) ? previousAttributes(was, is) : (was ?? null)
  }
  return previous
}

const isPlain = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)
