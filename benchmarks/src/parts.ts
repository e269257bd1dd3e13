import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { migrate } from '@pay-to-view/db/migrate'
import { type Home, openHome, playbackKeys, publicKeys } from '@pay-to-view/devstack'
import { type Child, startReady } from '@pay-to-view/devstack/child'
import { environmentOf, serverEnvironment, workerEnvironment } from '@pay-to-view/devstack/environment'
import { ROOT } from '@pay-to-view/devstack/home'
import { freePort } from '@pay-to-view/devstack/ports'
import { startPostgres, withClient } from '@pay-to-view/devstack/postgres'
import { seed } from '@pay-to-view/devstack/seed'
import { findTemporal } from '@pay-to-view/devstack/temporal-binary'
import { startTemporal } from '@pay-to-view/devstack/temporal-server'
import { answers } from '@pay-to-view/devstack/wait'
import { workflowCode } from '@pay-to-view/temporal/bundle'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'

/** What is measured: where it listens, and the processes whose CPU it costs, by name. */
export interface Target {
  name: 'plain' | 'durable' | 'pay-to-view'
  url: string
  processes: Record<string, number>
}

export interface Parts {
  home: Home
  targets: Target[]
  databaseUrl: string
  temporalAddress: string
  webhookSecret: string
  /** Counts what both databases hold, as autovacuum does within a minute or two: before that Postgres plans for tables of a few rows. */
  analyze(): Promise<void>
  stop(): Promise<void>
}

export interface PartOptions {
  /** Folder for CPU profiles of the three programs; none are taken without. */
  profiles?: string
  /** Whether the Temporal server keeps its data in a file: its SQLite syncs every step to disk, one after the other. */
  temporalFile?: boolean
  /** Whether Postgres counts its statements: pg_stat_statements. */
  statements?: boolean
  /** Whether there is the durable twin as well. */
  durable?: boolean
  /** Options of Node for the server and the worker. */
  node?: string[]
  say: (line: string) => void
}

const webhookSecret = 'whsec_of_the_benchmark'

/** Bundles programs as a container has them, in a folder of their own: tests and others may be building too. */
const bundle = (app: string, out: string, ...names: string[]): void => {
  const script = path.join(ROOT, 'packages/bundle/src/bundle.ts')
  execFileSync(process.execPath, ['--import', 'tsx', script, '--out', out, ...names], { cwd: path.join(ROOT, app) })
}

/** The durable twin: its server, its worker and its workflow, which is bundled as ours is. */
const bundleDurable = async (out: string): Promise<void> => {
  bundle('benchmarks', out, '../durable/main', '../durable/worker')
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(ROOT, 'benchmarks/durable/workflows.ts'),
    preloadModules: ['temporal/workflows/limit-stack-traces.ts', 'benchmarks/durable/workflows.ts'].map((file) =>
      path.join(ROOT, file),
    ),
    logger: new DefaultLogger('ERROR'),
  })
  writeFileSync(path.join(out, 'workflows.js'), code)
}

/** A Postgres with pg_stat_statements, which it loads only when it starts. */
const startCounting: typeof startPostgres = async (home, options) => {
  const { child, databaseUrl } = await startPostgres(home, options)
  for (const setting of [`shared_preload_libraries = 'pg_stat_statements'`, 'pg_stat_statements.track_planning = on']) {
    await withClient(databaseUrl, (client) => client.query(`alter system set ${setting}`))
  }
  await child.stop()
  const started = await startPostgres(home, options)
  await withClient(started.databaseUrl, (client) => client.query('create extension pg_stat_statements'))
  return started
}

/** The targets as they run in production, on one Postgres that syncs to disk, with a database each, and one Stripe. */
export const startParts = async ({
  profiles,
  temporalFile = false,
  statements = false,
  durable = false,
  node = [],
  say,
}: PartOptions): Promise<Parts> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-bench-'))
  // Inside the repository, so that the packages from npm are found.
  const built = path.join(ROOT, 'benchmarks/dist', path.basename(folder))
  const home = openHome(folder)
  const children: Child[] = []
  const end = async () => {
    for (const child of children.reverse()) await child.stop()
    for (const made of [folder, built]) rmSync(made, { recursive: true, force: true })
  }
  let ending: Promise<void> | undefined
  // Once: whoever asks again waits for the same end.
  const stop = () => {
    ending ??= end()
    return ending
  }
  // Who is told to end takes the parts along.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop().finally(() => process.exit(1)))
  const program = async (name: string, file: string, env: Record<string, string | undefined>, ready?: string) => {
    const profile = profiles && name !== 'stripe' ? ['--cpu-prof', `--cpu-prof-dir=${path.resolve(profiles)}`] : []
    const child = await startReady(
      {
        name,
        command: process.execPath,
        args: [...profile, ...(name === 'server' || name === 'worker' ? node : []), path.join(built, file)],
        // As deploy/Dockerfile has it.
        env: { ...env, NODE_ENV: 'production', NODE_OPTIONS: '--enable-source-maps --max-semi-space-size=32' },
        log: path.join(home.logs, `${name}.log`),
      },
      async () => ready === undefined || answers(ready),
    )
    children.push(child)
    return child.pid
  }
  try {
    say('Bundling the programs')
    bundle('benchmarks', path.join(built, 'plain'), '../plain/main')
    bundle('benchmarks', path.join(built, 'stripe'), 'stripe-stub')
    if (durable) await bundleDurable(path.join(built, 'durable'))
    bundle('apps/server', path.join(built, 'server'), 'main')
    bundle('apps/worker', path.join(built, 'worker'), 'main')
    writeFileSync(path.join(built, 'worker/workflows.js'), await workflowCode())
    say('Starting Postgres, Temporal and the Stripe stub')
    const { child: postgres, databaseUrl } = await (statements ? startCounting : startPostgres)(home, { port: await freePort() })
    children.push(postgres)
    const twins = durable ? (['plain', 'durable'] as const) : (['plain'] as const)
    const urlOf = (twin: string) => databaseUrl.replace(/[^/]+$/, twin)
    for (const twin of twins) await withClient(databaseUrl, (client) => client.query(`create database ${twin}`))
    const databases = [databaseUrl, ...twins.map(urlOf)]
    for (const url of databases) {
      await migrate(url)
      await seed(url)
    }
    const temporal = await startTemporal(home, {
      binary: await findTemporal({ say }),
      port: await freePort(),
      forgetful: !temporalFile,
    })
    children.push(temporal.child)
    const ports = {
      stripe: await freePort(),
      plain: await freePort(),
      durable: await freePort(),
      server: await freePort(),
      worker: await freePort(),
    }
    const at = (name: keyof typeof ports, where = '') => `http://127.0.0.1:${ports[name]}${where}`
    await program('stripe', 'stripe/stripe-stub.js', { PORT: String(ports.stripe) }, at('stripe', '/v1/events'))

    say('Starting what is measured')
    const key = 'sk_test_of_the_benchmark'
    const stripe = { secretKey: key, publishableKey: 'pk_test_x', webhookSecret, api: at('stripe'), js: undefined }
    const [keys, playback] = await Promise.all([publicKeys(home), playbackKeys(home)])
    const serverEnv = serverEnvironment({}, { stripe, keys, playback, web: null })
    const env = environmentOf({ databaseUrl, temporal, stripe })
    const common = { postgres: postgres.pid }
    const twin = (name: 'plain' | 'durable') =>
      program(
        name,
        `${name}/main.js`,
        { ...env, ...serverEnv, DATABASE_URL: urlOf(name), PORT: String(ports[name]) },
        at(name, '/readyz'),
      )
    const workerEnv = { ...env, ...workerEnvironment(process.env) }
    const targets: Target[] = [{ name: 'plain', url: at('plain'), processes: { server: await twin('plain'), ...common } }]
    if (durable) {
      const worker = await program('durable-worker', 'durable/worker.js', {
        ...workerEnv,
        ...{ DATABASE_URL: urlOf('durable'), WORKFLOW_BUNDLE: path.join(built, 'durable/workflows.js') },
      })
      const processes = { server: await twin('durable'), worker, temporal: temporal.child.pid, ...common }
      targets.push({ name: 'durable', url: at('durable'), processes })
    }
    const worker = await program(
      'worker',
      'worker/main.js',
      { ...workerEnv, HEALTH_PORT: String(ports.worker), WORKFLOW_BUNDLE: path.join(built, 'worker/workflows.js') },
      at('worker', '/readyz'),
    )
    const server = await program(
      'server',
      'server/main.js',
      // One address makes all calls here.
      { ...env, ...serverEnv, PORT: String(ports.server), RATE_LIMIT_USER: '0', RATE_LIMIT_ADDRESS: '0' },
      at('server', '/readyz'),
    )
    targets.push({
      name: 'pay-to-view',
      url: at('server'),
      processes: { server, worker, temporal: temporal.child.pid, ...common },
    })
    return {
      home,
      targets,
      databaseUrl,
      temporalAddress: temporal.address,
      webhookSecret,
      analyze: async () => {
        for (const url of databases) await withClient(url, (client) => client.query('analyze'))
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
