import { mkdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'

/**
 * Packages that are not bundled, because they load native code or files from their own folders. All other packages are bundled, because
 * finding and reading thousands of modules takes longer than running them.
 */
const externalPackages = ['@temporalio/*', '@fastify/swagger-ui', '@opentelemetry/*', 'pino', 'esbuild', 'pg-native']

/** CommonJS packages need these names, which an ES module does not define. */
const commonJs = `
import { createRequire as createRequireOfBundle } from 'node:module'
const require = createRequireOfBundle(import.meta.url)
const __filename = import.meta.filename
const __dirname = import.meta.dirname
`.trim()

/**
 * tRPC is bundled from the TypeScript sources in its package. The package's own build copies objects with a helper instead of the native
 * spread, which took 15% of the server's CPU time for an access check (docs/decisions/0014-performance-tuning.md).
 */
const tRpcSources = path.join(path.dirname(createRequire(import.meta.url).resolve('@trpc/server/package.json')), 'src')

/** Bundles the named programs of the app in the working directory: src/NAME.ts becomes NAME.js in `out`. */
const bundle = async (names: readonly string[], out: string): Promise<void> => {
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  await build({
    entryPoints: names.map((name) => `src/${name}.ts`),
    outdir: out,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    sourcemap: true,
    logLevel: 'warning',
    external: externalPackages,
    alias: { '@trpc/server': tRpcSources },
    banner: { js: commonJs },
  })
}

const { values, positionals } = parseArgs({ options: { out: { type: 'string', default: 'dist' } }, allowPositionals: true })
await bundle(positionals, values.out)
