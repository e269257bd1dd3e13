import Stripe from 'stripe'
import { newId } from './ids.ts'
import { ACCOUNT_NAME } from './model/account-name.ts'
import { Scheduler } from './scheduler.ts'
import type { Delivery, Event, EventType, Task } from './store/objects.ts'
import type { Store } from './store/store.ts'

/**
 * The `request` field of an event: the API request that caused the event. The ids are null if the emulator itself caused the event, for
 * example when a timer fires.
 */
export interface EventRequest {
  id: string | null
  idempotency_key: string | null
}

export const NO_REQUEST: EventRequest = { id: null, idempotency_key: null }

export const ACCOUNT_ID = 'acct_1EmulatedPayToView'

export interface AccountProfile {
  business_name: string | null
  business_url: string | null
  support_email: string | null
  support_url: string | null
  statement_descriptor: string | null
}

export interface Settings {
  /** How long a bank debit takes to settle. With null, the debit settles only through `_test/payment_intents/{id}/settle`. */
  settleAfterSeconds: number | null
  /** How long refunds to bank accounts and to Stripe's "asynchronous refund" test cards take. */
  refundDelaySeconds: number
  /** The time between a completed checkout and the creation of its invoice. With null, the invoice is created immediately. */
  invoiceDelaySeconds: number | null
  /** Whether Managed Payments is on for sessions that do not set the option, as on some accounts created since July 2026. */
  managedPayments: boolean
  /** How long createEmbeddedCheckoutPage takes in the emulator's Stripe.js, in milliseconds. */
  embeddedCheckoutDelayMs: number
  /** The currency of the balance. With null, each currency has its own balance. */
  settlementCurrency: string | null
  /** The country that the checkout form initially selects. */
  defaultCountry: string
  /** The URL of the terms of service in the account's public details. If it is not set, a checkout cannot collect consent to the terms. */
  termsUrl: string | null
  /** The account owner's settings that GET /v1/account returns. */
  profile: AccountProfile
  /** The emulator's base URL, for links inside objects. */
  url: string
}

export const DEFAULT_PROFILE: AccountProfile = {
  business_name: ACCOUNT_NAME,
  business_url: null,
  support_email: 'support@example.com',
  support_url: null,
  statement_descriptor: 'PAY TO VIEW',
}

/** The emulated Stripe account, with its objects, clock, events and scheduled tasks. */
export class Account {
  readonly store: Store
  settings: Settings
  readonly #initialSettings: Settings
  readonly scheduler: Scheduler
  readonly #systemNowMs: () => number
  #request: EventRequest = NO_REQUEST
  /** Set during a transaction, so that all changes in the transaction have the same time. */
  #transactionMs: number | undefined
  /** True while `inPast` runs. Meanwhile, no events are recorded, no webhooks are sent, and no tasks are scheduled. */
  #isPast = false
  /** Set by the webhook sender. Called after the transaction that created the delivery. */
  deliver: (delivery: Delivery) => void = () => {}
  runTask: (task: Task) => void = () => {}
  #afterCommit: (() => void)[] = []

  constructor(store: Store, settings: Settings, nowMs: () => number) {
    this.store = store
    this.settings = { ...settings }
    this.#initialSettings = settings
    this.#systemNowMs = nowMs
    this.scheduler = new Scheduler(() => this.nowMs())
  }

  nowMs(): number {
    return this.#transactionMs ?? this.#clockMs()
  }

  #clockMs(): number {
    return this.#systemNowMs() + (this.store.clock.get('clock')?.offset ?? 0)
  }

  /** Returns the Unix time in seconds, which is the unit of Stripe's timestamps. */
  nowSeconds(): number {
    return Math.floor(this.nowMs() / 1000)
  }

  /** Calls `run` atomically and at a single point in time, and then starts the webhooks and timers that it created. */
  transaction<T>(request: EventRequest, run: () => T): T {
    const result = this.#runAtomically(request, run)
    const callbacks = this.#afterCommit
    this.#afterCommit = []
    for (const callback of callbacks) callback()
    return result
  }

  #runAtomically<T>(request: EventRequest, run: () => T): T {
    this.#request = request
    this.#afterCommit = []
    this.#transactionMs = this.#clockMs()
    try {
      return this.store.transaction(run)
    } finally {
      this.#transactionMs = undefined
    }
  }

  /**
   * Runs part of a transaction as if it had happened at an earlier time, before any webhook endpoint existed. The objects of each type must
   * be created in ascending order of time.
   */
  inPast<T>(timeMs: number, run: () => T): T {
    const now = this.#transactionMs
    this.#transactionMs = timeMs
    this.#isPast = true
    try {
      return run()
    } finally {
      this.#transactionMs = now
      this.#isPast = false
    }
  }

  emit(type: EventType, object: object, previous?: Record<string, unknown>): Event {
    const id = newId('event')
    const endpoints = [...this.store.webhookEndpoints.values()].filter(
      ({ status, enabled_events }) => status === 'enabled' && (enabled_events.includes('*') || enabled_events.includes(type)),
    )
    const event: Event = {
      id,
      object: 'event',
      api_version: Stripe.API_VERSION,
      created: this.nowSeconds(),
      data: { object, ...(previous && { previous_attributes: previous }) },
      livemode: false,
      pending_webhooks: endpoints.length,
      request: this.#request,
      type,
    }
    // Events in the past are not stored, because Stripe keeps events for only 30 days.
    if (this.#isPast) return event
    this.store.events.put(event)
    for (const endpoint of endpoints) this.send(event, endpoint)
    return event
  }

  /** Creates a delivery of the event to the endpoint. The first attempt is made after the transaction. */
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

  scheduleTask(kind: Task['kind'], objectId: string, delaySeconds: number): void {
    if (this.#isPast) return
    const at = this.nowMs() + delaySeconds * 1000
    const task = this.store.tasks.put({ id: newId('task'), at, kind, object: objectId })
    this.#afterCommit.push(() => this.startTaskTimer(task))
  }

  /** Deletes everything except the webhook endpoints configured at start, and restores the initial settings. */
  reset(): void {
    this.scheduler.clear()
    this.settings = { ...this.#initialSettings, url: this.settings.url }
    this.store.reset(isConfiguredEndpoint)
  }

  startTaskTimer(task: Task): void {
    this.scheduler.schedule(task.at, () => this.store.tasks.get(task.id) && this.runTask(task))
  }
}

/** The id prefix of endpoints that the start options configured, as opposed to endpoints created through the API. */
export const CONFIGURED_ENDPOINT_PREFIX = 'we_configured_'
export const isConfiguredEndpoint = (_collection: string, { id }: { id: string }): boolean =>
  id.startsWith(CONFIGURED_ENDPOINT_PREFIX)

/** Returns an event's `previous_attributes`: the old values of the changed fields. Nested objects contain only the changed keys. */
export const previousAttributes = (before: object, after: object): Record<string, unknown> => {
  const previous: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is]: [unknown, unknown] = [Reflect.get(before, key), Reflect.get(after, key)]
    if (JSON.stringify(was) === JSON.stringify(is)) continue
    previous[key] = isNestedObject(was) && isNestedObject(is) ? previousAttributes(was, is) : (was ?? null)
  }
  return previous
}

const isNestedObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)
