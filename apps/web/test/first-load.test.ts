import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { afterAll, expect, test, vi } from 'vitest'

const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-web-'))
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const compressedSize = (script: string): number => gzipSync(readFileSync(path.join(folder, script))).length

const sum = (sizes: number[]): number => sizes.reduce((total, bytes) => total + bytes, 0)

/** Only the page of a webhook endpoint loads it. */
const isPlot = (file: string): boolean => path.basename(file).startsWith('delivery-plot')

test('a page loads less than 150 kB of compressed JavaScript, and with the back office less than 200 kB, not counting plots and Stripe.js', async () => {
  // The tests run React's larger development build otherwise.
  vi.stubEnv('NODE_ENV', 'production')
  const root = path.resolve(import.meta.dirname, '..')
  await build({ root, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } })
  const html = readFileSync(path.join(folder, 'index.html'), 'utf8')
  const first = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, script = '']) => script)
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'))
  expect(first.length).toBeGreaterThan(0)
  expect(all).toEqual(expect.arrayContaining(first))
  expect(sum(first.map(compressedSize))).toBeLessThan(150_000)
  expect(sum(all.filter((file) => !isPlot(file)).map(compressedSize))).toBeLessThan(200_000)
  const plots = all.filter(isPlot)
  expect(plots).toHaveLength(1)
  expect(sum(plots.map(compressedSize))).toBeLessThan(30_000)
  console.info(`Loaded: ${all.map((file) => `${file} ${compressedSize(file)} bytes`).join(', ')}`)
}, 60_000)
