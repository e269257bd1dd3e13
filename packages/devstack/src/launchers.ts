import { createRequire } from 'node:module'
import path from 'node:path'
import { type ChildSpec, startChildUntilReady } from './child.ts'
import type { DataFolder } from './data-folder.ts'
import type { RunFile } from './run-file.ts'
import { respondsOk } from './wait.ts'
import { type WebOptions, webCommand } from './web.ts'

type Options = {
  dataFolder: DataFolder
  runFile?: RunFile | undefined
  /** Whether the server, the worker and the web app restart when their source changes. */
  dev: boolean
  /** Whether the emulator, the server, the worker and the web app run from the output of `npm run build`. */
  built: boolean
}
type Environment = NonNullable<ChildSpec['env']>

/**
 * Returns the command that runs a TypeScript program of this repository. With `dev`, a change to any file that the program imports, or
 * that `include` matches, restarts the program.
 */
const tsProgram = (file: string, dev = false, include: readonly string[] = []) => ({
  command: process.execPath,
  args: dev
    ? [tsxCli(), 'watch', '--clear-screen=false', ...include.flatMap((glob) => ['--include', glob]), file]
    : ['--import', 'tsx', file],
})
const tsxCli = () => createRequire(import.meta.url).resolve('tsx/cli')

/** Defines how each of our own services is started, and which URL responds when the service is ready. */
export const createLaunchers = ({ dataFolder, runFile, dev, built }: Options) => {
  const app = (name: string, watched = dev, include?: readonly string[]) =>
    built
      ? { command: process.execPath, args: [`apps/${name}/dist/main.js`] }
      : tsProgram(`apps/${name}/src/main.ts`, watched, include)
  const webBuild = dev ? null : built ? 'dist' : dataFolder.web
  const launcher = (
    name: string,
    logName: string,
    program: Pick<ChildSpec, 'command' | 'args' | 'cwd' | 'env'>,
    readyUrl: string,
  ) => {
    const spec = { name, ...program, log: path.join(dataFolder.logs, `${logName}.log`), runFile }
    const url = new URL(readyUrl).origin
    return async (signal: AbortSignal) => ({
      url,
      child: await startChildUntilReady(spec, () => respondsOk(readyUrl), { signal }),
    })
  }
  return {
    emulator: (port: number, env: Environment) =>
      launcher(
        'Stripe emulator',
        'stripe-emulator',
        {
          // Unlike the server and the worker, the emulator is not restarted when its source changes.
          ...app('stripe-emulator', false),
          env: { HOST: '127.0.0.1', PORT: String(port), SECRET_KEY: undefined, ...env },
        },
        `http://127.0.0.1:${port}`,
      ),
    server: (port: number, env: Environment) =>
      launcher(
        'API server',
        'server',
        { ...app('server'), env: { ...env, PORT: String(port) } },
        `http://127.0.0.1:${port}/readyz`,
      ),
    worker: (port: number, env: Environment) =>
      launcher(
        'worker',
        'worker',
        // The worker does not import the workflows. It bundles them when it starts, so the files must be watched explicitly.
        {
          ...app('worker', dev, ['temporal/workflows/**/*.ts', 'packages/purchase/src/**/*.ts']),
          env: { ...env, HEALTH_PORT: String(port), WORKFLOW_BUNDLE: built ? 'apps/worker/dist/workflows.js' : undefined },
        },
        `http://127.0.0.1:${port}/readyz`,
      ),
    web: (options: WebOptions) =>
      launcher('web', 'web', webCommand(webBuild, options), `http://127.0.0.1:${options.port}/config.json`),
  }
}
