/**
 * node --import tsx benchmarks/src/page.ts [loads]: timings of the built storefront in Chromium, each load in a browser that has seen nothing
 * before: as it is, and as Lighthouse's phone would (its "simulated" settings: CPU four times slower, 1.6 Mbit/s, 150 ms to the server).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openHome, startStack } from '@pay-to-view/devstack'
import { chromium, type Page } from 'playwright-core'
import { z } from 'zod'
import { median } from './statistics.ts'

const loads = z.coerce.number().int().min(1).default(7).parse(process.argv[2])
const places = ['/', '/watch/vid_01m85eetz2e8qthwsqr5v0dh8g']

/** Bytes and milliseconds in the units of Chromium's protocol. */
const phone = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 }

const slowDown = async (page: Page): Promise<void> => {
  const chromium = await page.context().newCDPSession(page)
  await chromium.send('Network.emulateNetworkConditions', phone)
  await chromium.send('Emulation.setCPUThrottlingRate', { rate: 4 })
}

/** What the browser has measured once nothing more is loaded. Text, because it is run there. */
const measure = `(async () => {
  const largest = await new Promise((resolve) => {
    new PerformanceObserver((list) => resolve(list.getEntries().at(-1))).observe({ type: 'largest-contentful-paint', buffered: true })
  })
  const [navigation] = performance.getEntriesByType('navigation')
  return {
    'first paint of content': performance.getEntriesByName('first-contentful-paint')[0].startTime,
    'largest paint of content': largest.startTime,
    load: navigation.duration,
    kB: performance.getEntriesByType('resource').reduce((sum, { transferSize }) => sum + transferSize, navigation.transferSize) / 1000,
  }
})()`

const timingsOf = async (page: Page): Promise<Record<string, number>> =>
  z.record(z.string(), z.number()).parse(await page.evaluate(measure))

const home = openHome(mkdtempSync(path.join(tmpdir(), 'pay-to-view-page-')))
const stack = await startStack(home, { forgetful: true, say: (line) => console.error(line) })
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
try {
  if (!stack.web) throw new Error('The storefront was not started')
  for (const place of places) {
    for (const slow of [false, true]) {
      const measured: Record<string, number>[] = []
      for (let load = 0; load < loads; load++) {
        const page = await (await browser.newContext({ viewport: { width: 390, height: 844 } })).newPage()
        if (slow) await slowDown(page)
        await page.goto(new URL(place, stack.web).href, { waitUntil: 'networkidle' })
        measured.push(await timingsOf(page))
        await page.context().close()
      }
      const figures = Object.keys(measured[0] ?? {}).map(
        (name) => `${name} ${median(measured.map((one) => one[name] ?? Number.NaN)).toFixed(0)}`,
      )
      console.log(`${place}${slow ? ' on a phone' : ''}: ${figures.join(', ')}`)
    }
  }
} finally {
  await browser.close()
  await stack.stop()
  rmSync(home.folder, { recursive: true, force: true })
}
