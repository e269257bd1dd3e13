import type { Variables } from '@pay-to-view/environment'
import { type DataFolder, repositoryRoot } from './data-folder.ts'
import { runInForeground } from './foreground.ts'
import { playbackKeys } from './issuer.ts'
import { localSecrets, localWebhooksKey } from './secrets.ts'
import type { StackAddresses } from './stack.ts'
import { readRunningStack } from './stack-file.ts'

/** Unsets every variable that configures an external Temporal server, so that none of them affects the local server. */
const withoutTemporal = (environment: Variables): Variables =>
  Object.fromEntries(
    Object.keys(environment)
      .filter((name) => name.startsWith('TEMPORAL_'))
      .map((name) => [name, undefined]),
  )

/** Returns the environment for Temporal's CLI, which connects to the running stack unless the variables configure another server. */
export const withRunningTemporal = (
  environment: Variables,
  stack: Pick<StackAddresses, 'temporalAddress' | 'temporalNamespace'> | undefined,
): Variables =>
  stack === undefined || environment.TEMPORAL_ADDRESS
    ? environment
    : {
        ...environment,
        ...withoutTemporal(environment),
        TEMPORAL_ADDRESS: stack.temporalAddress,
        TEMPORAL_NAMESPACE: stack.temporalNamespace,
      }

type OpsAddresses = Pick<StackAddresses, 'databaseUrl' | 'stripeApi' | 'temporalAddress' | 'temporalNamespace'>

/**
 * Returns the environment for the operator commands. They use the running stack unless the variables configure another database, Temporal
 * or Stripe. In that case, they use nothing from the stack, because the stack's purchases must not be repaired with another account's
 * payments.
 */
export const withRunningStack = (environment: Variables, stack: OpsAddresses | undefined, secretKey: string): Variables => {
  if (stack === undefined) return environment
  const isLocalStripe = new URL(stack.stripeApi).hostname === '127.0.0.1'
  const addresses = [
    [environment.DATABASE_URL, stack.databaseUrl],
    [environment.TEMPORAL_ADDRESS, stack.temporalAddress],
    [environment.TEMPORAL_ADDRESS && (environment.TEMPORAL_NAMESPACE || 'default'), stack.temporalNamespace],
    [environment.STRIPE_SECRET_KEY && (environment.STRIPE_API_BASE || 'https://api.stripe.com'), stack.stripeApi],
  ]
  if (addresses.some(([named, ofStack]) => named && named !== ofStack)) return environment
  return {
    ...withRunningTemporal(environment, stack),
    DATABASE_URL: stack.databaseUrl,
    ...(!environment.STRIPE_SECRET_KEY && isLocalStripe && { STRIPE_SECRET_KEY: secretKey, STRIPE_API_BASE: stack.stripeApi }),
  }
}

/** Returns the keys of the running stack's servers, unless the environment contains its own keys or another database. */
const keysOfStack = async (environment: Variables, dataFolder: DataFolder): Promise<Variables> =>
  environment.DATABASE_URL
    ? {}
    : {
        WEBHOOKS_ENCRYPTION_KEYS: environment.WEBHOOKS_ENCRYPTION_KEYS || localWebhooksKey(dataFolder),
        PLAYBACK_KEYS: environment.PLAYBACK_KEYS || JSON.stringify(await playbackKeys(dataFolder)),
      }

/** Runs an operator command (apps/ops). Returns the exit code. */
export const runOps = async (dataFolder: DataFolder, args: readonly string[]): Promise<number> =>
  runInForeground(process.execPath, ['--import', 'tsx', 'apps/ops/src/main.ts', ...args], {
    cwd: repositoryRoot,
    env: {
      ...withRunningStack(process.env, readRunningStack(dataFolder), localSecrets(dataFolder).stripeSecretKey),
      ...(await keysOfStack(process.env, dataFolder)),
    },
  })
