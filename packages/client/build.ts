/**
 * `npm run build:packages [-- FOLDER]`: builds packages/client and packages/react for npm, each into its own dist/ folder or into
 * a subfolder of FOLDER. Each of these folders is then a complete package.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'
import { z } from 'zod'

const [folder] = process.argv.slice(2)
const ROOT = path.resolve(import.meta.dirname, '../..')
const TSC = path.join(path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')

const Manifest = z.looseObject({
  name: z.string(),
  private: z.boolean().optional(),
  scripts: z.unknown().optional(),
  devDependencies: z.unknown(),
})

/** Compiles without type checks; `npm run check` checks the types. */
const tsc = (...args: string[]) => execFileSync(process.execPath, [TSC, '--noCheck', ...args], { cwd: ROOT, stdio: 'inherit' })

/** Server-only types in the procedures' declarations. Clients cannot use these types. */
const serverTypes = /import\("\.\/(?:trpc|rest-meta)\.ts"\)\.(?:Context|RestMeta)/g

/** Writes the router's type declarations, reduced to the inputs, outputs and errors of the procedures. */
const writeRouterTypes = (targetFolder: string) => {
  const temporary = mkdtempSync(path.join(tmpdir(), 'router-types-'))
  try {
    tsc('-p', 'packages/client/tsconfig.router.json', '--outDir', temporary)
    // The indentation would be a third of the file, so it is removed.
    const declarations = readFileSync(path.join(temporary, 'app-router.d.ts'), 'utf8').replace(/^ +/gm, '')
    const router = declarations.replace(serverTypes, 'object')
    const imports = [...router.matchAll(/(?:import\(|from )["']([^"']+)["']/g)].map(([, from]) => from)
    const serverImports = imports.filter((from) => from !== '@trpc/server' && from !== './errors.ts')
    if (serverImports.length > 0) throw new Error(`The procedure types import server modules: ${[...new Set(serverImports)]}`)
    mkdirSync(targetFolder)
    writeFileSync(path.join(targetFolder, 'app-router.d.ts'), router.replaceAll('"./errors.ts"', '"./errors.js"'))
    const errors = readFileSync(path.join(temporary, 'errors.d.ts'), 'utf8')
    writeFileSync(path.join(targetFolder, 'errors.d.ts'), errors.replaceAll("'./error-table.ts'", "'./error-table.js'"))
    copyFileSync(path.join(temporary, 'error-table.d.ts'), path.join(targetFolder, 'error-table.d.ts'))
    writeFileSync(
      path.join(targetFolder, 'index.d.ts'),
      "export type { AppRouter } from './app-router.js'\nexport type { Problem } from './errors.js'\n",
    )
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** Rewrites imports in the declarations to point to the published files, and imports of the API's types to their copy in the package. */
const rewriteSpecifiers = (dist: string) => {
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.d.ts'))) {
    const file = path.join(dist, name)
    const text = readFileSync(file, 'utf8')
      .replace(/(["'])(\.\.?\/[^"']+)\.tsx?\1/g, '$1$2.js$1')
      .replace(/(["'])@pay-to-view\/api\1/g, '$1./api/index.js$1')
    writeFileSync(file, text)
  }
}

/** Bundles the client into one file without imports, for pages without a bundler. */
const bundleForBrowsers = (dist: string) =>
  build({
    entryPoints: [path.join(ROOT, 'packages/client/src/index.ts')],
    outfile: path.join(dist, 'browser.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'warning',
  })

const buildPackage = async (name: 'client' | 'react') => {
  const source = path.join(ROOT, 'packages', name)
  const dist = folder === undefined ? path.join(source, 'dist') : path.resolve(folder, name)
  rmSync(dist, { recursive: true, force: true })
  tsc('-p', `packages/${name}/tsconfig.build.json`, '--outDir', dist)
  const isClient = name === 'client'
  if (isClient) {
    writeRouterTypes(path.join(dist, 'api'))
    await bundleForBrowsers(dist)
  }
  rewriteSpecifiers(dist)
  const {
    private: _,
    scripts: _scripts,
    devDependencies: _devDependencies,
    ...manifest
  } = Manifest.parse(JSON.parse(readFileSync(path.join(source, 'package.json'), 'utf8')))
  const published = {
    ...manifest,
    exports: {
      '.': { types: './index.d.ts', default: './index.js' },
      ...(isClient && { './browser': { types: './index.d.ts', default: './browser.js' } }),
    },
    types: './index.d.ts',
    files: ['**/*.js', '**/*.d.ts'],
    sideEffects: false,
  }
  writeFileSync(path.join(dist, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
  copyFileSync(path.join(source, 'README.md'), path.join(dist, 'README.md'))
  copyFileSync(path.join(ROOT, 'LICENSE'), path.join(dist, 'LICENSE'))
}

await buildPackage('client')
await buildPackage('react')
