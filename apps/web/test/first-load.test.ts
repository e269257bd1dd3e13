import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-web-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('the pages load less than 200 kB of compressed JavaScript, not counting Stripe.js', async () => {
  const root = path.resolve(import.meta.dirname, '..')
  await build({ root, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } })
  const scripts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'))
  const compressedSizes = scripts.map((file) => gzipSync(readFileSync(path.join(folder, file))).length)
  expect(scripts.length).toBeGreaterThan(0)
  expect(compressedSizes.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(200_000)
  console.info(`First load: ${scripts.map((file, index) => `${file} ${compressedSizes[index]} bytes`).join(', ')}`)
}, 60_000)
