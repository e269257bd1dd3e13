import { migrate } from '@pay-to-view/db/migrate'
import type { Variables } from '@pay-to-view/environment'
import type { DataFolder } from './data-folder.ts'
import { prepareDemoAccount } from './demo-account.ts'
import {
  externalDatabase,
  externalStripe,
  externalTemporal,
  type StripeConnection,
  type TemporalConnection,
} from './external-services.ts'
import { registerSearchAttributes } from './external-temporal.ts'
import type { createLaunchers } from './launchers.ts'
import type { PortName } from './ports.ts'
import { startPostgres } from './postgres.ts'
import type { RunFile } from './run-file.ts'
import { localSecrets } from './secrets.ts'
import { seed } from './seed.ts'
import type { createServiceGroup } from './service-group.ts'
import { findTemporal } from './temporal-binary.ts'
import { startTemporal } from './temporal-server.ts'

type Options = {
  dataFolder: DataFolder
  environment: Variables
  ephemeral: boolean
  temporalUi: boolean
  runFile: RunFile | undefined
  services: ReturnType<typeof createServiceGroup>
  launchers: ReturnType<typeof createLaunchers>
  portOf: (name: PortName) => Promise<number>
  log: (line: string) => void
}

/**
 * Provides Postgres, Temporal and Stripe for a stack: starts local services, or uses external services. If a variable is invalid, throws
 * InvalidEnvironmentError before anything is started.
 */
export const createBackingServices = ({
  dataFolder,
  environment,
  ephemeral,
  runFile,
  services,
  launchers,
  portOf,
  log,
  ...options
}: Options) => {
  const external = {
    database: externalDatabase(environment),
    stripe: externalStripe(environment),
    temporal: externalTemporal(environment),
  }

  const startDatabase = async (): Promise<string> => {
    log('Starting Postgres')
    if (!dataFolder.postgres.startsWith(dataFolder.path))
      log(`Postgres keeps its data in ${dataFolder.postgres}, because its user cannot access ${dataFolder.path}`)
    const settings = { port: await portOf('postgres'), ephemeral, runFile }
    const launch = (signal: AbortSignal) => startPostgres(dataFolder, { ...settings, signal })
    return (await services.add('back', 'Postgres', launch)).databaseUrl
  }

  return {
    isTemporalExternal: external.temporal !== null,

    /** Returns the URL of a migrated and seeded database. `web` is the URL of the web app, which serves the demo films. */
    database: async (web: string | null): Promise<string> => {
      const url = external.database ?? (await startDatabase())
      const { applied } = await migrate(url)
      if (applied.length > 0) log(`Applied ${applied.length} ${applied.length === 1 ? 'migration' : 'migrations'}`)
      await seed(url, web)
      return url
    },

    temporal: async (): Promise<TemporalConnection> => {
      if (external.temporal) {
        await registerSearchAttributes(external.temporal, { log, signal: services.signal })
        return external.temporal
      }
      log('Starting Temporal')
      const binary = await findTemporal({ log, signal: services.signal })
      const uiPort = ephemeral && !options.temporalUi ? undefined : await portOf('temporalUi')
      const settings = { binary, port: await portOf('temporal'), uiPort, ephemeral, runFile }
      return services.add('back', 'Temporal', (signal) => startTemporal(dataFolder, { ...settings, signal }))
    },

    stripe: async (webhookUrl: string): Promise<StripeConnection> => {
      if (external.stripe) return external.stripe
      log('Starting the Stripe emulator')
      const { webhookSecret, stripeSecretKey: secretKey, stripePublishableKey: publishableKey } = localSecrets(dataFolder)
      const env = {
        WEBHOOK_URL: webhookUrl,
        WEBHOOK_SECRET: webhookSecret,
        DATA_FILE: ephemeral ? undefined : dataFolder.emulatorData,
      }
      const launch = launchers.emulator(await portOf('emulator'), env)
      const { url } = await services.add('back', 'Stripe emulator', launch)
      if (!ephemeral) await prepareDemoAccount(url, secretKey, { automaticTax: environment.AUTOMATIC_TAX === 'on' })
      return { secretKey, publishableKey, webhookSecret, api: url, js: `${url}/js/stripe.js` }
    },
  }
}
