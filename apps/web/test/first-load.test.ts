import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-web-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('the first page loads less than 200 kB of compressed JavaScript; Stripe brings its own', async () => {
  const root = path.resolve(import.meta.dirname, '..')
  await build({ root, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } })
  const scripts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'))
  const compressed = scripts.map((file) => gzipSync(readFileSync(path.join(folder, file))).length)
  expect(scripts.length).toBeGreaterThan(0)
  expect(compressed.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(200_000)
  console.info(`First load: ${scripts.map((file, at) => `${file} ${compressed[at]} bytes`).join(', ')}`)
}, 60_000)
