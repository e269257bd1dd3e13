import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { z } from 'zod'
import type { TestStack } from '../../../packages/devstack/test/harness.ts'

/** Set it to a folder to look at the pages. */
const shots = process.env.SCREENSHOTS
if (shots) mkdirSync(shots, { recursive: true })

const looks = {
  'desktop-light': { viewport: { width: 1200, height: 860 }, colorScheme: 'light' },
  'phone-small': { viewport: { width: 320, height: 640 }, colorScheme: 'light', hasTouch: true, isMobile: true },
  'phone-dark': { viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true, isMobile: true },
} as const satisfies Record<string, BrowserContextOptions>

type Look = keyof typeof looks

/** A browser for one test file, which opens the pages of its stack. */
export const useBrowser = (stack: () => TestStack) => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--autoplay-policy=no-user-gesture-required'],
    })
  }, 60_000)
  afterAll(() => browser?.close())

  /** `place` is a path of the pages, or an address; `before` is done before the page is fetched. */
  return async (place = '/', look: Look = 'desktop-light', before?: (page: Page) => Promise<unknown>) => {
    const context = await browser.newContext({ ...looks[look], locale: 'en-US' })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const errors: string[] = []
    page.on('pageerror', ({ message }) => errors.push(message))
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) errors.push(message.text())
    })
    page.setDefaultTimeout(15_000)
    await before?.(page)
    await page.goto(new URL(place, stack().stack.web ?? undefined).href)
    return { page, errors }
  }
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const Found = z.object({
  violations: z.array(
    z.object({ id: z.string(), impact: z.string().nullable(), nodes: z.array(z.object({ html: z.string() })) }),
  ),
})

/** What axe finds that keeps somebody out, by one colour scheme. */
const barriersIn = async (page: Page, colorScheme: 'light' | 'dark'): Promise<string[]> => {
  await page.emulateMedia({ colorScheme })
  const { violations } = Found.parse(await page.evaluate('axe.run(document, { resultTypes: ["violations"], iframes: false })'))
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${colorScheme}: ${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
}

/** Both schemes, and back to the one of the page. */
const barriers = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe)
  const dark = await page.evaluate<boolean>('matchMedia("(prefers-color-scheme: dark)").matches')
  const [first, second] = dark ? (['light', 'dark'] as const) : (['dark', 'light'] as const)
  return [...(await barriersIn(page, first)), ...(await barriersIn(page, second))]
}

/** Nothing keeps anybody out of the page, light or dark, and nothing is wider than the screen; a picture of it is kept where SCREENSHOTS says so. */
export const look = async (page: Page, name: string): Promise<void> => {
  expect(await barriers(page)).toEqual([])
  // Not window.innerWidth: a phone makes that wider for a page that does not fit.
  const { width = 0 } = page.viewportSize() ?? {}
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
  // Nothing scrolls to what lies above the page.
  for (const dialog of await page.getByRole('dialog').all()) {
    const box = await dialog.boundingBox()
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width)
  }
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
}

export const signIn = async (page: Page, user: string, { admin = false } = {}): Promise<void> => {
  await page.getByLabel('Your name').fill(user)
  if (admin) await page.getByLabel(/as an operator/).check()
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
}

export const fillCard = async (page: Page, card: string): Promise<void> => {
  const form = page.frameLocator('iframe')
  await form.getByLabel(/card number/i).fill(card)
  await form.getByLabel(/expir|MM/i).fill('12 / 34')
  await form.getByLabel(/cvc|security/i).fill('123')
  await form.getByRole('button', { name: /pay/i }).click()
}

/** The film has pictures to show. (Playwright's waitForFunction evaluates text in the page, which the pages' policy refuses.) */
export const whenPlayable = (page: Page): Promise<void> =>
  expect
    .poll(() => page.evaluate('document.querySelector("video")?.readyState ?? 0'), { timeout: 15_000 })
    .toBeGreaterThanOrEqual(2)
