import { spawn } from 'node:child_process'
import { type Home, ROOT } from './home.ts'
import { localSecrets } from './secrets.ts'
import { readyStack } from './stack-file.ts'

/** The operator's commands (apps/ops), on the running stack where the environment names nothing else. Returns the exit code. */
export const operate = (home: Home, args: readonly string[]): Promise<number> => {
  const stack = readyStack(home)
  const given = process.env
  const local = stack && {
    ...(!given.DATABASE_URL && { DATABASE_URL: stack.databaseUrl }),
    ...(!given.TEMPORAL_ADDRESS && { TEMPORAL_ADDRESS: stack.temporalAddress, TEMPORAL_NAMESPACE: stack.temporalNamespace }),
    // A real key is never sent to the local Stripe, nor the other way round.
    ...(!given.STRIPE_SECRET_KEY && { STRIPE_SECRET_KEY: localSecrets(home).stripeSecretKey, STRIPE_API_BASE: stack.stripeApi }),
  }
  const child = spawn(process.execPath, ['--import', 'tsx', 'apps/ops/src/main.ts', ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...given, ...local },
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
