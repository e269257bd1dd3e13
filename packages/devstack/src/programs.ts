import { createRequire } from 'node:module'
import path from 'node:path'
import { type ChildSpec, startReady } from './child.ts'
import type { Home } from './home.ts'
import type { RunFile } from './run-file.ts'
import { answers } from './wait.ts'
import { serveWeb, type WebOptions } from './web.ts'

type Place = { home: Home; run?: RunFile | undefined; dev: boolean; built: boolean }
type Environment = NonNullable<ChildSpec['env']>

/** A TypeScript program of this repository. In dev it starts anew whenever a file changes that it imports, or one of `also`. */
const program = (file: string, dev = false, also: readonly string[] = []) => ({
  command: process.execPath,
  args: dev
    ? [watcher(), 'watch', '--clear-screen=false', ...also.flatMap((glob) => ['--include', glob]), file]
    : ['--import', 'tsx', file],
})
const watcher = () => createRequire(import.meta.url).resolve('tsx/cli')

/** Our own programs: how each is started, and when it is ready. */
export const createPrograms = ({ home, run, dev, built }: Place) => {
  /** An app from its source, or as `npm run build` made it. */
  const app = (name: string, also?: readonly string[]) =>
    built ? { command: process.execPath, args: [`apps/${name}/dist/main.js`] } : program(`apps/${name}/src/main.ts`, dev, also)
  const start = (name: string, log: string, what: Pick<ChildSpec, 'command' | 'args' | 'cwd' | 'env'>, ready: string) => {
    const spec = { name, ...what, log: path.join(home.logs, `${log}.log`), run }
    const url = new URL(ready).origin
    return async (signal: AbortSignal) => ({ url, child: await startReady(spec, () => answers(ready), { signal }) })
  }
  return {
    emulator: (port: number, env: Environment) =>
      start(
        'Stripe emulator',
        'stripe-emulator',
        {
          ...program('apps/stripe-emulator/src/main.ts'),
          env: { HOST: '127.0.0.1', PORT: String(port), SECRET_KEY: undefined, ...env },
        },
        `http://127.0.0.1:${port}`,
      ),
    server: (port: number, env: Environment) =>
      start('API server', 'server', { ...app('server'), env: { ...env, PORT: String(port) } }, `http://127.0.0.1:${port}/readyz`),
    worker: (port: number, env: Environment) =>
      start(
        'worker',
        'worker',
        // The workflows' bundle is made when the worker starts: it does not import them.
        {
          ...app('worker', ['temporal/workflows/**/*.ts', 'packages/purchase/src/**/*.ts']),
          env: { ...env, HEALTH_PORT: String(port), WORKFLOW_BUNDLE: built ? 'apps/worker/dist/workflows.js' : undefined },
        },
        `http://127.0.0.1:${port}/readyz`,
      ),
    web: (options: WebOptions) =>
      start('web', 'web', serveWeb(home, options, dev), `http://127.0.0.1:${options.port}/config.json`),
  }
}
