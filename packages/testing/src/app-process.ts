import { issuer, repositoryRoot, type StackAddresses } from '@pay-to-view/devstack'
import { freePort } from '@pay-to-view/devstack/ports'
import { respondsOk, waitFor } from '@pay-to-view/devstack/wait'
import { execa } from 'execa'
import { built, programOf } from './built.ts'

type Variables = Record<string, string | undefined>

/** Starts an app with exactly these environment variables, and waits until `readyUrl` responds. */
const startApp = async (name: 'server' | 'worker', env: Variables, readyUrl: string, log?: string) => {
  const child = execa(process.execPath, programOf(name), {
    cwd: repositoryRoot,
    stdin: 'ignore',
    stdout: log === undefined ? 'ignore' : { file: log, append: true },
    stderr: log === undefined ? 'inherit' : { file: log, append: true },
    buffer: false,
    env: { PATH: process.env.PATH, LOG_LEVEL: 'warn', ...env },
    extendEnv: false,
    reject: false,
    forceKillAfterDelay: false,
  })
  const exited = new AbortController()
  void child.then(({ shortMessage }) => exited.abort(new Error(`The ${name} ended before it was ready: ${shortMessage}`)))
  await waitFor(`the ${name}`, () => respondsOk(readyUrl), { timeoutMs: 60_000, signal: exited.signal })
  /** Stops the process and returns its exit code. */
  return async (): Promise<number | undefined> => {
    child.kill('SIGTERM')
    return (await child).exitCode
  }
}

type StartServerOptions = {
  port?: number
  /** The path to poll until the server is ready. Use a path other than /readyz if a test makes a dependency unavailable. */
  ready?: string
  env?: Variables
  /** The file to which the process's output is written. */
  log?: string
}

/** Starts another server process for a running stack. The server reads the issuer's keys from the JWKS URL. */
export const startServer = async (
  stack: Pick<StackAddresses, 'databaseUrl' | 'temporalAddress' | 'temporalNamespace' | 'stripeApi' | 'webhookSecret' | 'issuer'>,
  { port: fixedPort, ready = '/readyz', env, log }: StartServerOptions = {},
) => {
  const port = fixedPort ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const variables = {
    PORT: String(port),
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
    DRAIN_SECONDS: '0',
    ...env,
  }
  return { url, port, stop: await startApp('server', variables, url + ready, log) }
}

/**
 * Starts another worker process. `ready` is the path to poll until the worker is ready. Use a path other than /readyz if a dependency is
 * unavailable.
 */
export const startWorker = async (
  stack: Pick<StackAddresses, 'databaseUrl' | 'temporalAddress' | 'temporalNamespace' | 'stripeApi'>,
  { ready = '/readyz' }: { ready?: string } = {},
) => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const variables = {
    HEALTH_PORT: String(port),
    DATABASE_URL: stack.databaseUrl,
    TEMPORAL_ADDRESS: stack.temporalAddress,
    TEMPORAL_NAMESPACE: stack.temporalNamespace,
    STRIPE_SECRET_KEY: 'sk_test_worker',
    STRIPE_API_BASE: stack.stripeApi,
    WORKFLOW_BUNDLE: built ? 'apps/worker/dist/workflows.js' : undefined,
  }
  return { url, stop: await startApp('worker', variables, url + ready) }
}
