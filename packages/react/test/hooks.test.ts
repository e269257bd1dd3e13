import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { build, type PreviewServer, preview } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer } from '../../../apps/server/test/server-process.ts'
import { fillCard, useBrowser } from '../../../apps/web/test/page.ts'
import { freePort } from '../../devstack/src/ports.ts'
import { seeded, useStack } from '../../devstack/test/harness.ts'

// The hooks and components by themselves, in a page that has nothing else, and examples/shop.tsx as it stands but for its address.

const port = await freePort()
const origin = `http://127.0.0.1:${port}`
const stack = useStack({ given: { WEB_ORIGINS: origin } })
const openPage = useBrowser(stack)
const example = path.resolve(import.meta.dirname, '../examples/shop.tsx')
const outDir = mkdtempSync(path.join(tmpdir(), 'pay-to-view-hooks-'))
let server: PreviewServer

beforeAll(async () => {
  const root = path.join(import.meta.dirname, 'page')
  const ourAddress = {
    name: 'address-of-this-stack',
    transform: (code: string, file: string) =>
      file === example ? code.replace('http://127.0.0.1:3000', stack().stack.api) : undefined,
  }
  await build({ root, configFile: false, plugins: [ourAddress], logLevel: 'error', build: { outDir, emptyOutDir: true } })
  server = await preview({ root, configFile: false, build: { outDir }, preview: { host: '127.0.0.1', port, strictPort: true } })
}, 60_000)
afterAll(async () => {
  await server?.close()
  rmSync(outDir, { recursive: true, force: true })
})

interface Shown {
  shows?: 'hooks' | 'shop'
  /** Null: nobody is signed in. */
  users?: (string | null)[]
  others?: string[]
  /** Of another server than the stack's. */
  api?: string
  before?: (page: Page) => Promise<unknown>
}

const show = async ({
  shows = 'hooks',
  users = [stack().newUser()],
  others = [],
  api = stack().stack.api,
  before,
}: Shown = {}) => {
  const { stack: where, token } = stack()
  const signedIn = await Promise.all(users.map(async (user) => user && ([user, await token(user)] as const)))
  const given = {
    ...{ shows, api, stripeJs: `${where.stripeApi}/js/stripe.js`, users: signedIn },
    ...{ film: seeded.film, product: seeded.thirtyDays, others },
  }
  const { page, errors } = await openPage(origin, 'desktop-light', async (page) => {
    await page.addInitScript(`window.given = ${JSON.stringify(given)}`)
    await before?.(page)
  })
  /** Waits until the hook is at a step, and returns what it says beside it. */
  const at = async (step: string): Promise<string | null> => {
    await page.getByLabel('step').getByText(step, { exact: true }).waitFor()
    return page.getByLabel('status').textContent()
  }
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
  return { page, errors, at, press, steps: () => page.evaluate<string[]>('window.steps'), user: users[0] ?? '' }
}

/** The checkout that a page has made. */
const sessionOf = async (page: Page): Promise<string> => {
  const frame = page.frameLocator('iframe')
  await frame.getByRole('button', { name: /pay/i }).waitFor()
  const source = await page.locator('iframe').getAttribute('src')
  return /cs_test_\w+/.exec(source ?? '')?.[0] ?? ''
}

describe('usePurchase', () => {
  test('goes from loading to the offer, the checkout, and open: told by the server, while the question for access has no answer', async () => {
    const { page, errors, at, press, steps } = await show({
      before: (page) => page.route('**/trpc/access.check*', () => undefined),
    })
    expect(await at('offer')).toBe('')
    await press('Buy')
    await fillCard(page, '4242424242424242')
    await at('open')
    expect(await steps()).toEqual(['loading', 'offer', 'creating', 'checkout', 'opening', 'open'])
    await page.reload()
    await at('open')
    expect(await steps()).not.toContain('checkout')
    expect(errors).toEqual([])
  })

  test('asks while the event stream cannot be had, and opens all the same', async () => {
    const { page, at, press } = await show({ before: (page) => page.route('**/trpc/access.watch*', (route) => route.abort()) })
    await at('offer')
    await press('Buy')
    await fillCard(page, '4242424242424242')
    await at('open')
    expect(await page.getByLabel('purchases').textContent()).not.toBe('')
  })

  test('waits for a bank, also after a reload, and opens when the money is there', async () => {
    const { page, at, press } = await show()
    await at('offer')
    await press('Buy')
    const session = await sessionOf(page)
    await stack().pay(session, { method: 'us_bank_account' })
    expect(await at('waiting')).toBe('payment_processing')
    await page.reload()
    expect(await at('waiting')).toBe('payment_processing')
    const { payment_intent: payment } = await stack().stripe.checkout.sessions.retrieve(session)
    await stack().emulator(`payment_intents/${payment}/settle`)
    await at('open')
  })

  test('tells of a bank payment that failed, and offers it again', async () => {
    const { page, at, press } = await show()
    await at('offer')
    await press('Buy')
    const session = await sessionOf(page)
    await stack().pay(session, { method: 'us_bank_account' })
    await at('waiting')
    const { payment_intent: payment } = await stack().stripe.checkout.sessions.retrieve(session)
    await stack().emulator(`payment_intents/${payment}/settle`, { outcome: 'failed' })
    expect(await at('ended')).toBe('Failed')
    await press('Leave')
    expect(await at('offer')).toBe('Failed')
    await press('Buy')
    await at('checkout')
  })

  test('tells of a checkout that has ended while it was open', async () => {
    const { page, at, press } = await show()
    await at('offer')
    await press('Buy')
    await stack().emulator(`checkout/sessions/${await sessionOf(page)}/expire`)
    expect(await at('ended')).toBe('Expired')
    await press('Leave')
    expect(await at('offer')).toBe('Expired')
  })

  test('tells that another page has begun anew, and of what is paid there', async () => {
    const { page, at, press, user } = await show()
    await at('offer')
    await press('Buy')
    await sessionOf(page)
    const { sessionId } = await stack().create(await stack().client(user), seeded.toKeep)
    expect(await at('ended')).toBe('Expired')
    await stack().pay(sessionId, { method: 'us_bank_account' })
    expect(await at('waiting')).toBe('payment_processing')
  })

  test('loses access with a refund while the page is open, and a dispute keeps it from being bought again', async () => {
    const { page, at, press, user } = await show()
    await at('offer')
    await press('Buy')
    await fillCard(page, '4242424242424242')
    await at('open')
    const viewer = await stack().client(user)
    const admin = await stack().client('root', { admin: true })
    const [bought] = (await viewer.purchases.list.query({ entityId: seeded.film })).items
    await admin.admin.purchases.refund.mutate({ id: bought?.purchaseId ?? '' })
    await page.getByLabel('status').getByText('Refunded').waitFor()
    await at('offer')
    await press('Buy')
    await fillCard(page, '4000000000000259')
    await page.getByLabel('status').getByText('disputed').waitFor()
    await at('waiting')
  })

  test('says that the network is away, and goes on when it is back', async () => {
    const { page, at, press } = await show()
    await at('offer')
    await page.context().setOffline(true)
    await press('Buy')
    await at('failed')
    await page.context().setOffline(false)
    await press('Retry')
    await at('checkout')
  })

  test('says that access cannot be asked for, and goes on by itself when it can', async () => {
    const { page, at, press } = await show({ before: (page) => page.route('**/trpc/**', (route) => route.abort()) })
    await at('failed')
    await page.unroute('**/trpc/**')
    await press('Retry')
    await at('offer')
  })

  test('is told what happened while its server was away, without asking', async () => {
    const first = await startServer(stack().stack, { env: { WEB_ORIGINS: origin } })
    const { at, user } = await show({
      api: first.url,
      before: (page) => page.route('**/trpc/access.check*', () => undefined),
    })
    await at('offer')
    expect(await first.stop()).toBe(0)
    const viewer = await stack().client(user)
    const { purchaseId, sessionId } = await stack().create(viewer)
    await stack().pay(sessionId)
    await stack().whenStatus(viewer, purchaseId, 'Completed')
    const second = await startServer(stack().stack, { port: first.port, env: { WEB_ORIGINS: origin } })
    await at('open')
    expect(await second.stop()).toBe(0)
  })

  test('has no connection while nobody sees the page, and is told when somebody does again', async () => {
    const open = new Set<string>()
    const { page, at, user } = await show({
      before: async (page) => {
        await page.route('**/trpc/access.check*', () => undefined)
        page.on('request', (request) => request.url().includes('access.watch') && open.add(request.url()))
        page.on('requestfailed', (request) => open.delete(request.url()))
        page.on('requestfinished', (request) => open.delete(request.url()))
      },
    })
    await at('offer')
    expect(open.size).toBe(1)
    const become = (state: string) =>
      page.evaluate(`{
        Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }`)
    await become('hidden')
    await expect.poll(() => open.size).toBe(0)
    const viewer = await stack().client(user)
    const { purchaseId, sessionId } = await stack().create(viewer)
    await stack().pay(sessionId)
    await stack().whenStatus(viewer, purchaseId, 'Completed')
    await become('visible')
    await at('open')
  })

  test('stays open, as the server told it, when an older answer comes after that', async () => {
    const { page, at, steps, user } = await show()
    await at('offer')
    const late: (() => Promise<void>)[] = []
    await page.route('**/trpc/access.check*', async (route) => {
      const response = await route.fetch()
      late.push(() => route.fulfill({ response }))
    })
    // The viewer comes back to the page.
    await page.evaluate("window.dispatchEvent(new Event('visibilitychange'))")
    await expect.poll(() => late.length).toBe(1)
    const { purchaseId, sessionId } = await stack().create(await stack().client(user))
    await stack().pay(sessionId)
    await at('open')
    const heard = page.waitForResponse(/access\.check/)
    await late[0]?.()
    await (await heard).finished()
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
    expect((await steps()).at(-1)).toBe('open')
    await (await stack().client('root', { admin: true })).admin.purchases.refund.mutate({ id: purchaseId })
    await at('offer')
  })

  test('of many things on one page shows each, and sells one', async () => {
    const others: string[] = [seeded.channel, seeded.channelFilm]
    for (let nth = 0; nth < 6; nth++) {
      const entityId = `cont_01m85eetz2e8qthwsqr5v0dh${nth}g`
      await stack().query("insert into entities (id, title) values ($1, 'one of many')", [entityId])
      others.push(entityId)
    }
    const { page, at, press } = await show({ others })
    for (const entityId of others) await page.getByLabel(entityId).getByText('offer').waitFor()
    await at('offer')
    await press('Buy')
    await fillCard(page, '4242424242424242')
    await at('open')
  })

  test('asks nothing for nobody, and shows one user nothing of another', async () => {
    const asked: string[] = []
    const [one, other] = [stack().newUser(), stack().newUser()]
    const { page, at, press } = await show({
      users: [null, one, other],
      before: async (page) => page.on('request', (request) => request.url().includes('/trpc/') && asked.push(request.url())),
    })
    await at('offer')
    expect(asked).toEqual([])
    await press('Next user')
    await press('Buy')
    await at('checkout')
    await press('Next user')
    await at('offer')
    expect(await page.locator('iframe').count()).toBe(0)
  })
})

test('examples/shop.tsx sells a film in under 40 lines: bought, refunded, and bought again', async () => {
  expect(readFileSync(example, 'utf8').trimEnd().split('\n').length).toBeLessThan(40)
  const { page, errors, press, user } = await show({ shows: 'shop' })
  await press('Buy')
  await fillCard(page, '4242424242424242')
  await page.getByText('The film').waitFor()
  const [bought] = (await (await stack().client(user)).purchases.list.query({})).items
  const admin = await stack().client('root', { admin: true })
  await admin.admin.purchases.refund.mutate({ id: bought?.purchaseId ?? '' })
  await press('Buy')
  await fillCard(page, '5555555555554444')
  await page.getByText('The film').waitFor()
  expect(errors).toEqual([])
})
