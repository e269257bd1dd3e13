import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { migrate } from '@pay-to-view/db/migrate'
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
import { commonEnvironment, serverEnvironment } from '@pay-to-view/devstack/service-environment'
import { findTemporal } from '@pay-to-view/devstack/temporal-binary'
import { startTemporal } from '@pay-to-view/devstack/temporal-server'
import { bundlePrograms } from '../../src/bundle-programs.ts'
import { databaseUrlOf } from '../../src/databases.ts'
import { createProcessGroup } from '../../src/process-group.ts'

const localUrl = (port: number, urlPath = '') => `http://127.0.0.1:${port}${urlPath}`
const readSql = (name: string): string => readFileSync(path.join(import.meta.dirname, name), 'utf8')

export interface CatalogServer {
  url: string
  databaseUrl: string
}

export interface CatalogStack {
  dataFolder: DataFolder
  /** Postgres's log file. */
  logFile: string
  small: CatalogServer
  large: CatalogServer
  stop(): Promise<void>
}

/** Fills the database with purchases and a catalog of 7 entities, and then adds a large catalog to a copy of the database. */
const fillDatabases = async (databaseUrl: string, { purchases, entities }: { purchases: number; entities: number }) => {
  const largeUrl = databaseUrlOf(databaseUrl, 'large')
  await migrate(databaseUrl)
  const generate = readSql('../generate.sql').replaceAll(':purchases', String(purchases))
  const few = generate.replaceAll(':films', '6').replaceAll(':channels', '1')
  await withClient(databaseUrl, (client) => client.query(few + readSql('fill.sql')))
  await withClient(databaseUrl, (client) => client.query('vacuum analyze'))
  await withClient(databaseUrlOf(databaseUrl, 'postgres'), (client) =>
    client.query('create database large template pay_to_view strategy file_copy'),
  )
  await withClient(largeUrl, (client) => client.query(readSql('enlarge.sql').replaceAll(':entities', String(entities))))
  await withClient(largeUrl, (client) => client.query('vacuum analyze'))
  return largeUrl
}

/**
 * Starts one server with the small catalog and one with the large catalog. They share Postgres, Temporal and a Stripe stub. There is no
 * worker.
 */
export const startCatalogStack = async (
  size: { purchases: number; entities: number },
  log: (line: string) => void,
): Promise<CatalogStack> => {
  const dataFolder = createTemporaryDataFolder('pay-to-view-scale-')
  // The folder is inside the repository, so that the bundles can import npm packages.
  const bundleFolder = path.join(repositoryRoot, 'benchmarks/dist', path.basename(dataFolder.path))
  const cleanUp = () => {
    rmSync(bundleFolder, { recursive: true, force: true })
    removeDataFolder(dataFolder)
  }
  const processes = createProcessGroup({ dataFolder, bundleFolder, cleanUp })
  try {
    const { child: postgres, databaseUrl } = await startPostgres(dataFolder, { port: await freePort(), ephemeral: true })
    processes.add(postgres)
    log('Filling the databases')
    const largeUrl = await fillDatabases(databaseUrl, size)
    log('Bundling and starting the programs')
    await bundlePrograms(bundleFolder, { durable: false })
    const temporal = await startTemporal(dataFolder, {
      binary: await findTemporal({ log }),
      port: await freePort(),
      ephemeral: true,
    })
    processes.add(temporal.child)
    const stripePort = await freePort()
    await processes.start({
      name: 'stripe',
      file: 'stripe/stripe-stub.js',
      env: { PORT: String(stripePort) },
      readyUrl: localUrl(stripePort, '/v1/events'),
    })
    const stripe = {
      ...{ secretKey: 'sk_test_of_the_benchmark', publishableKey: 'pk_test_x', webhookSecret: 'whsec_of_the_benchmark' },
      ...{ api: localUrl(stripePort), js: undefined },
    }
    const [keys, playback] = await Promise.all([issuerPublicKeys(dataFolder), playbackKeys(dataFolder)])
    const startServer = async (url: string): Promise<CatalogServer> => {
      const port = await freePort()
      const environment = {
        ...commonEnvironment({ databaseUrl: url, temporal, stripe }),
        ...serverEnvironment({}, { stripe, keys, playback }),
      }
      await processes.start({
        name: 'server',
        file: 'server/main.js',
        env: { ...environment, PORT: String(port), RATE_LIMIT_CREATES: '0' },
        readyUrl: localUrl(port, '/readyz'),
      })
      return { url: localUrl(port), databaseUrl: url }
    }
    const [small, large] = [await startServer(databaseUrl), await startServer(largeUrl)]
    return { dataFolder, logFile: postgres.log, small, large, stop: processes.stop }
  } catch (error) {
    await processes.stop()
    throw error
  }
}
