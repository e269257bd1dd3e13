import { checkPage, signIn } from '@pay-to-view/testing/browser'
import { seedIds } from '@pay-to-view/testing/stack'
import type { FrameLocator, Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { useStorefront } from './storefront.ts'

const { stack, open, buyFilm, openAs } = useStorefront()

/** Presses Tab until the target has the focus. */
const tabTo = async (page: Page, target: Locator, root: Page | FrameLocator = page): Promise<void> => {
  await target.waitFor()
  for (let presses = 0; presses < 60; presses++) {
    if ((await target.and(root.locator(':focus')).count()) > 0) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not reach ${target}`)
}

test('with only the keyboard, a user gets from the catalog through sign-in and checkout to the film', async () => {
  const { page } = await open('/')
  const film = page.getByRole('link', { name: /Nosferatu F\. W\. Murnau/ })
  await tabTo(page, page.getByRole('link', { name: 'Skip to content' }))
  await tabTo(page, film)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Nosferatu' }).waitFor()
  expect(await page.evaluate('document.activeElement.tagName')).toBe('H1')
  const signInToBuy = page.getByRole('link', { name: /Sign in to buy Film, to keep/ })
  await tabTo(page, signInToBuy)
  await page.keyboard.press('Enter')
  const name = page.getByLabel('Your name')
  await tabTo(page, name)
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('keyboard')
  await page.keyboard.press('Enter')
  const buy = page.getByRole('button', { name: 'Buy Film, to keep' })
  await tabTo(page, buy)
  await page.keyboard.press('Enter')
  const form = page.frameLocator('iframe')
  // The clicked button has been removed, so the panel around it gets the focus.
  await page.getByRole('region', { name: 'Purchase' }).and(page.locator(':focus')).waitFor()
  for (const [label, text] of [
    [/card number/i, '4242424242424242'],
    [/expir/i, '1234'],
    [/cvc/i, '123'],
  ] as const) {
    await tabTo(page, form.getByLabel(label), form)
    await page.keyboard.type(text)
  }
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/watch/${seedIds.film}`)
  await page.getByText('You own this').waitFor()
})

test('the back button skips the sign-in page and returns from a purchase to the same page of the purchase history', async () => {
  const { user, purchaseId } = await buyFilm()
  await stack().query(
    `insert into purchases (id, user_id, entity_id, product_id, amount, currency, checkout_request, checkout_deadline, status, open, created_at)
     select 'ptv_01m85eetz2e8qthwsqr5v0e' || lpad(n::text, 3, '0'), user_id, entity_id, product_id, amount, currency, '{}', now(), 'Expired', false,
       now() - n * interval '1 day' from purchases, generate_series(1, 12) n where id = $1`,
    [purchaseId],
  )
  const { page } = await open('/')
  await page.getByRole('link', { name: 'My purchases' }).click()
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click()
  await signIn(page, user)
  await page.getByText('Page 1 of 2').waitFor()
  await page.getByRole('button', { name: 'Older' }).click()
  await page.getByText('Page 2 of 2').waitFor()
  await page.getByRole('link', { name: 'Details', exact: true }).first().click()
  await page.getByText('Expired. The checkout expired without a payment.').waitFor()
  await page.goBack()
  await page.getByText('Page 2 of 2').waitFor()
  await page.goBack()
  await page.getByText('Page 1 of 2').waitFor()
  await page.goBack()
  await page.getByRole('heading', { name: 'Films' }).waitFor()
})

test('long and right-to-left titles, and prices with zero or three decimals, fit on a 320 px screen', async () => {
  const { query, newUser } = stack()
  const longTitle = `${'The Extraordinarily Long and Winding Title of a Film That Nobody Could Remember '.repeat(2)}Donaudampfschifffahrtselektrizitätenhauptbetriebswerk`
  const titles = [longTitle, 'لسان الحال: فيلم صامت (1927)']
  const prices = [
    ['Japan', 500, 'jpy', '¥500'],
    ['Kuwait', 1250, 'kwd', /KWD\s1\.250/],
    ['Hungary', 499_000, 'huf', /HUF\s4,990\.00/],
  ] as const
  for (const [n, title] of titles.entries())
    await query("insert into entities (id, type, title, description) values ($1, 'video', $2, $2)", [
      `vid_01m85eetz2e8qthwsqr5v0d00${n}`,
      title,
    ])
  for (const [n, [name, amount, currency]] of prices.entries()) {
    const id = `prod_01m85eetz6e8qthwvnjjs5zz0${n}`
    await query('insert into products (id, name) values ($1, $2)', [id, name])
    await query('insert into prices (product_id, amount, currency, position) values ($1, $2, $3, 0)', [id, amount, currency])
    for (const titleIndex of titles.keys())
      await query('insert into offers (product_id, entity_id) values ($1, $2)', [
        id,
        `vid_01m85eetz2e8qthwsqr5v0d00${titleIndex}`,
      ])
  }
  for (const [n, title] of titles.entries()) {
    const { page } = await open(`/e/vid_01m85eetz2e8qthwsqr5v0d00${n}`, 'phone-small')
    await page.getByRole('heading', { level: 1, name: title.trim() }).waitFor()
    for (const [, , , price] of prices) await page.getByText(price).waitFor()
    await checkPage(page, `phone-small-title-${n}`)
  }
  const { page } = await openAs(newUser(), '/', 'phone-small')
  await page.getByRole('link', { name: /Nosferatu F/ }).waitFor()
  await checkPage(page, 'phone-small-catalog')
  await page.goto(`${stack().stack.web}/e/vid_01m85eetz2e8qthwsqr5v0d001`)
  await page.getByRole('button', { name: 'Buy Kuwait' }).click()
  await page.frameLocator('iframe').getByText('1.250 KWD').first().waitFor()
  expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Purchase')
  await checkPage(page, 'phone-small-checkout')
})
