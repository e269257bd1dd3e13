import { migrate } from '@pay-to-view/db/migrate'
import type { PartFailed } from './child.ts'
import { createCrew } from './crew.ts'
import { environmentOf, serverEnvironment, workerEnvironment } from './environment.ts'
import { type Given, givenDatabase, givenStripe, givenTemporal, type Stripe, type Temporal } from './given.ts'
import { prepareTemporal } from './given-temporal.ts'
import type { Home } from './home.ts'
import { playbackKeys, publicKeys } from './issuer.ts'
import { startIssuer } from './issuer-server.ts'
import { freePort, type PortName, preferredPort } from './ports.ts'
import { startPostgres } from './postgres.ts'
import { createPrograms } from './programs.ts'
import type { RunFile } from './run-file.ts'
import { localSecrets } from './secrets.ts'
import { seed } from './seed.ts'
import { findTemporal } from './temporal-binary.ts'
import { startTemporal } from './temporal-server.ts'
import { buildWeb } from './web.ts'

/** Where the parts of a running stack are. */
export interface Addresses {
  api: string
  /** /healthz, /readyz and /metrics of the worker. */
  worker: string
  /** Null: the stack was started without. */
  web: string | null
  /** Of the local issuer: POST /token. */
  issuer: string
  temporalAddress: string
  temporalNamespace: string
  /** Null: Temporal is given, or has no UI. */
  temporalUi: string | null
  stripeApi: string
  databaseUrl: string
  webhookSecret: string
}

export interface Stack extends Addresses {
  /** Fulfilled when a part has ended although nobody stopped it, and is not started again. */
  failed: Promise<PartFailed>
  /** Starts one more process of the API server beside the first, and says where it is. */
  startServer(): Promise<string>
  stop(say?: (line: string) => void): Promise<void>
}

export interface StackOptions {
  /** Postgres and Temporal forget everything, ports are free ones: for tests. */
  forgetful?: boolean
  /** False: without the pages. */
  web?: boolean
  /** With Temporal's UI, also where ports are free ones. */
  temporalUi?: boolean
  /** The server, the worker and the pages follow their source. */
  dev?: boolean
  /** The server and the worker run as `npm run build` made them. */
  built?: boolean
  /** A part that crashes is started again. Not in tests: nothing should hide a crash there. */
  restart?: boolean
  run?: RunFile
  say?: (line: string) => void
  signal?: AbortSignal
  /** Parts that are given, not started. */
  given?: Given
  /** Options of the worker, by their names in its environment. */
  worksWith?: Record<string, string>
}

/** Starts every part that is not given, those that wait for nobody side by side, and resolves when all are ready. */
export const startStack = async (home: Home, options: StackOptions = {}): Promise<Stack> => {
  const { forgetful = false, dev = false, built = false, restart = false, run, say = () => undefined, given = {} } = options
  const knownDatabase = givenDatabase(given)
  const knownStripe = givenStripe(given)
  const knownTemporal = givenTemporal(given)
  const secrets = localSecrets(home)
  const { add, keep, together, signal, failed, stop } = createCrew({ restart, say, signal: options.signal })
  const programs = createPrograms({ home, run, dev, built })
  const port = (name: PortName) => (forgetful ? freePort() : preferredPort(name, say))

  const database = async (): Promise<string> => {
    let url = knownDatabase
    if (url === null) {
      say('Starting Postgres')
      const own = await port('postgres')
      const settings = { port: own, forgetful, run }
      url = (await add('back', 'Postgres', (signal) => startPostgres(home, { ...settings, signal }))).databaseUrl
    }
    const { applied } = await migrate(url)
    if (applied.length > 0) say(`Applied ${applied.length} migration(s)`)
    await seed(url)
    return url
  }

  const workflows = async (): Promise<Temporal> => {
    if (knownTemporal) {
      await prepareTemporal(knownTemporal, { say, signal })
      return knownTemporal
    }
    say('Starting Temporal')
    const binary = await findTemporal({ say, signal })
    const uiPort = forgetful && !options.temporalUi ? undefined : await port('temporalUi')
    const settings = { binary, port: await port('temporal'), uiPort, forgetful, run }
    return add('back', 'Temporal', (signal) => startTemporal(home, { ...settings, signal }))
  }

  const payments = async (webhookUrl: string): Promise<Stripe> => {
    if (knownStripe) return knownStripe
    say('Starting the Stripe emulator')
    const { webhookSecret, stripeSecretKey: secretKey, stripePublishableKey: publishableKey } = secrets
    const data = { DATA_FILE: forgetful ? undefined : home.emulatorData }
    const env = { WEBHOOK_URL: webhookUrl, WEBHOOK_SECRET: webhookSecret, ...data }
    const { url } = await add('back', 'Stripe emulator', programs.emulator(await port('emulator'), env))
    return { secretKey, publishableKey, webhookSecret, api: url, js: `${url}/js/stripe.js` }
  }

  try {
    const ports = {
      api: await port('api'),
      worker: await port('worker'),
      web: options.web === false ? null : await port('web'),
    }
    const api = `http://127.0.0.1:${ports.api}`
    const tokens = await startIssuer(home, await port('issuer'))
    keep('back', tokens)

    const [keys, playback] = await Promise.all([publicKeys(home), playbackKeys(home)])
    const stripe = payments(`${api}/client/v1/webhooks/stripe`)
    const pages = async () => {
      if (ports.web === null) return null
      say(dev ? 'Starting the web' : 'Building the web')
      if (!dev) await buildWeb(home, { run, signal })
      return (await add('front', 'web', programs.web({ port: ports.web, api, issuer: tokens.url, stripe: await stripe }))).url
    }
    const services = async () => {
      const [databaseUrl, temporal, payments] = await together(database(), workflows(), stripe)
      const env = environmentOf({ databaseUrl, temporal, stripe: payments })
      const serverEnv = {
        ...env,
        ...serverEnvironment(given, { stripe: payments, temporalUi: temporal.ui, keys, playback, web: ports.web }),
      }
      const startServer = async (local: number) => (await add('front', 'API server', programs.server(local, serverEnv))).url
      const workerEnv = { ...env, ...(knownTemporal ? {} : workerEnvironment(given)), ...options.worksWith }
      say('Starting the API server and the worker')
      await together(startServer(ports.api), add('front', 'worker', programs.worker(ports.worker, workerEnv)))
      return { databaseUrl, temporal, payments, startServer }
    }
    const [web, { databaseUrl, temporal, payments: paid, startServer }] = await together(pages(), services())
    return {
      api,
      worker: `http://127.0.0.1:${ports.worker}`,
      web,
      issuer: tokens.url,
      temporalAddress: temporal.address,
      temporalNamespace: temporal.namespace,
      temporalUi: temporal.ui ?? null,
      stripeApi: paid.api ?? 'https://api.stripe.com',
      databaseUrl,
      webhookSecret: paid.webhookSecret,
      failed,
      startServer: async () => startServer(await freePort()),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
