import type { Given } from './given.ts'
import { type Home, ROOT } from './home.ts'
import { runInOurPlace } from './inherit.ts'
import { localSecrets } from './secrets.ts'
import type { Addresses } from './stack.ts'
import { readyStack } from './stack-file.ts'

/** What says how a Temporal is reached: none of it is meant for another one. */
const noTemporal = (given: Given): Given =>
  Object.fromEntries(
    Object.keys(given)
      .filter((name) => name.startsWith('TEMPORAL_'))
      .map((name) => [name, undefined]),
  )

/** The environment of Temporal's own command: the running stack, where no other server is named. */
export const onTemporal = (given: Given, stack: Pick<Addresses, 'temporalAddress' | 'temporalNamespace'> | undefined): Given =>
  stack === undefined || given.TEMPORAL_ADDRESS
    ? given
    : {
        ...given,
        ...noTemporal(given),
        TEMPORAL_ADDRESS: stack.temporalAddress,
        TEMPORAL_NAMESPACE: stack.temporalNamespace,
      }

type Stack = Pick<Addresses, 'databaseUrl' | 'stripeApi' | 'temporalAddress' | 'temporalNamespace'>

/**
 * The environment of the operator's commands: the running stack, where nothing else is named. Who names another database, Temporal or Stripe
 * gets nothing of the stack's: its purchases are not to be mended with another's money.
 */
export const onStack = (given: Given, stack: Stack | undefined, secretKey: string): Given => {
  if (stack === undefined) return given
  const isLocalStripe = new URL(stack.stripeApi).hostname === '127.0.0.1'
  const named = [
    [given.DATABASE_URL, stack.databaseUrl],
    [given.TEMPORAL_ADDRESS, stack.temporalAddress],
    [given.TEMPORAL_ADDRESS && (given.TEMPORAL_NAMESPACE || 'default'), stack.temporalNamespace],
    [given.STRIPE_SECRET_KEY && (given.STRIPE_API_BASE || 'https://api.stripe.com'), stack.stripeApi],
  ]
  if (named.some(([other, own]) => other && other !== own)) return given
  return {
    ...onTemporal(given, stack),
    DATABASE_URL: stack.databaseUrl,
    ...(!given.STRIPE_SECRET_KEY && isLocalStripe && { STRIPE_SECRET_KEY: secretKey, STRIPE_API_BASE: stack.stripeApi }),
  }
}

/** The operator's commands (apps/ops). Returns the exit code. */
export const operate = (home: Home, args: readonly string[]): Promise<number> =>
  runInOurPlace(process.execPath, ['--import', 'tsx', 'apps/ops/src/main.ts', ...args], {
    cwd: ROOT,
    env: onStack(process.env, readyStack(home), localSecrets(home).stripeSecretKey),
  })
