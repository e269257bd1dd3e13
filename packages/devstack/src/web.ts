import { createRequire } from 'node:module'
import path from 'node:path'
import { runToEnd } from './child.ts'
import { type Home, ROOT } from './home.ts'
import type { RunFile } from './run-file.ts'

const FOLDER = path.join(ROOT, 'apps/web')

export type WebOptions = {
  port: number
  api: string
  issuer: string
  stripe: { publishableKey: string; js: string | undefined }
}

/** The program of Vite that apps/web has installed. */
const vite = (...args: string[]) => {
  const manifest = createRequire(path.join(FOLDER, 'package.json')).resolve('vite/package.json')
  return { command: process.execPath, args: [path.join(path.dirname(manifest), 'bin/vite.js'), ...args], cwd: FOLDER }
}

/** Builds the pages into the home. */
export const buildWeb = async (home: Home, { run, signal }: { run?: RunFile | undefined; signal: AbortSignal }) =>
  runToEnd(
    {
      name: 'Building the web',
      ...vite('build', '--outDir', home.web, '--emptyOutDir', '--logLevel', 'warn'),
      env: { NO_COLOR: '1', FORCE_COLOR: undefined },
      log: path.join(home.logs, 'web-build.log'),
      run,
    },
    signal,
  )

/** How to serve the pages: as they were built, or (dev) as they are being written. What differs between places is not built in but in /config.json. */
export const serveWeb = (home: Home, { port, api, issuer, stripe }: WebOptions, dev: boolean) => ({
  ...(dev ? vite() : vite('preview', '--outDir', home.web)),
  env: {
    HOST: '127.0.0.1',
    PORT: String(port),
    API_URL: api,
    STRIPE_PUBLISHABLE_KEY: stripe.publishableKey,
    STRIPE_JS_URL: stripe.js,
    DEMO_ISSUER_URL: issuer,
  },
})
