import { execFile } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

const ROOT = path.resolve(import.meta.dirname, '../../..')
const folder = mkdtempSync(path.join(tmpdir(), 'published-'))
const modules = path.join(folder, 'node_modules')
const names = ['client', 'react'] as const
const run = promisify(execFile)

const Manifest = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
})
const Packed = z.array(
  z.object({ filename: z.string(), unpackedSize: z.number(), files: z.array(z.object({ path: z.string() })) }),
)

const link = (name: string) => {
  const target = path.join(modules, name)
  if (existsSync(target)) return
  mkdirSync(path.dirname(target), { recursive: true })
  symlinkSync(path.join(ROOT, 'node_modules', name), target)
}

const packed = new Map<string, z.infer<typeof Packed>[number]>()

/** Installs the packages as npm would, but without a registry: only the packed files and the dependencies in their manifests. */
beforeAll(async () => {
  // Builds into this test's own folder, because another test uses dist/.
  await run('npm', ['run', 'build:packages', '--', path.join(folder, 'built')], { cwd: ROOT })
  for (const name of names) {
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: path.join(folder, 'built', name),
    })
    const [tarball] = Packed.parse(JSON.parse(stdout))
    if (!tarball) throw new Error(`npm pack created no file: ${stdout}`)
    packed.set(name, tarball)
    const target = path.join(modules, '@pay-to-view', name)
    mkdirSync(target, { recursive: true })
    await run('tar', ['xzf', path.join(folder, tarball.filename), '-C', target, '--strip-components=1'])
  }
  for (const name of names) {
    const { dependencies, peerDependencies } = Manifest.parse(
      JSON.parse(readFileSync(path.join(modules, '@pay-to-view', name, 'package.json'), 'utf8')),
    )
    for (const dependency of Object.keys({ ...dependencies, ...peerDependencies })) link(dependency)
  }
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }')
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the packages contain only JavaScript, declarations and package files', () => {
  for (const name of names) {
    const files = packed.get(name)?.files.map((file) => file.path) ?? []
    expect(files).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'index.js', 'index.d.ts']))
    expect(files.filter((file) => !/(\.js|\.d\.ts|^package\.json|^README\.md|^LICENSE)$/.test(file))).toEqual([])
    // Most of the size is due to the procedures' types.
    expect(packed.get(name)?.unpackedSize).toBeLessThan(300_000)
    const scripts = readdirSync(path.join(modules, '@pay-to-view', name), { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.js') && file !== 'browser.js',
    )
    const size = scripts.reduce((sum, file) => sum + statSync(path.join(modules, '@pay-to-view', name, file)).size, 0)
    // The code is not minified, so the limit includes comments. It includes neither @stripe/react-stripe-js,
    // because @pay-to-view/react mounts the checkout itself, nor hls.js, a dependency that is loaded when a film plays.
    // The player, with its texts and its handling of media errors, is almost half of @pay-to-view/react.
    expect(size).toBeLessThan(70_000)
  }
})

test('browser.js is one module without imports, of at most 18 kB compressed', () => {
  const bundle = readFileSync(path.join(modules, '@pay-to-view/client/browser.js'))
  expect(gzipSync(bundle).length).toBeLessThan(18_000)
  expect(bundle.toString()).not.toMatch(/\bimport\b *["'({*]/)
  expect(bundle.toString()).toMatch(/export ?\{[^}]*createPayToViewClient[^}]*\}/)
})

test('the files import only packages listed in the manifest', () => {
  for (const name of names) {
    const packageFolder = path.join(modules, '@pay-to-view', name)
    const { dependencies, peerDependencies } = Manifest.parse(
      JSON.parse(readFileSync(path.join(packageFolder, 'package.json'), 'utf8')),
    )
    const allowed = Object.keys({ ...dependencies, ...peerDependencies })
    for (const { path: file } of packed.get(name)?.files ?? []) {
      if (!/\.(js|d\.ts)$/.test(file)) continue
      const text = readFileSync(path.join(packageFolder, file), 'utf8')
      const unlisted = [...text.matchAll(/(?:from |import\()["']([^."'][^"']*)["']/g)]
        .map(([, from = '']) => from)
        .filter((from) => !allowed.some((dependency) => from === dependency || from.startsWith(`${dependency}/`)))
      expect({ file, unlisted }).toEqual({ file, unlisted: [] })
    }
  }
})

test('the packages can be imported in an empty folder', async () => {
  const script = `
    const { createPayToViewClient, problemOf } = await import('@pay-to-view/client')
    const { createPayToViewClient: bundled } = await import('@pay-to-view/client/browser')
    const { Paywall, usePurchase } = await import('@pay-to-view/react')
    console.log(typeof createPayToViewClient({ url: 'http://127.0.0.1' }).purchases.create.mutate, problemOf(1), typeof Paywall, typeof usePurchase, typeof bundled)`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder })
  expect(stdout).toBe('function null function function function\n')
})

test('the examples pass the type check in that folder, and invalid code fails it', async () => {
  for (const name of ['@types/react', '@types/node', 'csstype', 'undici-types'])
    if (existsSync(path.join(ROOT, 'node_modules', name))) link(name)
  copyFileSync(path.join(ROOT, 'packages/client/examples/purchase.ts'), path.join(folder, 'purchase.ts'))
  copyFileSync(path.join(ROOT, 'packages/react/examples/shop.tsx'), path.join(folder, 'shop.tsx'))
  writeFileSync(
    path.join(folder, 'wrong.ts'),
    `import { createPayToViewClient, type Outputs } from '@pay-to-view/client'
const client = createPayToViewClient({ url: '' })
export const status: Outputs['purchases']['get']['status'] = 'Completed'
// @ts-expect-error unknown status
export const wrong: Outputs['purchases']['get']['status'] = 'Lost'
// @ts-expect-error page is a number
export const page = () => client.purchases.list.query({ page: '1' })
// @ts-expect-error not a PurchaseStatus
export const reason = async () => (await client.purchases.get.query({ id: 'ptv_1' })).status === 'Paid'
`,
  )
  const options = {
    compilerOptions: {
      strict: true,
      noEmit: true,
      target: 'ES2023',
      lib: ['ES2023', 'DOM'],
      module: 'Preserve',
      moduleResolution: 'Bundler',
      jsx: 'react-jsx',
      types: ['node'],
    },
    include: ['*.ts', '*.tsx'],
  }
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(options))
  // All declarations are checked, including ours. Errors inside tRPC's declarations are ignored, because the types for ws are not installed.
  const tsc = run(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder], { cwd: folder })
  const output = await tsc.then(({ stdout }) => stdout).catch(({ stdout }: { stdout: string }) => stdout)
  expect(output.split('\n').filter((line) => line !== '' && !line.includes('node_modules/@trpc/server/'))).toEqual([])
})
