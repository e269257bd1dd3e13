import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { findBrowser } from '@pay-to-view/devstack/browser-binary'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { z } from 'zod'
import type { TestStack } from './stack.ts'

/** Set SCREENSHOTS to a folder to save the pages as images. */
const screenshotFolder = process.env.SCREENSHOTS
if (screenshotFolder) mkdirSync(screenshotFolder, { recursive: true })

const devices = {
  'desktop-light': { viewport: { width: 1200, height: 860 }, colorScheme: 'light' },
  'phone-small': { viewport: { width: 320, height: 640 }, colorScheme: 'light', hasTouch: true, isMobile: true },
  'desktop-german': { viewport: { width: 1200, height: 860 }, colorScheme: 'light', locale: 'de-DE' },
  'desktop-no-script': { viewport: { width: 1200, height: 860 }, colorScheme: 'light', javaScriptEnabled: false },
  'phone-dark': { viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true, isMobile: true },
} as const satisfies Record<string, BrowserContextOptions>

export type Device = keyof typeof devices

/** Starts one browser per test file. Returns a function that opens a page in a new browser context. */
export const useBrowser = (stack: () => TestStack) => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: await findBrowser(),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--autoplay-policy=no-user-gesture-required'],
    })
  }, 60_000)
  afterAll(() => browser?.close())

  /** `url` may be relative to the web app. `beforeLoad` runs before the page is requested. */
  return async (url = '/', device: Device = 'desktop-light', beforeLoad?: (page: Page) => Promise<unknown>) => {
    const context = await browser.newContext({ locale: 'en-US', ...devices[device] })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const errors: string[] = []
    page.on('pageerror', ({ message }) => errors.push(message))
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) errors.push(message.text())
    })
    page.setDefaultTimeout(15_000)
    await beforeLoad?.(page)
    await page.goto(new URL(url, stack().stack.web ?? undefined).href)
    return { page, errors }
  }
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const AxeResult = z.object({
  violations: z.array(
    z.object({ id: z.string(), impact: z.string().nullable(), nodes: z.array(z.object({ html: z.string() })) }),
  ),
})

/** Finds accessibility violations in one color scheme: the serious and critical violations, and the violations of `rules`. */
const violationsIn = async (page: Page, colorScheme: 'light' | 'dark', rules: readonly string[]): Promise<string[]> => {
  await page.emulateMedia({ colorScheme })
  const { violations } = AxeResult.parse(
    await page.evaluate('axe.run(document, { resultTypes: ["violations"], iframes: false })'),
  )
  return violations
    .filter(({ id, impact }) => impact === 'serious' || impact === 'critical' || rules.includes(id))
    .map(({ id, nodes }) => `${colorScheme}: ${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
}

/** The sizes at which each page is checked. Together they cover both layouts and both color schemes. */
const sizes = [
  { name: 'desktop', width: 1200, height: 860, colorScheme: 'light' },
  { name: 'phone', width: 390, height: 844, colorScheme: 'dark' },
  { name: 'phone-small', width: 320, height: 640, colorScheme: null },
] as const

/** Expects that no element is wider than the page. */
const expectNoOverflow = async (page: Page, width: number): Promise<void> => {
  // Compares scrollWidth with the viewport's width and not with window.innerWidth, which grows on a phone when the page overflows.
  const isWider = (await page.evaluate<number>('document.documentElement.scrollWidth')) > width
  const findWide = `[...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > ${width}).map((e) => e.outerHTML.slice(0, 100))`
  expect(isWider ? await page.evaluate<string[]>(findWide) : [], `elements wider than ${width} pixels`).toEqual([])
  // Dialogs are checked separately, because they are in the top layer and do not affect scrollWidth.
  for (const dialog of await page.getByRole('dialog').all()) {
    const box = await dialog.boundingBox()
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width)
  }
}

/**
 * Expects no horizontal overflow at each size, and no accessibility violations in the desktop and the phone layout. Saves screenshots if
 * SCREENSHOTS is set. Afterward, the page has its original size and color scheme again. `rules` are axe rules of lower impact that are also
 * checked.
 */
export const checkPage = async (page: Page, screenshotName: string, rules: readonly string[] = []): Promise<void> => {
  const ownSize = page.viewportSize()
  const isDark = await page.evaluate<boolean>('matchMedia("(prefers-color-scheme: dark)").matches')
  await page.evaluate(axeSource)
  for (const { name, width, height, colorScheme } of sizes) {
    await page.setViewportSize({ width, height })
    if (colorScheme) expect(await violationsIn(page, colorScheme, rules)).toEqual([])
    await expectNoOverflow(page, width)
    if (screenshotFolder) await page.screenshot({ path: `${screenshotFolder}/${screenshotName}-${name}.png`, fullPage: true })
  }
  await page.emulateMedia({ colorScheme: isDark ? 'dark' : 'light' })
  if (ownSize) await page.setViewportSize(ownSize)
}

/** Signs in and waits until the page has the session, because navigating earlier would cancel the request. */
export const signIn = async (page: Page, user: string, { admin = false } = {}): Promise<void> => {
  await page.getByLabel('Your name').fill(user)
  if (admin) await page.getByLabel('Sign in as an admin').check()
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
  await page.getByLabel('Your name').waitFor({ state: 'detached' })
}

export const fillCard = async (page: Page, card: string): Promise<void> => {
  const form = page.frameLocator('iframe')
  await form.getByLabel(/card number/i).fill(card)
  await form.getByLabel(/expir|MM/i).fill('12 / 34')
  await form.getByLabel(/cvc|security/i).fill('123')
  await form.getByRole('button', { name: /pay/i }).click()
}

/** Waits until the video has data. (Playwright's waitForFunction uses eval, which the Content-Security-Policy blocks.) */
export const waitUntilPlayable = (page: Page): Promise<void> =>
  expect
    .poll(() => page.evaluate('document.querySelector("video")?.readyState ?? 0'), { timeout: 60_000 })
    .toBeGreaterThanOrEqual(2)
