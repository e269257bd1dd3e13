import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import path from 'node:path'
import { issuer, type Stack } from '@pay-to-view/devstack'
import { freePort } from '@pay-to-view/devstack/ports'
import { answers, waitFor } from '@pay-to-view/devstack/wait'

/**
 * One more process of the server, which can be stopped; it reads the issuer's keys from their address. `ready` is the path that has to
 * answer well: another than /readyz for one whose parts are away. `log` is a file for what it writes.
 */
export const startServer = async (
  stack: Stack,
  { port, ready = '/readyz', env, log }: { port?: number; ready?: string; env?: NodeJS.ProcessEnv; log?: string } = {},
) => {
  const own = port ?? (await freePort())
  const child = spawn(process.execPath, ['--import', 'tsx', path.resolve('apps/server/src/main.ts')], {
    stdio: log === undefined ? ['ignore', 'ignore', 'inherit'] : ['ignore', ...[openSync(log, 'a'), openSync(log, 'a')]],
    env: {
      PATH: process.env.PATH,
      PORT: String(own),
      DATABASE_URL: stack.databaseUrl,
      TEMPORAL_ADDRESS: stack.temporalAddress,
      TEMPORAL_NAMESPACE: stack.temporalNamespace,
      STRIPE_SECRET_KEY: 'sk_test_server',
      STRIPE_API_BASE: stack.stripeApi,
      STRIPE_WEBHOOK_SECRET: stack.webhookSecret,
      AUTH_ISSUER: issuer.name,
      AUTH_AUDIENCE: issuer.audience,
      AUTH_JWKS_URL: `${stack.issuer}/.well-known/jwks.json`,
      RETURN_URL_ORIGINS: 'https://yoursite.com',
      LOG_LEVEL: 'warn',
      DRAIN_SECONDS: '0',
      ...env,
    },
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const url = `http://127.0.0.1:${own}`
  await waitFor('the server', () => answers(`${url}${ready}`), { within: 60_000 })
  return {
    url,
    port: own,
    /** Fulfilled with the exit code. */
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}
