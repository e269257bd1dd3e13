import { checkPage, signIn, waitUntilPlayable } from '@pay-to-view/testing/browser'
import { seedIds } from '@pay-to-view/testing/stack'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { buyButton, useStorefront } from './storefront.ts'

const { stack, open, buyFilm, openAs } = useStorefront()

const payButton = (page: Page) => page.frameLocator('iframe').getByRole('button', { name: /pay/i })

test.each(['/', `/e/${seedIds.film}`, '/purchases'])('the first press of Tab on %s focuses the skip link', async (path) => {
  const { page } = await open(path)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page
    .getByText(/Films|Rent or buy|signed out/)
    .first()
    .waitFor()
  expect(await page.evaluate('document.activeElement === document.body')).toBe(true)
  await page.keyboard.press('Tab')
  await page.getByRole('link', { name: 'Skip to content' }).and(page.locator(':focus')).waitFor()
})

test('a reload keeps the open checkout until the user changes the option', async () => {
  const user = stack().newUser()
  const { page } = await openAs(user, `/e/${seedIds.film}`)
  await page.getByRole('button', buyButton).click()
  await payButton(page).waitFor()
  const source = await page.locator('iframe').getAttribute('src')
  await page.reload()
  await payButton(page).waitFor()
  expect(await page.locator('iframe').getAttribute('src')).toBe(source)
  await page.getByRole('button', { name: 'Change option' }).click()
  await page.getByRole('button', buyButton).waitFor()
  await page.reload()
  await page.getByText('You have an unpaid checkout.').waitFor()
  await checkPage(page, 'continue-payment')
  await page.getByRole('button', { name: 'Continue checkout' }).click()
  await payButton(page).waitFor()
  expect(await page.locator('iframe').getAttribute('src')).toBe(source)
})

test('the purchase history offers to continue an open checkout only while it can be paid', async () => {
  const { page } = await openAs(stack().newUser(), `/e/${seedIds.film}`)
  await page.getByRole('button', buyButton).click()
  await payButton(page).waitFor()
  const source = await page.locator('iframe').getAttribute('src')
  const [sessionId] = /cs_test_\w+/.exec(source ?? '') ?? []
  await page.getByRole('link', { name: 'My purchases' }).click()
  await page.getByRole('link', { name: 'Continue checkout' }).waitFor()
  await checkPage(page, 'history-continue-payment')
  await page.getByRole('link', { name: 'Details', exact: true }).click()
  await page.getByRole('link', { name: 'Continue checkout' }).click()
  await payButton(page).waitFor()
  expect(await page.locator('iframe').getAttribute('src')).toBe(source)
  await stack().emulator(`checkout/sessions/${sessionId}/expire`)
  await page.getByText('Checkout expired').waitFor()
  await page.getByRole('link', { name: 'My purchases' }).click()
  await page.getByText('The checkout expired without a payment').waitFor()
  expect(await page.getByRole('link', { name: 'Continue checkout' }).count()).toBe(0)
})

test('the Buy button scrolls to the form on a phone', async () => {
  const { page } = await openAs(stack().newUser(), `/e/${seedIds.film}`, 'phone-dark')
  await page.getByRole('button', buyButton).click()
  await payButton(page).waitFor()
  const box = await page.getByRole('region', { name: 'Checkout' }).boundingBox()
  expect(box?.y).toBeGreaterThanOrEqual(0)
  expect(box?.y).toBeLessThan(200)
})

test.each(['desktop-light', 'phone-small'] as const)('%s: right-to-left pages do not scroll sideways', async (device) => {
  const { user } = await buyFilm()
  const { page } = await open('/sign-in?next=/purchases', device, (page) =>
    page.addInitScript("addEventListener('DOMContentLoaded', () => { document.documentElement.dir = 'rtl' })"),
  )
  await signIn(page, user)
  await page.getByText('Completed').waitFor()
  for (const path of ['/purchases', '/', `/e/${seedIds.film}`]) {
    await page.goto(`${stack().stack.web}${path}`)
    await page
      .getByText(/Completed|Films|Access until/)
      .first()
      .waitFor()
    await checkPage(page, `rtl-${device}`)
    // On right-to-left pages, content that overflows to the left can be scrolled to with negative positions.
    expect(await page.evaluate('scrollTo(-9999, 0), scrollX')).toBe(0)
  }
})

test("dates and prices are formatted in the page's language, not the browser's", async () => {
  const { user } = await buyFilm()
  const { page } = await open('/sign-in?next=/purchases', 'desktop-german')
  await signIn(page, user)

  await page.getByText(/Access until [A-Z][a-z]+ \d+, \d{4}/).waitFor()
  await page.getByText('$4.99').waitFor()
  expect(await page.getByText(/\d\. [A-Z]|4,99/).count()).toBe(0)
})

test('the film has sound and controls, and does not loop', async () => {
  const { user } = await buyFilm()
  const { page } = await openAs(user, `/watch/${seedIds.film}`)
  await waitUntilPlayable(page)
  expect(
    await page.evaluate('(({ muted, loop, controls }) => ({ muted, loop, controls }))(document.querySelector("video"))'),
  ).toEqual({
    muted: false,
    loop: false,
    controls: true,
  })
})
