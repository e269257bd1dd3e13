import { spawn } from 'node:child_process'
import { freePort } from '@pay-to-view/devstack/ports'
import type { Stack } from '@pay-to-view/devstack'
import { answers, waitFor } from '@pay-to-view/devstack/wait'

/** One more process of the worker, which can be stopped. It is there when `ready` answers: another than /readyz for one whose parts are away. */
export const startWorker = async (
  stack: Pick<Stack, 'databaseUrl' | 'temporalAddress' | 'temporalNamespace' | 'stripeApi'>,
  { ready = '/readyz' }: { ready?: string } = {},
) => {
  const port = await freePort()
  const child = spawn(process.execPath, ['--import', 'tsx', 'apps/worker/src/main.ts'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env.PATH,
      HEALTH_PORT: String(port),
      DATABASE_URL: stack.databaseUrl,
      TEMPORAL_ADDRESS: stack.temporalAddress,
      TEMPORAL_NAMESPACE: stack.temporalNamespace,
      STRIPE_SECRET_KEY: 'sk_test_worker',
      STRIPE_API_BASE: stack.stripeApi,
      LOG_LEVEL: 'warn',
    },
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const url = `http://127.0.0.1:${port}`
  await waitFor('the worker', () => answers(url + ready), { within: 60_000 })
  return {
    url,
    /** Fulfilled with the exit code. */
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}
