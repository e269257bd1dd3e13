import { checkPage, signIn } from '@pay-to-view/testing/browser'
import { seedIds } from '@pay-to-view/testing/stack'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { buyButton, useStorefront } from './storefront.ts'

const { stack, open } = useStorefront()

const adminChunk = '**/assets/admin-*.js'

/**
 * Responds to requests for the back office's chunk with index.html, as a server does after a release. Returns a function that
 * counts the navigations, including client-side navigation.
 */
const removeAdminChunk = async (page: Page, { isBackAfterReload }: { isBackAfterReload: boolean }) => {
  let navigations = 0
  page.on('framenavigated', (frame) => {
    if (frame === page.mainFrame()) navigations++
  })
  await page.route(adminChunk, (route) =>
    isBackAfterReload && navigations > 1
      ? route.continue()
      : route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
  )
  return () => navigations
}

test('if a release has removed a chunk, the page is reloaded once', async () => {
  const { page } = await open('/sign-in?next=/')
  await signIn(page, 'root', { admin: true })
  await page.getByRole('heading', { name: 'Films' }).waitFor()
  const navigations = await removeAdminChunk(page, { isBackAfterReload: true })
  await page.getByRole('link', { name: 'Back office' }).click()
  await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor()
  expect(navigations()).toBe(2)
})

test('if a chunk is still missing after the reload, the page shows an error with a retry and does not reload again', async () => {
  const { page } = await open('/sign-in?next=/')
  await signIn(page, 'root', { admin: true })
  await page.getByRole('heading', { name: 'Films' }).waitFor()
  const navigations = await removeAdminChunk(page, { isBackAfterReload: false })
  await page.getByRole('link', { name: 'Back office' }).click()
  const retry = page.getByRole('alert').getByRole('link', { name: 'Try again' })
  await retry.waitFor()
  expect(navigations()).toBe(2)
  await checkPage(page, 'chunk-missing')
  // The rest of the site still works.
  await page.getByRole('link', { name: 'My purchases' }).click()
  await page.getByRole('heading', { name: 'My purchases' }).waitFor()
  await page.goBack()
  const reloaded = page.waitForEvent('load')
  await retry.click()
  await reloaded
  await retry.waitFor()
  expect(navigations()).toBe(5)
  await page.unroute(adminChunk)
  await retry.click()
  await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor()
})

test('a page whose script cannot be loaded shows a message', async () => {
  const { page } = await open('/sign-in')
  await page.route('**/assets/index-*.js', (route) => route.fulfill({ status: 404 }))
  await page.reload()
  await page.getByText('If this page stays empty, reload it or update your browser.').waitFor()
  await page.unroute('**/assets/index-*.js')
  await page.reload()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
})

test.each([
  ['missing', 'delete window.BroadcastChannel; delete window.sessionStorage'],
  [
    'blocked',
    `window.BroadcastChannel = class { constructor() { throw new DOMException('blocked', 'SecurityError') } }
    for (const name of ['localStorage', 'sessionStorage'])
      Object.defineProperty(window, name, { get() { throw new DOMException('blocked', 'SecurityError') } })`,
  ],
])('a film can be bought even if BroadcastChannel and storage are %s', async (_, script) => {
  const { page, errors } = await open(`/sign-in?next=/e/${seedIds.film}`, 'desktop-light', (page) => page.addInitScript(script))
  await signIn(page, stack().newUser())
  await page.getByRole('button', buyButton).click()
  await page.frameLocator('iframe').getByRole('button', { name: /pay/i }).waitFor()
  expect(errors).toEqual([])
})

test('without JavaScript, the page says that JavaScript is required', async () => {
  const { page } = await open('/', 'desktop-no-script')
  const text = page.locator('noscript p')
  expect(await text.textContent()).toContain('This site needs JavaScript.')
  expect((await text.boundingBox())?.y).toBeLessThan(400)
})
