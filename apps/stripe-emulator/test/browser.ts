import { createServer } from 'node:http'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished } from 'vitest'

const ARGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'
/** A folder for screenshots of the pages. By default, no screenshots are taken. */
const SCREENSHOT_FOLDER = process.env.SCREENSHOTS

const DISPLAYS = {
  phoneDark: { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
  desktopLight: { viewport: { width: 1200, height: 900 }, colorScheme: 'light' },
} as const

/** Starts one browser per test file. Returns a function that opens a page in a new browser context. */
export const useBrowser = () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args: ARGS.split(' ') })
  }, 60_000)
  afterAll(() => browser?.close())

  return async (url: string, display: keyof typeof DISPLAYS = 'desktopLight', options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({ ...DISPLAYS[display], ...options })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const errors: string[] = []
    page.on('pageerror', ({ message }) => errors.push(message))
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && errors.push(message.text()))
    page.setDefaultTimeout(10_000)
    await page.goto(url)
    return { page, errors }
  }
}

export const screenshot = async (page: Page, name: string) => {
  if (SCREENSHOT_FOLDER) await page.screenshot({ path: `${SCREENSHOT_FOLDER}/${name}.png` })
}

/** Starts a merchant's page on a different origin from the emulator's. */
export const startMerchantPage = async (emulatorUrl: string, script: string) => {
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>merchant</title>
<link rel="icon" href="data:,"><main id="checkout"></main><script src="${emulatorUrl}/js/stripe.js"></script><script type="module">${script}</script></html>`
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(page))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `http://localhost:${typeof address === 'object' && address ? address.port : 0}/`
}

export const mountScript = (clientSecret: string | null) => `
  const stripe = Stripe('pk_test_1')
  const checkout = await stripe.createEmbeddedCheckoutPage({
    fetchClientSecret: async () => '${clientSecret}',
    onComplete: () => { document.title = 'complete' },
  })
  checkout.mount('#checkout')
  window.checkout = checkout`

export const submitCard = async (page: Page, number: string) => {
  const form = page.frameLocator('iframe')
  await form.getByLabel('Card number').fill(number)
  await form.getByLabel('Expiry date').pressSequentially('1234')
  await form.getByLabel('CVC').fill('123')
  await form.getByLabel('Name on card').fill('Alice')
  await form.getByRole('button', { name: 'Pay 4.99 USD' }).click()
}
