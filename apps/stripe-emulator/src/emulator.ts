import type { FastifyServerOptions } from 'fastify'
import { Account, CONFIGURED_ENDPOINT_PREFIX, DEFAULT_PROFILE, NO_REQUEST } from './account.ts'
import { Faults } from './faults/faults.ts'
import { registerApi } from './http/api.ts'
import { newServer } from './http/server.ts'
import { runTask } from './model/tasks.ts'
import { registerCheckout } from './pages/checkout.ts'
import { registerDashboard } from './pages/dashboard.ts'
import { registerDocuments } from './pages/documents.ts'
import { registerAssets } from './pages/page.ts'
import { Store } from './store/store.ts'
import { registerTestHelpers } from './test-helpers/routes.ts'
import { routes } from './v1/routes.ts'
import { newWebhookEndpoint } from './v1/webhook-endpoints.ts'
import { RETRY_DELAYS_MS, WebhookSender } from './webhooks/sender.ts'

export interface StripeEmulatorOptions {
  /** With 0 (the default), the operating system picks a free port. */
  port?: number
  host?: string
  /** The only API key that is accepted; by default, any sk_test_… key is accepted. */
  secretKey?: string
  /** A file that preserves the state across restarts, including after kill -9. By default, the state is kept only in memory. */
  dataFile?: string
  /** Endpoints that receive every event. More endpoints can be created through /v1/webhook_endpoints. */
  webhooks?: { url: string; secret: string }[]
  /** The clock, in milliseconds since the epoch. It must never move backward. */
  now?: () => number
  /** How long a bank debit takes to settle. With null (the default), the debit settles only through the settle helper. */
  settleAfterSeconds?: number | null
  /** How long refunds to bank accounts and to Stripe's "asynchronous refund" test cards take; by default 1 second. */
  refundDelaySeconds?: number
  /** Emulates an account on which Managed Payments is on for sessions that do not set the option; by default false. */
  managedPayments?: boolean
  /** How long createEmbeddedCheckoutPage takes in the emulator's Stripe.js; by default 1,500 ms, as in Stripe. */
  embeddedCheckoutDelayMs?: number
  /** The country that the checkout form initially selects; by default US. */
  country?: string
  /** The URL of the account's terms of service. By default, the URL is not set, so a checkout cannot collect consent to the terms. */
  termsUrl?: string | null
  /** The delays before the 2nd, 3rd, … attempts to deliver a webhook. The last delay repeats. */
  retryDelaysMs?: number[]
  /** How long a webhook endpoint may take to respond; by default 10,000 ms. */
  webhookTimeoutMs?: number
  logger?: FastifyServerOptions['logger']
}

export interface StripeEmulator {
  /** Base URL without a trailing slash. */
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

const DAY_SECONDS = 86_400

export const startStripeEmulator = async (options: StripeEmulatorOptions = {}): Promise<StripeEmulator> => {
  const { port = 0, host = '127.0.0.1', settleAfterSeconds = null, refundDelaySeconds = 1, now = Date.now } = options
  const store = new Store()
  const { managedPayments = false, embeddedCheckoutDelayMs = 1500 } = options
  const { country = 'US', termsUrl = null } = options
  const settings = {
    settleAfterSeconds,
    refundDelaySeconds,
    invoiceDelaySeconds: null,
    managedPayments,
    embeddedCheckoutDelayMs,
    settlementCurrency: null,
    defaultCountry: country,
    termsUrl,
    profile: DEFAULT_PROFILE,
    url: '',
  }
  const account = new Account(store, settings, now)
  account.runTask = (task) => runTask(account, task)
  if (options.dataFile) await store.openJournal(options.dataFile, (collection, item) => isRetained(account, collection, item))
  configureEndpoints(account, options.webhooks ?? [])

  const faults = new Faults()
  const sender = new WebhookSender(account, faults, {
    retryDelaysMs: options.retryDelaysMs ?? RETRY_DELAYS_MS,
    timeoutMs: options.webhookTimeoutMs ?? 10_000,
  })
  const app = newServer(account, options.logger)
  registerApi(app, account, faults, routes, options.secretKey)
  registerTestHelpers(app, account, faults)
  registerAssets(app, account)
  registerCheckout(app, account)
  registerDocuments(app, account)
  registerDashboard(app, account, faults)

  account.settings.url = await app.listen({ port, host })
  for (const task of store.tasks.values()) account.startTaskTimer(task)
  sender.resume()
  const address = app.server.address()
  return {
    url: account.settings.url,
    port: typeof address === 'object' && address ? address.port : port,
    close: async () => {
      sender.close()
      account.scheduler.close()
      await app.close()
      store.close()
    },
  }
}

/** Events and deliveries are kept for 30 days, idempotency keys for 24 hours, and everything else indefinitely. */
const isRetained = (account: Account, collection: string, item: object): boolean => {
  const created = 'created' in item && typeof item.created === 'number' ? item.created : 0
  if (collection === 'events') return created > account.nowSeconds() - 30 * DAY_SECONDS
  if (collection === 'deliveries') return created > account.nowMs() - 30 * DAY_SECONDS * 1000
  return collection !== 'idempotency' || created > account.nowSeconds() - DAY_SECONDS
}

/**
 * An endpoint's id depends only on its position, so pending deliveries use the URL and secret from the current start options.
 */
const configureEndpoints = (account: Account, webhooks: { url: string; secret: string }[]): void =>
  account.transaction(NO_REQUEST, () => {
    const { webhookEndpoints } = account.store
    const configured = webhooks.map(({ url, secret }, i) =>
      newWebhookEndpoint({
        id: `${CONFIGURED_ENDPOINT_PREFIX}${i + 1}`,
        created: account.nowSeconds(),
        url,
        secret,
        enabled_events: ['*'],
        description: 'Configured at start',
      }),
    )
    for (const { id } of [...webhookEndpoints.values()])
      if (id.startsWith(CONFIGURED_ENDPOINT_PREFIX) && !configured.some((endpoint) => endpoint.id === id))
        webhookEndpoints.remove(id)
    for (const endpoint of configured) webhookEndpoints.put(endpoint)
  })
