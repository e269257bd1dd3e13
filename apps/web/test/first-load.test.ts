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

/**
 * Size limits in bytes for the scripts that only some pages load: uPlot, the plot of deliveries, the overview, the payouts page,
 * the import page with its parsers, and hls.js for playback.
 */
const ownPages = {
  ...{ 'use-plot': 25_000, 'delivery-plot': 5_000, 'overview-page': 10_000, 'payouts-page': 5_000 },
  ...{ 'import-page': 40_000, hls: 200_000 },
} as const

const isOf = (page: string) => (file: string) => path.basename(file).startsWith(`${page}-`)

test('a page loads less than 150 kB of compressed JavaScript, or 200 kB with the back office, excluding plots, the import, hls.js and Stripe.js', async () => {
  // Without this, the tests would measure React's larger development build.
  vi.stubEnv('NODE_ENV', 'production')
  const root = path.resolve(import.meta.dirname, '..')
  await build({ root, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } })
  const html = readFileSync(path.join(folder, 'index.html'), 'utf8')
  const first = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, script = '']) => script)
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'))
  expect(first.length).toBeGreaterThan(0)
  expect(all).toEqual(expect.arrayContaining(first))
  expect(sum(first.map(compressedSize))).toBeLessThan(150_000)
  expect(first.filter(isOf('hls'))).toEqual([])
  const shared = all.filter((file) => !Object.keys(ownPages).some((page) => isOf(page)(file)))
  expect(sum(shared.map(compressedSize))).toBeLessThan(200_000)
  for (const [page, limit] of Object.entries(ownPages)) {
    const files = all.filter(isOf(page))
    expect(files).toHaveLength(1)
    expect(sum(files.map(compressedSize))).toBeLessThan(limit)
  }
  console.info(`Loaded: ${all.map((file) => `${file} ${compressedSize(file)} bytes`).join(', ')}`)
}, 60_000)
