import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { seeded, useStack } from '../../../packages/devstack/test/harness.ts'

const stack = useStack({ web: true })

/** Set it to a folder to look at the pages. */
const shots = process.env.SCREENSHOTS
if (shots) mkdirSync(shots, { recursive: true })

let browser: Browser
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--autoplay-policy=no-user-gesture-required'],
  })
}, 60_000)
afterAll(() => browser?.close())

const looks = {
  'desktop-light': { viewport: { width: 1200, height: 860 }, colorScheme: 'light' },
  'phone-dark': { viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true, isMobile: true },
} as const satisfies Record<string, BrowserContextOptions>

type Look = keyof typeof looks

const open = async (path = '/', look: Look = 'desktop-light') => {
  const context = await browser.newContext({ ...looks[look], locale: 'en-US' })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', ({ message }) => errors.push(message))
  page.setDefaultTimeout(15_000)
  await page.goto(`${stack().stack.web}${path}`)
  return { page, errors }
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const Found = z.object({
  violations: z.array(
    z.object({ id: z.string(), impact: z.string().nullable(), nodes: z.array(z.object({ html: z.string() })) }),
  ),
})

/** What axe finds that keeps somebody out. */
const barriers = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe)
  const { violations } = Found.parse(await page.evaluate('axe.run(document, { resultTypes: ["violations"], iframes: false })'))
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
}

const look = async (page: Page, name: string): Promise<void> => {
  expect(await barriers(page)).toEqual([])
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
}

const signIn = async (page: Page, user: string): Promise<void> => {
  await page.getByLabel('Your name').fill(user)
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
}

const fillCard = async (page: Page, card: string): Promise<void> => {
  const form = page.frameLocator('iframe')
  await form.getByLabel(/card number/i).fill(card)
  await form.getByLabel(/expir|MM/i).fill('12 / 34')
  await form.getByLabel(/cvc|security/i).fill('123')
  await form.getByRole('button', { name: /pay/i }).click()
}

describe.each(['desktop-light', 'phone-dark'] as const)('%s', (size) => {
  test('from the catalogue to watching, with a declined card on the way', async () => {
    const { page, errors } = await open('/', size)
    await page.getByRole('heading', { name: 'Films' }).waitFor()
    await look(page, `${size}-1-catalogue`)
    await page.getByRole('link', { name: /Nosferatu F\. W\. Murnau/ }).click()
    await page.getByText('$4.99').waitFor()
    await look(page, `${size}-2-film`)
    await page.getByRole('link', { name: /Sign in to buy Film, 30 days/ }).click()
    await page.getByLabel('Your name').waitFor()
    await look(page, `${size}-3-sign-in`)
    await signIn(page, `viewer-${size}`)
    await page.getByRole('button', { name: 'Buy Film, 30 days' }).click()
    await fillCard(page, '4000000000000002')
    await page.frameLocator('iframe').getByText('Your card was declined.').waitFor()
    await look(page, `${size}-4-declined`)
    await fillCard(page, '4242424242424242')
    await page.waitForURL(`**/watch/${seeded.film}`)
    await page.getByText(/Yours until/).waitFor()
    // It has pictures to show: it was fetched with a playback token, and can be played.
    await page.waitForFunction('document.querySelector("video")?.readyState >= 2')
    await look(page, `${size}-5-watch`)
    await page.getByRole('link', { name: 'My purchases' }).click()
    await page.getByText('Completed').waitFor()
    await look(page, `${size}-6-purchases`)
    expect(errors).toEqual([])
  })
})

test('a refund takes the film off the page while it is open', async () => {
  const { client, newUser, create, pay, whenStatus } = stack()
  const user = newUser()
  const viewer = await client(user)
  const { purchaseId, sessionId } = await create(viewer)
  await pay(sessionId)
  await whenStatus(viewer, purchaseId, 'Completed')
  const { page } = await open(`/sign-in?next=/watch/${seeded.film}`)
  await signIn(page, user)
  await page.locator('video').waitFor()
  const admin = await client('root', { admin: true })
  await admin.admin.purchases.refund.mutate({ id: purchaseId })
  await page.getByText('There is no access to this now').waitFor()
  await look(page, 'access-gone')
})

test('the film is served to its playback token alone, and the keys of that are public', async () => {
  const { stack: where, client, newUser, create, pay, whenStatus } = stack()
  const viewer = await client(newUser())
  const refused = viewer.access.playbackToken.mutate({ entityId: seeded.film })
  await expect(refused).rejects.toMatchObject({ data: { problem: { status: 403, code: 'no_access' } } })
  const { purchaseId, sessionId } = await create(viewer)
  await pay(sessionId)
  await whenStatus(viewer, purchaseId, 'Completed')
  const { token } = await viewer.access.playbackToken.mutate({ entityId: seeded.film })
  const film = (headers: Record<string, string>) => fetch(`${where.web}/media/${seeded.film}/clip.webm`, { headers })
  expect((await film({})).status).toBe(401)
  const opened = await film({ authorization: `Bearer ${token}` })
  expect([opened.status, opened.headers.get('content-type')]).toEqual([200, 'video/webm'])
  const keys = await fetch(`${where.api}/.well-known/jwks.json`)
  expect(keys.headers.get('cache-control')).toBe('public, max-age=300')
  const { keys: published } = z.object({ keys: z.array(z.looseObject({})) }).parse(await keys.json())
  expect(published.map((key) => Object.keys(key).sort())).toEqual([['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']])
})

test('with the keyboard alone: from the catalogue to the checkout', async () => {
  const { page } = await open('/')
  await page.getByRole('link', { name: /Nosferatu F\. W\. Murnau/ }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Nosferatu' }).waitFor()
  expect(await page.evaluate('document.activeElement.tagName')).toBe('H1')
  await page.getByRole('link', { name: /Sign in to buy Film, to keep/ }).press('Enter')
  await page.getByLabel('Your name').fill('keyboard')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Buy Film, to keep' }).press('Enter')
  await page.frameLocator('iframe').getByRole('button', { name: /pay/i }).waitFor()
})

test('a payment that takes days is shown as on its way, and no second checkout is offered', async () => {
  const { client, newUser, create, pay } = stack()
  const user = newUser()
  const { sessionId } = await create(await client(user))
  await pay(sessionId, { method: 'us_bank_account' })
  const { page } = await open(`/sign-in?next=/e/${seeded.film}`)
  await signIn(page, user)
  await page.getByRole('button', { name: 'Buy Film, 30 days' }).click()
  await page.getByText('Your payment is on its way').waitFor()
  await look(page, 'processing')
})

test('the network is gone: the page says so and offers another try', async () => {
  const { page } = await open(`/sign-in?next=/e/${seeded.film}`)
  await signIn(page, 'offline')
  await page.getByRole('button', { name: 'Buy Film, 30 days' }).waitFor()
  await page.context().setOffline(true)
  await page.getByRole('button', { name: 'Buy Film, 30 days' }).click()
  await page.getByText('We cannot be reached').waitFor()
  await look(page, 'offline')
  await page.context().setOffline(false)
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.frameLocator('iframe').getByRole('button', { name: /pay/i }).waitFor()
})
