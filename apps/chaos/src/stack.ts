import { migrate } from '@pay-to-view/db/migrate'
import {
  createTemporaryDataFolder,
  type DataFolder,
  issuerPublicKeys,
  issueToken,
  playbackKeys,
  removeDataFolder,
} from '@pay-to-view/devstack'
import { createLaunchers } from '@pay-to-view/devstack/launchers'
import { freePort } from '@pay-to-view/devstack/ports'
import { startPostgres } from '@pay-to-view/devstack/postgres'
import { localSecrets, localWebhooksKey } from '@pay-to-view/devstack/secrets'
import { seed } from '@pay-to-view/devstack/seed'
import { commonEnvironment, serverEnvironment, webhooksEnvironment } from '@pay-to-view/devstack/service-environment'
import { findTemporal } from '@pay-to-view/devstack/temporal-binary'
import { startTemporal } from '@pay-to-view/devstack/temporal-server'
import { addressOf, chaosEmailEnvironment } from './emails.ts'
import { createEmulatorFaults } from './emulator-faults.ts'
import { addAccessCatalog } from './scenarios/access-catalog.ts'
import { createStackDriver } from './scenarios/driver.ts'
import { addCodesAndTax, addPricedProduct } from './scenarios/priced-catalog.ts'
import { createServiceRegistry, type ServiceRegistry } from './service-registry.ts'
import type { ServiceName } from './services.ts'
import { createReceiverEndpoint, isPythonInstalled, newReceiver, receiverLauncher } from './webhooks.ts'

type Ports = Record<ServiceName, number>
type Log = (line: string) => void

interface Context {
  dataFolder: DataFolder
  registry: ServiceRegistry
  launchers: ReturnType<typeof createLaunchers>
  ports: Ports
}

const localUrl = (port: number) => `http://127.0.0.1:${port}`
const webhookUrl = (apiPort: number) => `${localUrl(apiPort)}/client/v1/webhooks/stripe`
const temporalNamespace = 'default'

/** The supervisor stops the services; their startup is never aborted. */
const neverAborted = new AbortController().signal

export type ChaosStack = Awaited<ReturnType<typeof startChaosStack>>

/**
 * Starts the services as in production: two servers, two workers, Postgres with `fsync` on, Temporal with its data in a file, and an
 * emulator that persists its data. Every service keeps its port across restarts and is reached through a proxy.
 */
export const startChaosStack = async ({ seed: faultSeed, built = false, log }: { seed: number; built?: boolean; log: Log }) => {
  const dataFolder = createTemporaryDataFolder('pay-to-view-chaos-')
  const registry = createServiceRegistry()
  try {
    const ports = await allocatePorts()
    const context: Context = { dataFolder, registry, ports, launchers: createLaunchers({ dataFolder, dev: false, built }) }
    const apiPort = await registry.startProxy('users and Stripe to servers', ports['server 1'], ports['server 2'])
    const stripeApi = localUrl(ports['Stripe emulator'])
    const emulatorFaults = createEmulatorFaults(stripeApi, faultSeed)

    log('Starting Postgres, Temporal and the Stripe emulator')
    await startDependencies(context, { apiPort, log, onEmulatorStart: emulatorFaults.addBackgroundFaults })
    const databaseUrl = databaseUrlOf(context, ports.Postgres)
    await migrate(databaseUrl)
    await seed(databaseUrl)

    log('Starting the webhook receiver, two servers and two workers')
    const receivers = [newReceiver('webhook receiver', ports['webhook receiver'])]
    const smtpPort = await freePort()
    if (isPythonInstalled()) receivers.push(newReceiver('Python receiver', await freePort()))
    const [killed, ...others] = receivers.map((receiver) => receiverLauncher(dataFolder, receiver, smtpPort))
    if (killed) await registry.start('webhook receiver', killed)
    const children = await Promise.all(others.map((launch) => launch()))
    await startServersAndWorkers(context, chaosEmailEnvironment(smtpPort))
    const driver = createStackDriver(
      {
        ...{ api: localUrl(apiPort), stripeApi, databaseUrl },
        ...{ temporalAddress: `127.0.0.1:${ports.Temporal}`, temporalNamespace },
      },
      (user, options) => issueToken(dataFolder, user, { ...options, email: addressOf(user), ttl: '7d' }),
    )
    for (const receiver of receivers) await createReceiverEndpoint(driver, dataFolder, receiver)
    await addPricedProduct(driver.db)
    await addAccessCatalog(driver.db)
    await addCodesAndTax(driver.emulator)
    return {
      driver,
      emulatorFaults,
      stripeApi,
      webhookUrl: webhookUrl(apiPort),
      webhookSecret: localSecrets(dataFolder).webhookSecret,
      dataFolder,
      receivers,
      /** The folder that contains the services' logs. */
      logs: dataFolder.logs,
      crashes: registry.crashes,
      service: registry.service,
      proxy: registry.proxy,
      stop: async ({ keepLogs }: { keepLogs: boolean }) => {
        await driver.close()
        await registry.stopAll()
        for (const { child } of children) await child.stop()
        if (!keepLogs) removeDataFolder(dataFolder)
      },
    }
  } catch (error) {
    await registry.stopAll()
    throw error
  }
}

const allocatePorts = async (): Promise<Ports> => ({
  ...{ Postgres: await freePort(), Temporal: await freePort(), 'Stripe emulator': await freePort() },
  ...{ 'server 1': await freePort(), 'server 2': await freePort() },
  ...{ 'worker 1': await freePort(), 'worker 2': await freePort(), 'webhook receiver': await freePort() },
})

const databaseUrlOf = ({ dataFolder }: Context, port: number) =>
  `postgresql://postgres:${localSecrets(dataFolder).postgresPassword}@127.0.0.1:${port}/pay_to_view`

const startDependencies = async (
  { dataFolder, registry, launchers, ports }: Context,
  { apiPort, log, onEmulatorStart }: { apiPort: number; log: Log; onEmulatorStart: () => Promise<void> },
): Promise<void> => {
  const binary = await findTemporal({ log })
  const startEmulator = launchers.emulator(ports['Stripe emulator'], {
    DATA_FILE: dataFolder.emulatorData,
    WEBHOOK_URL: webhookUrl(apiPort),
    WEBHOOK_SECRET: localSecrets(dataFolder).webhookSecret,
  })
  await Promise.all([
    registry.start('Postgres', () => startPostgres(dataFolder, { port: ports.Postgres })),
    registry.start('Temporal', () => startTemporal(dataFolder, { binary, port: ports.Temporal })),
    registry.start('Stripe emulator', async () => {
      const emulator = await startEmulator(neverAborted)
      await onEmulatorStart()
      return emulator
    }),
  ])
}

const startServersAndWorkers = async (context: Context, email: object): Promise<void> => {
  const { dataFolder, registry, launchers, ports } = context
  const servers = await connectThroughProxies(context, 'servers')
  const workers = await connectThroughProxies(context, 'workers')
  const [keys, playback] = await Promise.all([issuerPublicKeys(dataFolder), playbackKeys(dataFolder)])
  const serverEnv = {
    ...{ ...servers.env, ...serverEnvironment({}, { stripe: servers.stripe, keys, playback }) },
    // Low enough for the `silent_stripe` fault to use up the limits of both servers.
    ...{ CALLS_AT_ONCE: '10', CREATES_AT_ONCE: '10' },
    ...{ AUTOMATIC_TAX: 'on', INVOICES: 'on' },
  }
  const workerEnv = { ...workers.env, ...email, RECONCILE_EVERY: '10', RECONCILE_GRACE: '5' }
  await Promise.all([
    ...(['server 1', 'server 2'] as const).map((name) =>
      registry.start(name, () => launchers.server(ports[name], serverEnv)(neverAborted)),
    ),
    ...(['worker 1', 'worker 2'] as const).map((name) =>
      registry.start(name, () => launchers.worker(ports[name], workerEnv)(neverAborted)),
    ),
  ])
}

/** Starts the proxies of one group and returns the environment variables that make a service connect through them. */
const connectThroughProxies = async (context: Context, group: 'servers' | 'workers') => {
  const { registry, ports } = context
  const secrets = localSecrets(context.dataFolder)
  const postgresPort = await registry.startProxy(`${group} to Postgres`, ports.Postgres)
  const temporalPort = await registry.startProxy(`${group} to Temporal`, ports.Temporal)
  const stripePort = await registry.startProxy(`${group} to Stripe`, ports['Stripe emulator'])
  const stripe = {
    ...{ secretKey: secrets.stripeSecretKey, publishableKey: secrets.stripePublishableKey },
    ...{ webhookSecret: secrets.webhookSecret, api: localUrl(stripePort), js: undefined },
  }
  const temporal = { address: `127.0.0.1:${temporalPort}`, namespace: temporalNamespace }
  const databaseUrl = databaseUrlOf(context, postgresPort)
  const webhooks = webhooksEnvironment({}, localWebhooksKey(context.dataFolder))
  return { stripe, env: { ...commonEnvironment({ databaseUrl, temporal, stripe, webhooks }), NODE_ENV: 'production' } }
}
