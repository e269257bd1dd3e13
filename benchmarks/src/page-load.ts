/**
 * node --import tsx benchmarks/src/page-load.ts [loads]: measures the load times of the built storefront in Chromium with an empty cache,
 * both without throttling and with Lighthouse's mobile settings (4x CPU slowdown, 1.6 Mbit/s, 150 ms latency).
 */
import { createTemporaryDataFolder, removeDataFolder, startStack } from '@pay-to-view/devstack'
import { findBrowser } from '@pay-to-view/devstack/browser-binary'
import { type Browser, chromium, type Page } from 'playwright-core'
import { z } from 'zod'
import { film } from './purchase-lifecycle.ts'
import { median } from './statistics.ts'

const loads = z.coerce.number().int().min(1).default(7).parse(process.argv[2])
const paths = ['/', `/watch/${film}`]

/** The latency is in milliseconds, and the throughput is in bytes per second. */
const mobileNetwork = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 }

const throttle = async (page: Page): Promise<void> => {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.emulateNetworkConditions', mobileNetwork)
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 })
}

/** A script that runs in the browser. */
const readTimings = `(async () => {
  const largest = await new Promise((resolve) => {
    new PerformanceObserver((list) => resolve(list.getEntries().at(-1))).observe({ type: 'largest-contentful-paint', buffered: true })
  })
  const [navigation] = performance.getEntriesByType('navigation')
  return {
    'first contentful paint': performance.getEntriesByName('first-contentful-paint')[0].startTime,
    'largest contentful paint': largest.startTime,
    load: navigation.duration,
    kB: performance.getEntriesByType('resource').reduce((sum, { transferSize }) => sum + transferSize, navigation.transferSize) / 1000,
  }
})()`

const measureLoad = async (browser: Browser, url: string, mobile: boolean): Promise<Record<string, number>> => {
  const page = await (await browser.newContext({ viewport: { width: 390, height: 844 } })).newPage()
  if (mobile) await throttle(page)
  await page.goto(url, { waitUntil: 'networkidle' })
  const timings = z.record(z.string(), z.number()).parse(await page.evaluate(readTimings))
  await page.context().close()
  return timings
}

const dataFolder = createTemporaryDataFolder('pay-to-view-page-load-')
const stack = await startStack(dataFolder, { ephemeral: true, log: (line) => console.error(line) })
const browser = await chromium.launch({
  executablePath: await findBrowser(),
  args: ['--no-sandbox', '--disable-gpu'],
})
try {
  if (!stack.web) throw new Error('The storefront was not started')
  for (const pagePath of paths) {
    for (const mobile of [false, true]) {
      const timings: Record<string, number>[] = []
      for (let load = 0; load < loads; load++) {
        timings.push(await measureLoad(browser, new URL(pagePath, stack.web).href, mobile))
      }
      const figures = Object.keys(timings[0] ?? {}).map(
        (name) => `${name} ${median(timings.map((timing) => timing[name] ?? Number.NaN)).toFixed(0)}`,
      )
      console.log(`${pagePath}${mobile ? ' (mobile)' : ''}: ${figures.join(', ')}`)
    }
  }
} finally {
  await browser.close()
  await stack.stop()
  removeDataFolder(dataFolder)
}
