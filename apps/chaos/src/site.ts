import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { migrate } from '@pay-to-view/db/migrate'
import { issueToken, openHome, playbackKeys, publicKeys } from '@pay-to-view/devstack'
import { environmentOf, serverEnvironment } from '@pay-to-view/devstack/environment'
import { freePort } from '@pay-to-view/devstack/ports'
import { startPostgres } from '@pay-to-view/devstack/postgres'
import { createPrograms } from '@pay-to-view/devstack/programs'
import { localSecrets } from '@pay-to-view/devstack/secrets'
import { seed } from '@pay-to-view/devstack/seed'
import { findTemporal } from '@pay-to-view/devstack/temporal-binary'
import { startTemporal } from '@pay-to-view/devstack/temporal-server'
import { type Link, startLink } from './link.ts'
import { createWorld } from './lives/world.ts'
import { type Launch, type Part, startPart } from './part.ts'
import { createTroubles } from './troubles.ts'

/** What is killed. */
export const partNames = ['server 1', 'server 2', 'worker 1', 'worker 2', 'Postgres', 'Temporal', 'Stripe'] as const
export type PartName = (typeof partNames)[number]

/** What is cut, held up and slowed. Servers and workers have ways of their own, so that one side can lose a part that the other still has. */
export const linkNames = [
  'buyers and Stripe to servers',
  'servers to Postgres',
  'servers to Temporal',
  'servers to Stripe',
  'workers to Postgres',
  'workers to Temporal',
  'workers to Stripe',
] as const
export type LinkName = (typeof linkNames)[number]

export type Site = Awaited<ReturnType<typeof startSite>>

/**
 * The parts as they run in production: two servers, two workers, Postgres that syncs, Temporal on a file, and a Stripe that keeps what it
 * knows in one. Each at an address of its own, reached through a link.
 */
export const startSite = async ({ seed: troubleSeed, say }: { seed: number; say: (line: string) => void }) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-chaos-'))
  const home = openHome(folder)
  const parts = new Map<PartName, Part>()
  const links = new Map<LinkName, Link>()
  const crashes: string[] = []

  const add = async (name: PartName, launch: Launch) => parts.set(name, await startPart(name, launch, (how) => crashes.push(how)))
  const link = async (name: LinkName, ...targets: number[]) => {
    const made = await startLink(await freePort(), targets)
    links.set(name, made)
    return made.port
  }
  const stop = async (layer: readonly PartName[] = partNames) => {
    await Promise.all(layer.map((name) => parts.get(name)?.stop()))
  }
  const end = async () => {
    await stop(['server 1', 'server 2', 'worker 1', 'worker 2'])
    await stop()
    for (const one of links.values()) await one.stop()
  }

  try {
    const programs = createPrograms({ home, dev: false, built: false })
    const secrets = localSecrets(home)
    const at = {
      ...{ postgres: await freePort(), temporal: await freePort(), stripe: await freePort() },
      ...{ 'server 1': await freePort(), 'server 2': await freePort() },
      ...{ 'worker 1': await freePort(), 'worker 2': await freePort() },
    }
    const front = await link('buyers and Stripe to servers', at['server 1'], at['server 2'])
    const stripeApi = `http://127.0.0.1:${at.stripe}`
    const troubles = createTroubles(stripeApi, troubleSeed)

    say('Starting Postgres, Temporal and Stripe')
    const binary = await findTemporal({ say })
    const emulator = programs.emulator(at.stripe, {
      DATA_FILE: home.emulatorData,
      WEBHOOK_URL: `http://127.0.0.1:${front}/client/v1/webhooks/stripe`,
      WEBHOOK_SECRET: secrets.webhookSecret,
    })
    const never = new AbortController().signal
    await Promise.all([
      add('Postgres', () => startPostgres(home, { port: at.postgres })),
      add('Temporal', () => startTemporal(home, { binary, port: at.temporal })),
      add('Stripe', async () => {
        const started = await emulator(never)
        await troubles.lay()
        return started
      }),
    ])
    const databaseUrl = `postgresql://postgres:${secrets.postgresPassword}@127.0.0.1:${at.postgres}/pay_to_view`
    await migrate(databaseUrl)
    await seed(databaseUrl)

    const environmentFor = async (who: 'servers' | 'workers') => {
      const through = {
        postgres: await link(`${who} to Postgres`, at.postgres),
        temporal: await link(`${who} to Temporal`, at.temporal),
        stripe: await link(`${who} to Stripe`, at.stripe),
      }
      const stripe = {
        ...{ secretKey: secrets.stripeSecretKey, publishableKey: secrets.stripePublishableKey },
        ...{ webhookSecret: secrets.webhookSecret, api: `http://127.0.0.1:${through.stripe}`, js: undefined },
      }
      const temporal = { address: `127.0.0.1:${through.temporal}`, namespace: 'default' }
      const url = new URL(databaseUrl)
      url.port = String(through.postgres)
      return { stripe, env: { ...environmentOf({ databaseUrl: url.href, temporal, stripe }), NODE_ENV: 'production' } }
    }
    const forServers = await environmentFor('servers')
    const forWorkers = await environmentFor('workers')
    const [keys, playback] = await Promise.all([publicKeys(home), playbackKeys(home)])
    const serverEnv = { ...forServers.env, ...serverEnvironment({}, { stripe: forServers.stripe, keys, playback, web: null }) }
    const workerEnv = { ...forWorkers.env, RECONCILE_EVERY: '10', RECONCILE_GRACE: '5' }
    say('Starting two servers and two workers')
    await Promise.all([
      ...(['server 1', 'server 2'] as const).map((name) => add(name, () => programs.server(at[name], serverEnv)(never))),
      ...(['worker 1', 'worker 2'] as const).map((name) => add(name, () => programs.worker(at[name], workerEnv)(never))),
    ])
    const place = {
      ...{ api: `http://127.0.0.1:${front}`, stripeApi, databaseUrl },
      ...{ temporalAddress: `127.0.0.1:${at.temporal}`, temporalNamespace: 'default' },
    }
    const world = createWorld(place, (user, options) => issueToken(home, user, { ...options, ttl: '7d' }))
    return {
      world,
      troubles,
      stripeApi,
      /** Where the logs are. */
      logs: home.logs,
      /** Ends of parts that nobody asked for. */
      crashes,
      part: (name: PartName) => existing(parts.get(name), name),
      link: (name: LinkName) => existing(links.get(name), name),
      stop: async ({ keepLogs }: { keepLogs: boolean }) => {
        await world.close()
        await end()
        if (!keepLogs) rmSync(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await end()
    throw error
  }
}

const existing = <T>(found: T | undefined, name: string): T => {
  if (found === undefined) throw new Error(`There is no ${name}`)
  return found
}
