import { createRequire } from 'node:module'
import path from 'node:path'
import { runChild } from './child.ts'
import { type DataFolder, repositoryRoot } from './data-folder.ts'
import type { RunFile } from './run-file.ts'

const folder = path.join(repositoryRoot, 'apps/web')

export type WebOptions = {
  port: number
  api: string
  /** The URL of the local token issuer; undefined if users sign in with an identity provider. */
  issuer: string | undefined
  stripe: { publishableKey: string; js: string | undefined }
}

/** Returns the command for the Vite version that apps/web depends on. */
const vite = (...args: string[]) => {
  const manifest = createRequire(path.join(folder, 'package.json')).resolve('vite/package.json')
  return { command: process.execPath, args: [path.join(path.dirname(manifest), 'bin/vite.js'), ...args], cwd: folder }
}

/** Builds the web app into the data folder. */
export const buildWeb = async (
  dataFolder: DataFolder,
  { runFile, signal }: { runFile?: RunFile | undefined; signal: AbortSignal },
) =>
  runChild(
    {
      name: 'Building the web app',
      ...vite('build', '--outDir', dataFolder.web, '--emptyOutDir', '--logLevel', 'warn'),
      env: { NO_COLOR: '1', FORCE_COLOR: undefined },
      log: path.join(dataFolder.logs, 'web-build.log'),
      runFile,
    },
    signal,
  )

/**
 * Returns the command that serves the web app from the given build, or from source if `build` is null. Addresses are not part of the build,
 * because the app reads them from /config.json.
 */
export const webCommand = (build: string | null, { port, api, issuer, stripe }: WebOptions) => ({
  ...(build === null ? vite() : vite('preview', '--outDir', build)),
  env: {
    HOST: '127.0.0.1',
    PORT: String(port),
    API_URL: api,
    STRIPE_PUBLISHABLE_KEY: stripe.publishableKey,
    STRIPE_JS_URL: stripe.js,
    DEMO_ISSUER_URL: issuer,
  },
})
