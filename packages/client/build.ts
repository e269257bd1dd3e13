/** `npm run build:packages`: writes what goes to npm of packages/client and packages/react to their dist/, each a complete package. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'

const ROOT = path.resolve(import.meta.dirname, '../..')
const TSC = path.join(path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')

const Manifest = z.looseObject({
  name: z.string(),
  private: z.boolean().optional(),
  scripts: z.unknown(),
  devDependencies: z.unknown(),
})

const tsc = (...args: string[]) => execFileSync(process.execPath, [TSC, ...args], { cwd: ROOT, stdio: 'inherit' })

/** What the declarations of the server's procedures name of the server: a client can do nothing with it. */
const opaque = /import\("\.\/(?:trpc|rest-meta)\.ts"\)\.(?:Context|RestMeta)/g

/** The type of the router as tsc writes it, with nothing of the server but the procedures' inputs, outputs and errors. */
const writeRouterTypes = (to: string) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'router-types-'))
  try {
    tsc('-p', 'packages/client/tsconfig.router.json', '--outDir', folder)
    const router = readFileSync(path.join(folder, 'app-router.d.ts'), 'utf8').replace(opaque, 'object')
    const left = [...router.matchAll(/(?:import\(|from )["']([^"']+)["']/g)].map(([, from]) => from)
    const foreign = left.filter((from) => from !== '@trpc/server' && from !== './errors.ts')
    if (foreign.length > 0) throw new Error(`The types of the procedures name parts of the server: ${[...new Set(foreign)]}`)
    mkdirSync(to)
    writeFileSync(path.join(to, 'app-router.d.ts'), router.replaceAll('"./errors.ts"', '"./errors.js"'))
    copyFileSync(path.join(folder, 'errors.d.ts'), path.join(to, 'errors.d.ts'))
    writeFileSync(
      path.join(to, 'index.d.ts'),
      "export type { AppRouter } from './app-router.js'\nexport type { Problem } from './errors.js'\n",
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The declarations name files as they will be, and the router's types by their place in the package. */
const mendSpecifiers = (dist: string) => {
  for (const name of readdirSync(dist).filter((file) => file.endsWith('.d.ts'))) {
    const file = path.join(dist, name)
    const text = readFileSync(file, 'utf8')
      .replace(/(["'])(\.\/[^"']+)\.tsx?\1/g, '$1$2.js$1')
      .replace(/(["'])@pay-to-view\/api\1/g, '$1./api/index.js$1')
    writeFileSync(file, text)
  }
}

const buildPackage = (name: 'client' | 'react') => {
  const source = path.join(ROOT, 'packages', name)
  const dist = path.join(source, 'dist')
  rmSync(dist, { recursive: true, force: true })
  tsc('-p', `packages/${name}/tsconfig.build.json`)
  if (name === 'client') writeRouterTypes(path.join(dist, 'api'))
  mendSpecifiers(dist)
  const {
    private: _,
    scripts: _scripts,
    devDependencies: _devDependencies,
    ...manifest
  } = Manifest.parse(JSON.parse(readFileSync(path.join(source, 'package.json'), 'utf8')))
  const published = {
    ...manifest,
    exports: { '.': { types: './index.d.ts', default: './index.js' } },
    types: './index.d.ts',
    files: ['**/*.js', '**/*.d.ts'],
    sideEffects: false,
  }
  writeFileSync(path.join(dist, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
  copyFileSync(path.join(source, 'README.md'), path.join(dist, 'README.md'))
  copyFileSync(path.join(ROOT, 'LICENSE'), path.join(dist, 'LICENSE'))
}

buildPackage('client')
buildPackage('react')
