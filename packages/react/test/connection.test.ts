import { startServer } from '@pay-to-view/testing/app-process'
import { fillCard } from '@pay-to-view/testing/browser'
import { expect, test } from 'vitest'
import { useHooksPage } from './hooks-page.ts'

const { stack, origin, openHooksPage } = await useHooksPage()

/** Buys the film through the API, outside the page. */
const buyFilm = async (user: string): Promise<void> => {
  const client = await stack().client(user)
  const { purchaseId, sessionId } = await stack().create(client)
  await stack().pay(sessionId)
  await stack().waitForStatus(client, purchaseId, 'Completed')
}

test('usePurchase polls while the event stream is unavailable, and still unlocks', async () => {
  const { page, waitForStep, click } = await openHooksPage({
    beforeLoad: (page) => page.route('**/trpc/access.watch*', (route) => route.abort()),
  })
  await waitForStep('offer')
  await click('Buy')
  await fillCard(page, '4242424242424242')
  await waitForStep('unlocked')
  expect(await page.getByLabel('purchases').textContent()).not.toBe('')
})

test('usePurchase fails while offline, and continues after a retry online', async () => {
  const { page, waitForStep, click } = await openHooksPage()
  await waitForStep('offer')
  await page.context().setOffline(true)
  await click('Buy')
  await waitForStep('failed')
  await page.context().setOffline(false)
  await click('Retry')
  await waitForStep('checkout')
})

test('usePurchase fails when access cannot be checked, and continues after a retry', async () => {
  const { page, waitForStep, click } = await openHooksPage({
    beforeLoad: (page) => page.route('**/trpc/**', (route) => route.abort()),
  })
  await waitForStep('failed')
  await page.unroute('**/trpc/**')
  await click('Retry')
  await waitForStep('offer')
})

test('usePurchase receives changes made while its server was down, without polling', async () => {
  const firstServer = await startServer(stack().stack, { env: { WEB_ORIGINS: origin } })
  const { waitForStep, user } = await openHooksPage({
    api: firstServer.url,
    beforeLoad: (page) => page.route('**/trpc/access.check*', () => undefined),
  })
  await waitForStep('offer')
  expect(await firstServer.stop()).toBe(0)
  await buyFilm(user)
  const secondServer = await startServer(stack().stack, { port: firstServer.port, env: { WEB_ORIGINS: origin } })
  await waitForStep('unlocked')
  expect(await secondServer.stop()).toBe(0)
})

test('usePurchase closes its connection while the page is hidden, and receives changes when it is visible again', async () => {
  const openStreams = new Set<string>()
  const { page, waitForStep, user } = await openHooksPage({
    beforeLoad: async (page) => {
      await page.route('**/trpc/access.check*', () => undefined)
      page.on('request', (request) => request.url().includes('access.watch') && openStreams.add(request.url()))
      page.on('requestfailed', (request) => openStreams.delete(request.url()))
      page.on('requestfinished', (request) => openStreams.delete(request.url()))
    },
  })
  await waitForStep('offer')
  expect(openStreams.size).toBe(1)
  const setVisibility = (state: string) =>
    page.evaluate(`{
      Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    }`)
  await setVisibility('hidden')
  await expect.poll(() => openStreams.size).toBe(0)
  await buyFilm(user)
  await setVisibility('visible')
  await waitForStep('unlocked')
})

test('usePurchase stays unlocked when a response older than the pushed state arrives', async () => {
  const { page, waitForStep, steps, user } = await openHooksPage()
  await waitForStep('offer')
  const delayedResponses: (() => Promise<void>)[] = []
  await page.route('**/trpc/access.check*', async (route) => {
    const response = await route.fetch()
    delayedResponses.push(() => route.fulfill({ response }))
  })
  // Simulates a return to the page, which triggers a refetch.
  await page.evaluate("window.dispatchEvent(new Event('visibilitychange'))")
  await expect.poll(() => delayedResponses.length).toBe(1)
  const { purchaseId, sessionId } = await stack().create(await stack().client(user))
  await stack().pay(sessionId)
  await waitForStep('unlocked')
  const delivered = page.waitForResponse(/access\.check/)
  await delayedResponses[0]?.()
  await (await delivered).finished()
  await page.evaluate('new Promise((rendered) => requestAnimationFrame(() => requestAnimationFrame(rendered)))')
  expect((await steps()).at(-1)).toBe('unlocked')
  await (await stack().client('root', { admin: true })).admin.purchases.refund.mutate({ id: purchaseId })
  await waitForStep('offer')
})

test('with CONSENT=eu, <Paywall> requires two acknowledgments, and <Player> starts no playback before a click', async () => {
  const server = await startServer(stack().stack, { env: { WEB_ORIGINS: origin, RETURN_URL_ORIGINS: origin, CONSENT: 'eu' } })
  const starts: string[] = []
  const { page, click, user } = await openHooksPage({
    view: 'paywall',
    api: server.url,
    beforeLoad: async (page) => {
      page.on('request', (request) => request.url().includes('access.playback') && starts.push(request.url()))
    },
  })
  const boxes = page.getByRole('group', { name: 'Before you buy' }).getByRole('checkbox')
  await boxes.first().waitFor()
  for (const box of await boxes.all()) expect(await box.isChecked()).toBe(false)
  await click('Buy')
  await page.getByRole('alert').getByText('Check both boxes to buy.').waitFor()
  const client = await stack().client(user)
  expect((await client.purchases.list.query({})).totalCount).toBe(0)
  for (const box of await boxes.all()) await box.check()
  await click('Buy')
  await fillCard(page, '4242424242424242')
  const play = page.getByRole('button', { name: 'Play The film' })
  await play.waitFor()
  await page.getByText('Your right of withdrawal ends when you start watching.').waitFor()
  const [purchase] = (await client.purchases.list.query({})).items
  expect(purchase?.consent).toMatchObject({ version: expect.any(String) })
  expect(starts).toEqual([])
  await play.click()
  await expect.poll(() => starts.length).toBeGreaterThan(0)
  expect(await server.stop()).toBe(0)
})
