import path from 'node:path'
import { migrate } from '@pay-to-view/db/migrate'
import { seed } from '../../../prisma/seed.ts'
import { type Child, startChild, untilReady } from './child.ts'
import type { Home } from './home.ts'
import { issuer, publicKeys } from './issuer.ts'
import { freePort, type PortName, preferredPort } from './ports.ts'
import { startPostgres } from './postgres.ts'
import type { RunFile } from './run-file.ts'
import { localSecrets } from './secrets.ts'
import { findTemporal } from './temporal-binary.ts'
import { startTemporal } from './temporal-server.ts'
import { answers } from './wait.ts'

/** Where the parts of a running stack are. */
export interface Addresses {
  api: string
  temporalAddress: string
  temporalNamespace: string
  temporalUi: string | null
  stripeApi: string
  databaseUrl: string
  webhookSecret: string
}

export interface Stack extends Addresses {
  /** Fulfilled with the name of the first part that ends although nobody stopped it. */
  failed: Promise<Child>
  stop(say?: (line: string) => void): Promise<void>
}

export interface StackOptions {
  /** Postgres and Temporal forget everything, ports are free ones: for tests. */
  forgetful?: boolean
  run?: RunFile
  say?: (line: string) => void
  signal?: AbortSignal
  /** Parts that are given, not started. */
  given?: NodeJS.ProcessEnv
  /** Options of the worker, by their names in its environment. */
  worksWith?: Record<string, string>
}

const tsx = (file: string) => ({ command: process.execPath, args: ['--import', 'tsx', file] })

/** What is given of Stripe's: all three keys or none. */
const givenStripe = (given: NodeJS.ProcessEnv) => {
  const names = ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET', 'STRIPE_PUBLISHABLE_KEY'] as const
  const missing = names.filter((name) => !given[name])
  if (missing.length > 0 && missing.length < names.length)
    throw new Error(`${missing.join(' and ')} must be set as well: all three or none`)
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRET: webhookSecret } = given
  if (!secretKey || !webhookSecret) return null
  return { secretKey, webhookSecret, api: given.STRIPE_API_BASE ?? 'https://api.stripe.com' }
}

/** Starts every part that is not given, those that wait for nobody side by side, and resolves when all are ready. */
export const startStack = async (
  home: Home,
  { forgetful = false, run, say = () => undefined, signal, given = {}, worksWith = {} }: StackOptions = {},
): Promise<Stack> => {
  const children: Child[] = []
  const keep = async (started: Promise<Child>): Promise<Child> => {
    const child = await started
    children.push(child)
    return child
  }
  const port = (name: PortName) => (forgetful ? freePort() : preferredPort(name, say))
  const stop = async (tell: (line: string) => void = () => undefined) => {
    for (const child of children.toReversed()) {
      tell(`Stopping ${child.name}`)
      await child.stop()
    }
  }
  const log = (name: string) => path.join(home.logs, `${name}.log`)
  const secrets = localSecrets(home)
  const stripe = givenStripe(given)
  const ports = { api: await port('api'), worker: await port('worker') }
  const api = `http://127.0.0.1:${ports.api}`

  const database = async (): Promise<string> => {
    let url = given.DATABASE_URL
    if (!url) {
      say('Starting Postgres')
      const postgres = await startPostgres(home, { port: await port('postgres'), forgetful, run, signal })
      children.push(postgres.child)
      url = postgres.databaseUrl
    }
    const { applied } = await migrate(url)
    if (applied.length > 0) say(`Applied ${applied.length} migration(s)`)
    await seed(url)
    return url
  }

  const temporal = async () => {
    if (given.TEMPORAL_ADDRESS)
      return { address: given.TEMPORAL_ADDRESS, namespace: given.TEMPORAL_NAMESPACE ?? 'default', ui: undefined }
    say('Starting Temporal')
    const binary = await findTemporal({ say, signal })
    const uiPort = forgetful ? undefined : await port('temporalUi')
    const server = await startTemporal(home, { binary, port: await port('temporal'), uiPort, forgetful, run, signal })
    children.push(server.child)
    return server
  }

  const emulator = async () => {
    if (stripe) return stripe
    say('Starting the Stripe emulator')
    const at = await port('emulator')
    const child = await keep(
      startChild({
        name: 'Stripe emulator',
        ...tsx('apps/stripe-emulator/src/main.ts'),
        env: {
          PORT: String(at),
          WEBHOOK_URL: `${api}/client/v1/webhooks/stripe`,
          WEBHOOK_SECRET: secrets.webhookSecret,
          ...(forgetful ? {} : { DATA_FILE: home.emulatorData }),
        },
        log: log('stripe-emulator'),
        run,
      }),
    )
    const url = `http://127.0.0.1:${at}`
    await untilReady(child, () => answers(url), { signal })
    return { secretKey: secrets.stripeSecretKey, webhookSecret: secrets.webhookSecret, api: given.STRIPE_API_BASE ?? url }
  }

  try {
    const [databaseUrl, workflows, payments] = await Promise.all([database(), temporal(), emulator()])
    const env = {
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: workflows.address,
      TEMPORAL_NAMESPACE: workflows.namespace,
      STRIPE_SECRET_KEY: payments.secretKey,
      STRIPE_API_BASE: payments.api,
    }
    say('Starting the API server and the worker')
    const server = await keep(
      startChild({
        name: 'API server',
        ...tsx('apps/server/src/main.ts'),
        env: {
          ...env,
          PORT: String(ports.api),
          STRIPE_WEBHOOK_SECRET: payments.webhookSecret,
          TEMPORAL_UI_URL: workflows.ui,
          STRIPE_DASHBOARD_URL: stripe ? undefined : payments.api,
          AUTH_ISSUER: issuer.name,
          AUTH_AUDIENCE: issuer.audience,
          AUTH_JWKS: JSON.stringify(await publicKeys(home)),
          WEB_ORIGINS: given.WEB_ORIGINS ?? '',
          RETURN_URL_ORIGINS: given.RETURN_URL_ORIGINS ?? 'http://localhost:*,http://127.0.0.1:*,https://yoursite.com',
        },
        log: log('server'),
        run,
      }),
    )
    const worker = await keep(
      startChild({
        name: 'worker',
        ...tsx('apps/worker/src/main.ts'),
        env: { ...env, HEALTH_PORT: String(ports.worker), ...worksWith },
        log: log('worker'),
        run,
      }),
    )
    await Promise.all([
      untilReady(server, () => answers(`${api}/readyz`), { signal }),
      untilReady(worker, () => answers(`http://127.0.0.1:${ports.worker}/readyz`), { signal }),
    ])
    return {
      api,
      temporalAddress: workflows.address,
      temporalNamespace: workflows.namespace,
      temporalUi: workflows.ui ?? null,
      stripeApi: payments.api,
      databaseUrl,
      webhookSecret: payments.webhookSecret,
      failed: Promise.race(children.map((child) => child.ended.then(() => child))),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
