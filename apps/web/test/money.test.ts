import { checkPage, fillCard, signIn } from '@pay-to-view/testing/browser'
import { seedIds } from '@pay-to-view/testing/stack'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { useStorefront } from './storefront.ts'

const { stack, open, openAs, openAsAdmin } = useStorefront()

const keepButton = { name: 'Buy Film, to keep' } as const
const focusedElement = (page: Page) => page.locator(':focus')
const checkout = (page: Page) => page.frameLocator('iframe')

const createCode = (code: string, limits: object) => stack().emulator('promotion_codes', { code, percent_off: '10', ...limits })

/** Returns the receipt's values, by row name. */
const receiptOf = async (page: Page) => {
  await page.getByRole('heading', { name: 'Receipt' }).waitFor()
  const [names, values] = await Promise.all(['dt', 'dd'].map((tag) => page.locator(`.receipt ${tag}`).allTextContents()))
  return Object.fromEntries(names?.map((name, index) => [name, values?.[index]]) ?? [])
}

const openReceipt = async (page: Page) => {
  await page.getByRole('link', { name: 'My purchases' }).first().click()
  await page.getByRole('link', { name: 'Details and receipt' }).first().click()
  return receiptOf(page)
}

const newestPurchase = async (user: string) => {
  const client = await stack().client(user)
  const [purchase] = (await client.purchases.list.query({})).items
  if (!purchase) throw new Error(`${user} has no purchase`)
  return purchase
}

const expectNoPlaceholders = async (page: Page) => {
  expect(await page.getByText(/\b(null|undefined|NaN)\b/).allTextContents()).toEqual([])
}

test('a film is sold in three currencies, and the chosen currency is remembered', async () => {
  const user = stack().newUser()
  const { page, errors } = await openAs(user, '/')
  await page.getByText('from $4.99').first().waitFor()
  // The field is wide enough to show the currency's full name.
  expect((await page.getByLabel('Currency').boundingBox())?.width).toBeGreaterThan(180)
  await page.getByLabel('Currency').selectOption('jpy')
  await page.getByText('from ¥700').first().waitFor()
  // A product without a price in yen is shown with its price in euros.
  await page.getByText('€9.00').waitFor()
  await checkPage(page, 'money-1-catalog-yen')
  await page.getByLabel('Currency').selectOption('eur')
  await page.reload()
  await page.getByText('from €4.49').first().waitFor()
  await page.goto(`${stack().stack.web}/e/${seedIds.film}`)
  await page.getByText('€11.99').waitFor()
  await checkPage(page, 'money-2-film-euro')
  await page.getByLabel('Currency').selectOption('jpy')
  await page.getByText('¥1,800').waitFor()
  await page.getByRole('button', keepButton).click()
  await checkout(page).getByText('1800 JPY').first().waitFor()
  await checkPage(page, 'money-3-checkout-yen')
  // A reload returns to the same checkout, in the same currency.
  await page.reload()
  await checkout(page).getByText('1800 JPY').first().waitFor()
  await fillCard(page, '4242424242424242')
  await page.waitForURL(`**/watch/${seedIds.film}`)
  expect((await openReceipt(page)).Paid).toMatch(/^¥1,800, /)
  const admin = await stack().client('root', { admin: true })
  const { purchaseId } = await newestPurchase(user)
  await admin.admin.purchases.refund.mutate({ id: purchaseId, amount: 500 })
  await page.reload()
  expect((await receiptOf(page)).Refunded).toBe('¥500')
  await checkPage(page, 'money-4-receipt-yen-refunded')
  expect(errors).toEqual([])
})

test("if the user has not chosen a currency, it depends on the browser's languages", async () => {
  const { page } = await open(`/e/${seedIds.film}`, 'desktop-german')
  await page.getByText('€4.49').waitFor()
  expect(await page.getByLabel('Currency').inputValue()).toBe('eur')
})

test('the currency can be chosen even if the browser blocks storage', async () => {
  const { page, errors } = await open(`/e/${seedIds.film}`, 'desktop-light', (page) =>
    page.addInitScript(`for (const name of ['localStorage', 'sessionStorage'])
      Object.defineProperty(window, name, { get: () => { throw new DOMException('blocked', 'SecurityError') } })`),
  )
  await page.getByLabel('Currency').selectOption('eur')
  await page.getByText('€4.49').waitFor()
  await page.getByRole('button', { name: 'Add a promotion code' }).click()
  await page.getByLabel('Promotion code').fill('TYPED')
  expect(errors).toEqual([])
})

test('a typed promotion code reduces the price, and a refund returns the amount paid', async () => {
  const code = 'TYPED'
  await createCode(code, {})
  const user = stack().newUser()
  const { page, errors } = await openAs(user, `/e/${seedIds.film}`)
  await page.getByRole('button', { name: 'Add a promotion code' }).press('Enter')
  await page.getByLabel('Promotion code').and(focusedElement(page)).waitFor()
  await page.keyboard.type(code.toLowerCase())
  await page.getByText("Promotion codes don't apply to this option.").waitFor()
  await checkPage(page, 'money-5-typed-code')
  await page.getByRole('button', keepButton).click()
  await checkout(page).getByText('11.69 USD').first().waitFor()
  await checkPage(page, 'money-6-checkout-discount')
  await fillCard(page, '4242424242424242')
  await page.waitForURL(`**/watch/${seedIds.film}`)
  const receipt = await openReceipt(page)
  // The code has been used, so it is not kept for the next film.
  expect(await page.evaluate("sessionStorage.getItem('pay-to-view-promotion-code')")).toBeNull()
  expect(receipt).toMatchObject({ Subtotal: '$12.99', [`Discount (${code})`]: '−$1.30' })
  expect(receipt.Paid).toMatch(/^\$11\.69, /)
  await checkPage(page, 'money-7-receipt-discount')
  const { purchaseId } = await newestPurchase(user)
  const { page: admin } = await openAsAdmin(`/admin/purchases/${purchaseId}`)
  await admin.getByRole('definition').getByText('−$1.30').waitFor()
  await checkPage(admin, 'money-8-admin-discount')
  await admin.getByRole('button', { name: 'Refund…' }).click()
  await admin.getByRole('button', { name: 'Refund $11.69' }).click()
  await admin.getByText('Refunded: $11.69.').waitFor()
  await page.reload()
  await expect.poll(async () => (await receiptOf(page)).Refunded).toBe('$11.69')
  expect(errors).toEqual([])
})

test('a code from a link still applies after signing in, even if the checkout is continued later', async () => {
  await createCode('SUMMER', { percent_off: undefined, amount_off: 300, currency: 'usd' })
  const user = stack().newUser()
  const { page } = await open('/?code=summer')
  await page.getByRole('link', { name: /Nosferatu F\. W\. Murnau/ }).click()
  expect(await page.getByLabel('Promotion code').inputValue()).toBe('summer')
  await page.getByRole('link', { name: /Sign in to buy Film, to keep/ }).click()
  await signIn(page, user)
  await page.getByText('Valid only for “Film, to keep”.').waitFor()
  await checkPage(page, 'money-9-linked-code')
  await page.getByRole('button', keepButton).click()
  await checkout(page).getByText('9.99 USD').first().waitFor()
  const source = await page.locator('iframe').getAttribute('src')
  // Opens another tab, which has not opened the link with the code.
  const { page: later } = await openAs(user, '/purchases')
  await later.getByRole('link', { name: 'Continue checkout' }).click()
  await checkout(later).getByText('9.99 USD').first().waitFor()
  expect(await later.locator('iframe').getAttribute('src')).toBe(source)
  await fillCard(later, '4242424242424242')
  await later.waitForURL(`**/watch/${seedIds.film}`)
})

test('a removed code does not come back after a reload, and the page names a code that no option accepts', async () => {
  const { page } = await openAs(stack().newUser(), `/e/${seedIds.film}?code=GONE`)
  await page.getByRole('button', { name: 'Remove the promotion code' }).click()
  await page.getByRole('button', { name: 'Add a promotion code' }).and(focusedElement(page)).waitFor()
  await page.reload()
  await page.getByRole('button', { name: 'Add a promotion code' }).waitFor()
  await page.goto(`${stack().stack.web}/e/cont_01m85eetz6e8qthwv45k2h3zns?code=GONE`)
  await page.getByText("The promotion code GONE can't be used here.").waitFor()
  await checkPage(page, 'money-code-not-accepted')
  await page.getByRole('button', { name: 'Remove the promotion code' }).click()
  await page.getByText("can't be used here").waitFor({ state: 'detached' })
})

test('a rejected code does not follow the user to another page, and signing out removes the code', async () => {
  const { page } = await openAs(stack().newUser(), `/e/${seedIds.film}?code=NOSUCHCODE`)
  await page.getByRole('button', keepButton).click()
  await page.getByText("We don't recognize this code.").waitFor()
  await page.getByRole('link', { name: 'My purchases' }).click()
  await page.getByRole('heading', { name: 'My purchases' }).waitFor()
  await page.goBack()
  await page.getByRole('button', { name: 'Add a promotion code' }).click()
  await page.getByLabel('Promotion code').fill('MINE')
  await page.getByRole('button', { name: /Sign out/ }).click()
  await page.getByRole('button', { name: 'Add a promotion code' }).waitFor()
  expect(await page.evaluate("sessionStorage.getItem('pay-to-view-promotion-code')")).toBeNull()
})

test('after too many codes, the film can be bought without a code', async () => {
  const user = stack().newUser()
  const client = await stack().client(user)
  const input = { payToViewProductId: seedIds.permanentProduct, entityId: seedIds.film, returnUrl: 'https://yoursite.com/' }
  const tryCode = (code: string) => client.purchases.create.mutate({ ...input, promotionCode: code }).catch(() => null)
  await Promise.all(Array.from({ length: 12 }, (_, count) => tryCode(`GUESS${count}`)))
  const { page } = await openAs(user, `/e/${seedIds.film}?code=GUESS`)
  await page.getByRole('button', keepButton).click()
  await page.getByRole('heading', { name: 'Too many codes' }).waitFor()
  await checkPage(page, 'money-too-many-codes')
  await page.getByRole('button', { name: 'Change the code' }).click()
  await page.getByRole('button', keepButton).click()
  await page.getByRole('button', { name: 'Buy without a code' }).click()
  await checkout(page).getByText('12.99 USD').first().waitFor()
})

test.each([
  ['unknown', null, "We don't recognize this code. Check the spelling."],
  ['expired', { expires_in_seconds: 1 }, 'This code has expired.'],
  ['used up', { max_redemptions: 1 }, 'This code has been used up.'],
  ['not applicable', { minimum_amount: 9_999 }, "This code can't be used for this purchase."],
] as const)(
  'a code that is %s is explained next to the field, and the film can be bought without it',
  async (name, limits, text) => {
    const code = name.toUpperCase().replace(' ', '-')
    if (limits) await createCode(code, limits)
    if (name === 'expired') await stack().emulator('clock/advance', { seconds: 2 })
    if (name === 'used up') {
      const client = await stack().client(stack().newUser())
      const input = { payToViewProductId: seedIds.permanentProduct, entityId: seedIds.film, promotionCode: code }
      const created = await client.purchases.create.mutate({ ...input, returnUrl: 'https://yoursite.com/' })
      const secret = 'clientSecret' in created ? created.clientSecret : ''
      await stack().pay(secret.split('_secret_')[0] ?? '')
    }
    const { page, errors } = await openAs(stack().newUser(), `/e/${seedIds.film}`)
    await page.getByRole('button', { name: 'Add a promotion code' }).click()
    await page.getByLabel('Promotion code').fill(code)
    await page.getByRole('button', keepButton).click()
    await page.getByRole('alert').getByText(text).waitFor()
    const field = page.getByLabel('Promotion code')
    await field.and(focusedElement(page)).waitFor()
    expect([await field.inputValue(), await field.getAttribute('aria-invalid')]).toEqual([code, 'true'])
    await checkPage(page, `money-code-${name.replace(' ', '-')}`)
    await page.getByRole('button', { name: 'Remove the promotion code' }).click()
    await page.getByText(text).waitFor({ state: 'detached' })
    await page.getByRole('button', keepButton).click()
    await checkout(page).getByText('12.99 USD').first().waitFor()
    expect(errors).toEqual([])
  },
)

test('a free order gives access without a card, and an admin can revoke the access', async () => {
  await createCode('FREE', { percent_off: '100' })
  const user = stack().newUser()
  const { page, errors } = await openAs(user, `/e/${seedIds.film}?code=FREE`)
  await page.getByRole('button', keepButton).click()
  await checkout(page).getByRole('button', { name: 'Complete order' }).waitFor()
  await checkPage(page, 'money-10-free-checkout')
  await checkout(page).getByRole('button', { name: 'Complete order' }).click()
  await page.waitForURL(`**/watch/${seedIds.film}`)
  await page.getByText('You own this').waitFor()
  await page.getByRole('link', { name: 'My purchases' }).click()
  await page.getByText('Free', { exact: true }).waitFor()
  await expectNoPlaceholders(page)
  await checkPage(page, 'money-11-free-history')
  const receipt = await openReceipt(page)
  expect(receipt.Total).toBe('Free')
  expect(receipt.Ordered).toMatch(/ at .*(UTC|GMT|[A-Z]{3})/)
  expect(receipt).not.toHaveProperty('Payment ID')
  await expectNoPlaceholders(page)
  await checkPage(page, 'money-12-free-receipt')

  const { page: admin } = await openAsAdmin(`/admin?user=${user}`)
  await admin.getByText('Free', { exact: true }).waitFor()
  await checkPage(admin, 'money-13-admin-search')
  await admin.getByRole('link', { name: `${user} · Nosferatu` }).click()
  await admin.getByText('Pending → Completed').waitFor()
  expect(await admin.getByRole('link', { name: 'Stripe payment' }).count()).toBe(0)
  expect(await admin.getByRole('button', { name: 'Refund…' }).count()).toBe(0)
  await expectNoPlaceholders(admin)
  await checkPage(admin, 'money-14-admin-free')
  await admin.getByLabel('Reason').fill('given by mistake')
  await admin.getByRole('button', { name: 'Revoke access…' }).click()
  await admin.getByText(`${user} will lose access to Nosferatu.`).waitFor()
  await checkPage(admin, 'money-15-admin-revoke')
  await admin.getByRole('button', { name: 'Revoke access', exact: true }).click()
  await admin.getByText('Access revoked.').and(focusedElement(admin)).waitFor()
  await admin.getByText('Completed → Refunded').waitFor()
  await admin.getByText('done · given by mistake').waitFor()
  await admin.getByText(/^Revoked .* by root$/).waitFor()
  await expectNoPlaceholders(admin)
  await checkPage(admin, 'money-16-admin-revoked')

  await page.goto(`${stack().stack.web}/watch/${seedIds.film}`)
  await page.getByRole('heading', { name: 'Order canceled' }).waitFor()
  await checkPage(page, 'money-17-taken-back')
  await page.getByRole('link', { name: 'See purchase options' }).click()
  await page.getByText('Order canceled.').waitFor()
  expect(errors).toEqual([])
}, 120_000)
