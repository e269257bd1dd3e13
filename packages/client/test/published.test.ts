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
  const to = path.join(modules, name)
  if (existsSync(to)) return
  mkdirSync(path.dirname(to), { recursive: true })
  symlinkSync(path.join(ROOT, 'node_modules', name), to)
}

const packed = new Map<string, z.infer<typeof Packed>[number]>()

/** As npm would install them, without a registry: the packed files, beside what their manifests ask for and nothing else. */
beforeAll(async () => {
  await run('npm', ['run', 'build:packages'], { cwd: ROOT })
  for (const name of names) {
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: path.join(ROOT, 'packages', name, 'dist'),
    })
    const [one] = Packed.parse(JSON.parse(stdout))
    if (!one) throw new Error(`npm packed nothing: ${stdout}`)
    packed.set(name, one)
    const to = path.join(modules, '@pay-to-view', name)
    mkdirSync(to, { recursive: true })
    await run('tar', ['xzf', path.join(folder, one.filename), '-C', to, '--strip-components=1'])
  }
  for (const name of names) {
    const { dependencies, peerDependencies } = Manifest.parse(
      JSON.parse(readFileSync(path.join(modules, '@pay-to-view', name, 'package.json'), 'utf8')),
    )
    for (const wanted of Object.keys({ ...dependencies, ...peerDependencies })) link(wanted)
  }
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }')
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('they hold what runs, its types and nothing else', () => {
  for (const name of names) {
    const files = packed.get(name)?.files.map((file) => file.path) ?? []
    expect(files).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'index.js', 'index.d.ts']))
    expect(files.filter((file) => !/(\.js|\.d\.ts|^package\.json|^README\.md|^LICENSE)$/.test(file))).toEqual([])
    expect(packed.get(name)?.unpackedSize).toBeLessThan(150_000)
    const scripts = readdirSync(path.join(modules, '@pay-to-view', name)).filter((file) => file.endsWith('.js'))
    const size = scripts.reduce((sum, file) => sum + statSync(path.join(modules, '@pay-to-view', name, file)).size, 0)
    expect(size).toBeLessThan(16_000)
  }
})

test('their types name only what their manifests ask for', () => {
  for (const name of names) {
    const at = path.join(modules, '@pay-to-view', name)
    const { dependencies, peerDependencies } = Manifest.parse(JSON.parse(readFileSync(path.join(at, 'package.json'), 'utf8')))
    const allowed = Object.keys({ ...dependencies, ...peerDependencies })
    for (const { path: file } of packed.get(name)?.files ?? []) {
      if (!/\.(js|d\.ts)$/.test(file)) continue
      const text = readFileSync(path.join(at, file), 'utf8')
      const foreign = [...text.matchAll(/(?:from |import\()["']([^."'][^"']*)["']/g)]
        .map(([, from = '']) => from)
        .filter((from) => !allowed.some((one) => from === one || from.startsWith(`${one}/`)))
      expect({ file, foreign }).toEqual({ file, foreign: [] })
    }
  }
})

test('they are imported in an empty folder', async () => {
  const script = `
    const { createPayToViewClient, problemOf } = await import('@pay-to-view/client')
    const { Paywall, usePurchase } = await import('@pay-to-view/react')
    console.log(typeof createPayToViewClient({ url: 'http://127.0.0.1' }).purchases.create.mutate, problemOf(1), typeof Paywall, typeof usePurchase)`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder })
  expect(stdout).toBe('function null function function\n')
})

test('the examples pass the type check there, and what is wrong does not', async () => {
  for (const name of ['@types/react', '@types/node', 'csstype', 'undici-types'])
    if (existsSync(path.join(ROOT, 'node_modules', name))) link(name)
  copyFileSync(path.join(ROOT, 'packages/client/examples/purchase.ts'), path.join(folder, 'purchase.ts'))
  copyFileSync(path.join(ROOT, 'packages/react/examples/shop.tsx'), path.join(folder, 'shop.tsx'))
  writeFileSync(
    path.join(folder, 'wrong.ts'),
    `import { createPayToViewClient, type Outputs } from '@pay-to-view/client'
const client = createPayToViewClient({ url: '' })
export const status: Outputs['purchases']['get']['status'] = 'Completed'
// @ts-expect-error there is no such status
export const wrong: Outputs['purchases']['get']['status'] = 'Lost'
// @ts-expect-error page is a number
export const page = () => client.purchases.list.query({ page: '1' })
// @ts-expect-error the reason is one of the server's
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
  // Every declaration is checked, ours too. What tRPC's own declarations lack (the types of ws) is not ours to mend.
  const tsc = run(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder], { cwd: folder })
  const said = await tsc.then(({ stdout }) => stdout).catch(({ stdout }: { stdout: string }) => stdout)
  expect(said.split('\n').filter((line) => line !== '' && !line.includes('node_modules/@trpc/server/'))).toEqual([])
})
