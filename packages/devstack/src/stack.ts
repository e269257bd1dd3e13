import type { Variables } from '@pay-to-view/environment'
import { createBackingServices } from './backing-services.ts'
import type { ServiceFailedError } from './child.ts'
import type { DataFolder } from './data-folder.ts'
import { hasIdentityProvider } from './external-services.ts'
import { issuerPublicKeys, playbackKeys } from './issuer.ts'
import { startIssuer } from './issuer-server.ts'
import { createLaunchers } from './launchers.ts'
import { startMailServer } from './mail/mail-server.ts'
import { freePort, listenOnChosen, type PortName, preferredPort, type ReservedPort, reservePort } from './ports.ts'
import type { RunFile } from './run-file.ts'
import { localWebhooksKey } from './secrets.ts'
import {
  commonEnvironment,
  emailEnvironment,
  serverEnvironment,
  webhooksEnvironment,
  workerEnvironment,
} from './service-environment.ts'
import { createServiceGroup } from './service-group.ts'
import { buildWeb } from './web.ts'

/** The addresses of a running stack. */
export interface StackAddresses {
  api: string
  /** The worker's base URL for /healthz, /readyz and /metrics. */
  worker: string
  /** Null if the stack runs without the web app. */
  web: string | null
  /** The URL of the local token issuer, which issues tokens at POST /token. */
  issuer: string
  temporalAddress: string
  temporalNamespace: string
  /** Null if Temporal is external, or if the stack runs without the Temporal UI. */
  temporalUi: string | null
  stripeApi: string
  /** The URL of the page that shows the local mail server's e-mails. Null if e-mails are sent through SMTP_URL or not sent at all. */
  mail: string | null
  databaseUrl: string
  webhookSecret: string
}

export interface Stack extends StackAddresses {
  /** Resolves when a service has ended unexpectedly and is not restarted. */
  failed: Promise<ServiceFailedError>
  /** Starts another process of the API server and returns its URL. */
  startServer(): Promise<string>
  stop(log?: (line: string) => void): Promise<void>
}

export interface StackOptions {
  /** For tests. Temporal and the emulator keep their state in memory, Postgres does not sync to disk, and free ports are chosen. */
  ephemeral?: boolean
  /** Whether to run the web app; by default true. */
  web?: boolean
  /** Also starts Temporal's UI in an ephemeral stack. */
  temporalUi?: boolean
  /** Starts a local mail server, to which the worker sends e-mails. By default, it is started only if the stack is not ephemeral. */
  mail?: boolean
  /** Restarts the server, the worker and the web app when their source changes. */
  dev?: boolean
  /** Runs the emulator, the server, the worker and the web app from the output of `npm run build`. */
  built?: boolean
  /** Restarts a service that crashes. This is off in tests, in which a crash must not go unnoticed. */
  restart?: boolean
  runFile?: RunFile
  log?: (line: string) => void
  signal?: AbortSignal
  /** Environment variables. If they configure an external service, the stack uses it instead of starting a local service. */
  environment?: Variables
  /** Additional environment variables of the worker. */
  workerEnvironment?: Record<string, string>
}

/** Starts every service that is not external, in parallel where possible. Resolves when all services are ready. */
export const startStack = async (dataFolder: DataFolder, options: StackOptions = {}): Promise<Stack> => {
  const { ephemeral = false, temporalUi = false, dev = false, built = false, restart = false, runFile } = options
  const { environment = {}, log = () => undefined } = options
  const services = createServiceGroup({ restart, log, signal: options.signal })
  const launchers = createLaunchers({ dataFolder, runFile, dev, built })
  const portOf = (name: PortName) => (ephemeral ? freePort() : preferredPort(name, log))
  const shared = { dataFolder, environment, ephemeral, temporalUi, runFile, services, launchers, portOf, log }
  const backing = createBackingServices(shared)
  const reserved: ReservedPort[] = []
  const reserve = async (name: PortName): Promise<ReservedPort> => {
    const port = await listenOnChosen(() => portOf(name), reservePort)
    reserved.push(port)
    return port
  }

  try {
    const ports = {
      api: await reserve('api'),
      worker: await reserve('worker'),
      web: options.web === false ? null : await reserve('web'),
    }
    const webUrl = ports.web === null ? null : `http://127.0.0.1:${ports.web.port}`
    const api = `http://127.0.0.1:${ports.api.port}`
    const issuer = await listenOnChosen(
      () => portOf('issuer'),
      (port) => startIssuer(dataFolder, port),
    )
    services.addInProcess('back', issuer)
    const hasMail = (options.mail ?? !ephemeral) && !environment.SMTP_URL
    const choosePorts = async () => ({ page: await portOf('mail'), smtp: await portOf('smtp') })
    const mail = hasMail ? await listenOnChosen(choosePorts, startMailServer) : null
    if (mail) services.addInProcess('back', mail)

    const [keys, playback] = await Promise.all([issuerPublicKeys(dataFolder), playbackKeys(dataFolder)])
    const stripeReady = backing.stripe(`${api}/client/v1/webhooks/stripe`)

    const startWeb = async () => {
      if (ports.web === null) return null
      const needsBuild = !dev && !built
      log(needsBuild ? 'Building the web app' : 'Starting the web app')
      if (needsBuild) await buildWeb(dataFolder, { runFile, signal: services.signal })
      const demoIssuer = hasIdentityProvider(environment) ? undefined : issuer.url
      const launch = launchers.web({ port: ports.web.port, api, issuer: demoIssuer, stripe: await stripeReady })
      await ports.web.release()
      return (await services.add('front', 'web', launch)).url
    }

    const startServerAndWorker = async () => {
      const [databaseUrl, temporal, stripe] = await services.all(backing.database(webUrl), backing.temporal(), stripeReady)
      const webhooks = webhooksEnvironment(environment, localWebhooksKey(dataFolder))
      const common = commonEnvironment({ databaseUrl, temporal, stripe, webhooks })
      const serverOptions = { stripe, temporalUi: temporal.ui, keys, playback }
      const serverEnv = { ...common, ...serverEnvironment(environment, serverOptions) }
      const workerEnv = {
        ...common,
        ...(backing.isTemporalExternal ? {} : workerEnvironment(environment)),
        ...emailEnvironment(environment, mail && { smtpUrl: mail.smtpUrl, web: webUrl }),
        ...options.workerEnvironment,
      }
      const startServer = async (port: number) =>
        (await services.add('front', 'API server', launchers.server(port, serverEnv))).url
      log('Starting the API server and the worker')
      await Promise.all([ports.api.release(), ports.worker.release()])
      await services.all(
        startServer(ports.api.port),
        services.add('front', 'worker', launchers.worker(ports.worker.port, workerEnv)),
      )
      return { databaseUrl, temporal, stripe, startServer }
    }

    const [web, { databaseUrl, temporal, stripe, startServer }] = await services.all(startWeb(), startServerAndWorker())
    return {
      api,
      worker: `http://127.0.0.1:${ports.worker.port}`,
      web,
      issuer: issuer.url,
      temporalAddress: temporal.address,
      temporalNamespace: temporal.namespace,
      temporalUi: temporal.ui ?? null,
      stripeApi: stripe.api ?? 'https://api.stripe.com',
      mail: mail?.url ?? null,
      databaseUrl,
      webhookSecret: stripe.webhookSecret,
      failed: services.failed,
      startServer: async () => startServer(await freePort()),
      stop: services.stop,
    }
  } catch (error) {
    await Promise.all(reserved.map(({ release }) => release()))
    await services.stop()
    throw error
  }
}
