import { rmSync } from 'node:fs'
import path from 'node:path'
import {
  createTemporaryDataFolder,
  type DataFolder,
  issuerPublicKeys,
  playbackKeys,
  removeDataFolder,
} from '@pay-to-view/devstack'
import { repositoryRoot } from '@pay-to-view/devstack/data-folder'
import { freePort } from '@pay-to-view/devstack/ports'
import { startPostgres, withClient } from '@pay-to-view/devstack/postgres'
import { commonEnvironment, serverEnvironment, workerEnvironment } from '@pay-to-view/devstack/service-environment'
import { findTemporal } from '@pay-to-view/devstack/temporal-binary'
import { startTemporal } from '@pay-to-view/devstack/temporal-server'
import { bundlePrograms } from './bundle-programs.ts'
import { databaseUrlOf, prepareDatabases, startPostgresWithStatistics } from './databases.ts'
import { createProcessGroup, type ProcessGroup } from './process-group.ts'

/** A measured implementation, with its address and the pids of the processes whose CPU time and memory usage count toward it. */
export interface Target {
  name: 'plain' | 'durable' | 'pay-to-view'
  url: string
  processes: Record<string, number>
}

export interface BenchStack {
  dataFolder: DataFolder
  targets: Target[]
  payToView: Target
  databaseUrl: string
  temporalAddress: string
  webhookSecret: string
  /** The URL of the Stripe stub. */
  stripeUrl: string
  /** Updates every database's planner statistics, as autovacuum would after a minute or two. */
  analyze(): Promise<void>
  stop(): Promise<void>
}

export interface BenchStackOptions {
  /** The folder for CPU profiles of the measured programs. */
  profiles?: string | undefined
  /** Stores Temporal's data in a file instead of in memory. SQLite then syncs every write to disk, one after another. */
  temporalFile?: boolean | undefined
  /** Loads pg_stat_statements. */
  statements?: boolean
  /** Also starts the durable baseline. */
  durable?: boolean | undefined
  /** Node options for pay-to-view's server and worker. */
  nodeOptions?: readonly string[]
  log: (line: string) => void
}

const webhookSecret = 'whsec_of_the_benchmark'
const localUrl = (port: number, urlPath = '') => `http://127.0.0.1:${port}${urlPath}`

/**
 * Starts the targets in production mode. Each target has its own database. The targets share a Postgres server, which syncs to disk, and a
 * Stripe stub.
 */
export const startBenchStack = async ({
  profiles,
  temporalFile = false,
  statements = false,
  durable = false,
  nodeOptions = [],
  log,
}: BenchStackOptions): Promise<BenchStack> => {
  const dataFolder = createTemporaryDataFolder('pay-to-view-bench-')
  // The folder is inside the repository, so that the bundles can import npm packages.
  const bundleFolder = path.join(repositoryRoot, 'benchmarks/dist', path.basename(dataFolder.path))
  const cleanUp = () => {
    rmSync(bundleFolder, { recursive: true, force: true })
    removeDataFolder(dataFolder)
  }
  const processes = createProcessGroup({ dataFolder, bundleFolder, profiles, nodeOptions, cleanUp })
  try {
    log('Bundling the programs')
    await bundlePrograms(bundleFolder, { durable })

    log('Starting Postgres, Temporal and the Stripe stub')
    const start = statements ? startPostgresWithStatistics : startPostgres
    const { child: postgres, databaseUrl } = await start(dataFolder, { port: await freePort() })
    processes.add(postgres)
    const databaseUrls = await prepareDatabases(databaseUrl, durable ? ['plain', 'durable'] : ['plain'])
    const binary = await findTemporal({ log })
    const temporal = await startTemporal(dataFolder, { binary, port: await freePort(), ephemeral: !temporalFile })
    processes.add(temporal.child)
    const stripePort = await freePort()
    await processes.start({
      name: 'stripe',
      file: 'stripe/stripe-stub.js',
      env: { PORT: String(stripePort) },
      readyUrl: localUrl(stripePort, '/v1/events'),
    })

    log('Starting the targets')
    const environment = await createEnvironment(dataFolder, { databaseUrl, temporal, stripeApi: localUrl(stripePort) })
    const dependencies = { postgres: postgres.pid, temporal: temporal.child.pid }
    const context: TargetContext = { processes, bundleFolder, databaseUrl, environment, dependencies }
    const plain = await startPlain(context)
    const baselines = durable ? [plain, await startDurable(context)] : [plain]
    const payToView = await startPayToView(context)
    return {
      dataFolder,
      targets: [...baselines, payToView],
      payToView,
      databaseUrl,
      temporalAddress: temporal.address,
      webhookSecret,
      stripeUrl: localUrl(stripePort),
      analyze: async () => {
        for (const url of databaseUrls) await withClient(url, (client) => client.query('analyze'))
      },
      stop: processes.stop,
    }
  } catch (error) {
    await processes.stop()
    throw error
  }
}

type Environment = Record<string, string | undefined>

interface TargetContext {
  processes: ProcessGroup
  bundleFolder: string
  databaseUrl: string
  environment: { server: Environment; worker: Environment }
  dependencies: { postgres: number; temporal: number }
}

const createEnvironment = async (
  dataFolder: DataFolder,
  {
    databaseUrl,
    temporal,
    stripeApi,
  }: { databaseUrl: string; temporal: { address: string; namespace: string }; stripeApi: string },
): Promise<TargetContext['environment']> => {
  const keys = { secretKey: 'sk_test_of_the_benchmark', publishableKey: 'pk_test_x' }
  const stripe = { ...keys, webhookSecret, api: stripeApi, js: undefined }
  const [publicJwks, playback] = await Promise.all([issuerPublicKeys(dataFolder), playbackKeys(dataFolder)])
  const common = commonEnvironment({ databaseUrl, temporal, stripe })
  return {
    server: { ...common, ...serverEnvironment({}, { stripe, keys: publicJwks, playback }) },
    worker: { ...common, ...workerEnvironment(process.env) },
  }
}

const startBaselineServer = async (name: 'plain' | 'durable', context: TargetContext) => {
  const port = await freePort()
  const pid = await context.processes.start({
    name,
    file: `${name}/main.js`,
    env: { ...context.environment.server, DATABASE_URL: databaseUrlOf(context.databaseUrl, name), PORT: String(port) },
    readyUrl: localUrl(port, '/readyz'),
  })
  return { url: localUrl(port), pid }
}

const startPlain = async (context: TargetContext): Promise<Target> => {
  const server = await startBaselineServer('plain', context)
  return { name: 'plain', url: server.url, processes: { server: server.pid, postgres: context.dependencies.postgres } }
}

const startDurable = async (context: TargetContext): Promise<Target> => {
  const worker = await context.processes.start({
    name: 'durable-worker',
    file: 'durable/worker.js',
    env: {
      ...context.environment.worker,
      DATABASE_URL: databaseUrlOf(context.databaseUrl, 'durable'),
      WORKFLOW_BUNDLE: path.join(context.bundleFolder, 'durable/workflows.js'),
    },
  })
  const server = await startBaselineServer('durable', context)
  const { temporal, postgres } = context.dependencies
  return { name: 'durable', url: server.url, processes: { server: server.pid, worker, temporal, postgres } }
}

const startPayToView = async ({ processes, bundleFolder, environment, dependencies }: TargetContext): Promise<Target> => {
  const [workerPort, serverPort] = [await freePort(), await freePort()]
  const worker = await processes.start({
    name: 'worker',
    file: 'worker/main.js',
    env: {
      ...environment.worker,
      HEALTH_PORT: String(workerPort),
      WORKFLOW_BUNDLE: path.join(bundleFolder, 'worker/workflows.js'),
    },
    readyUrl: localUrl(workerPort, '/readyz'),
  })
  const server = await processes.start({
    name: 'server',
    file: 'server/main.js',
    // The rate limits are off, because every request comes from the same IP address.
    env: {
      ...environment.server,
      PORT: String(serverPort),
      RATE_LIMIT_USER: '0',
      RATE_LIMIT_CREATES: '0',
      RATE_LIMIT_ADDRESS: '0',
    },
    readyUrl: localUrl(serverPort, '/readyz'),
  })
  const { temporal, postgres } = dependencies
  return { name: 'pay-to-view', url: localUrl(serverPort), processes: { server, worker, temporal, postgres } }
}
