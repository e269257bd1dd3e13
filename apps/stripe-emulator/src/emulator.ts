import type { FastifyServerOptions } from 'fastify'
import { Faults } from './faults/faults.ts'
import { registerHelpers } from './helpers/helpers.ts'
import { registerApi } from './http/api.ts'
import { newServer } from './http/server.ts'
import { runTask } from './model/tasks.ts'
import { registerCheckout } from './pages/checkout.ts'
import { registerDashboard } from './pages/dashboard.ts'
import { registerAssets } from './pages/page.ts'
import { Store } from './store/store.ts'
import { routes } from './v1/routes.ts'
import { newEndpoint } from './v1/webhook-endpoints.ts'
import { RETRY_DELAYS, WebhookSender } from './webhooks/sender.ts'
import { CONFIGURED, NOBODY, World } from './world.ts'

export interface StripeEmulatorOptions {
  /** 0, the default, takes a free one. */
  port?: number
  host?: string
  /** Only this key is let in; without it any sk_test_… is. */
  secretKey?: string
  /** The state survives a restart, and kill -9, in this file. Without it, it is in memory only. */
  dataFile?: string
  /** Every event goes to these; more endpoints can be made through /v1/webhook_endpoints. */
  webhooks?: { url: string; secret: string }[]
  /** Milliseconds since the epoch; must not go back. */
  now?: () => number
  /** Seconds after which a bank debit settles by itself; null (the default): only by the settle helper. */
  settleAfter?: number | null
  /** Seconds after which the refund of an "asynchronous refund" test card changes; default 1. */
  refundDelay?: number
  /** Milliseconds before a webhook's 2nd, 3rd… attempt; the last one repeats. */
  retryDelays?: number[]
  /** Milliseconds a webhook endpoint has to answer; default 10,000. */
  webhookTimeout?: number
  logger?: FastifyServerOptions['logger']
}

export interface StripeEmulator {
  /** Its address, without a slash at the end. */
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

const DAY = 86_400

export const startStripeEmulator = async (options: StripeEmulatorOptions = {}): Promise<StripeEmulator> => {
  const { port = 0, host = '127.0.0.1', settleAfter = null, refundDelay = 1, now = Date.now } = options
  const store = new Store()
  const settings = { settleAfter, refundDelay, url: '' }
  const world = new World(store, settings, now)
  world.runTask = (task) => runTask(world, task)
  if (options.dataFile) await store.openJournal(options.dataFile, (collection, item) => isFresh(world, collection, item))
  configureEndpoints(world, options.webhooks ?? [])

  const faults = new Faults()
  const sender = new WebhookSender(world, faults, {
    retryDelays: options.retryDelays ?? RETRY_DELAYS,
    timeout: options.webhookTimeout ?? 10_000,
  })
  const app = newServer(world, options.logger)
  registerApi(app, world, faults, routes, options.secretKey)
  registerHelpers(app, world, faults)
  registerAssets(app)
  registerCheckout(app, world)
  registerDashboard(app, world, faults)

  settings.url = await app.listen({ port, host })
  for (const task of store.tasks.values()) world.setAlarm(task)
  sender.resume()
  const address = app.server.address()
  return {
    url: settings.url,
    port: typeof address === 'object' && address ? address.port : port,
    close: async () => {
      sender.close()
      world.alarm.close()
      await app.close()
      store.close()
    },
  }
}

/** Events and their deliveries for 30 days, idempotency keys for 24 hours; the rest for good. */
const isFresh = (world: World, collection: string, item: object): boolean => {
  const created = 'created' in item && typeof item.created === 'number' ? item.created : 0
  if (collection === 'events') return created > world.now() - 30 * DAY
  if (collection === 'deliveries') return created > world.nowMs() - 30 * DAY * 1000
  return collection !== 'idempotency' || created > world.now() - DAY
}

/** By position, so that what was pending goes to the address and with the secret of this start. */
const configureEndpoints = (world: World, webhooks: { url: string; secret: string }[]): void =>
  world.transaction(NOBODY, () => {
    const { webhookEndpoints } = world.store
    const configured = webhooks.map(({ url, secret }, i) =>
      newEndpoint({
        id: `${CONFIGURED}${i + 1}`,
        created: world.now(),
        url,
        secret,
        enabled_events: ['*'],
        description: 'Configured at the start',
      }),
    )
    for (const { id } of [...webhookEndpoints.values()])
      if (id.startsWith(CONFIGURED) && !configured.some((endpoint) => endpoint.id === id)) webhookEndpoints.remove(id)
    for (const endpoint of configured) webhookEndpoints.put(endpoint)
  })
