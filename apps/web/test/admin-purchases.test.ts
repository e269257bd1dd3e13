import { checkPage } from '@pay-to-view/testing/browser'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { useStorefront } from './storefront.ts'

const { stack, buyFilm, openAs, openAsAdmin } = useStorefront(useStack({ web: true, temporalUi: true }))

const focusedElement = (page: Page) => page.locator(':focus')

/** Buys a film and opens the dialog that confirms a partial refund. */
const openRefundDialog = async (user: string) => {
  const purchase = await buyFilm({ user })
  const { page } = await openAsAdmin(`/admin/purchases/${purchase.purchaseId}`)
  await page.getByLabel('Amount in USD').fill('3.00')
  await page.getByRole('button', { name: 'Refund…' }).click()
  return { ...purchase, page, confirm: () => page.getByRole('button', { name: 'Refund $3.00' }).click() }
}

test('a refund keeps the confirmed amount, even if another admin makes a partial refund first', async () => {
  const { client, purchaseId, page, confirm } = await openRefundDialog('refunded-by-two')
  const { purchases } = (await stack().client('other', { admin: true })).admin
  await purchases.refund.mutate({ id: purchaseId, amount: 250 })
  await page.getByRole('definition').getByText('$2.50', { exact: true }).waitFor()
  await confirm()
  await page.getByRole('dialog').getByText('The amount exceeds the remaining amount').waitFor()
  expect(await client.purchases.get.query({ id: purchaseId })).toMatchObject({ amountRefunded: 250, hasAccess: true })
})

test('a refund whose response was lost is retried, but made only once', async () => {
  const { client, purchaseId, page, confirm } = await openRefundDialog('refund-response-lost')
  await page.route(
    /admin\.purchases\.refund/,
    async (route) => {
      await route.fetch()
      await route.abort()
    },
    { times: 1 },
  )
  await confirm()
  await page.getByRole('dialog').getByRole('alert').waitFor()
  await page.getByRole('definition').getByText('$3.00', { exact: true }).waitFor()
  await confirm()
  await page.getByText('Refunded: $3.00.').waitFor()
  expect((await client.purchases.get.query({ id: purchaseId })).amountRefunded).toBe(300)
})

test('an admin finds a purchase, sees its timeline, and refunds it in two parts', async () => {
  const user = 'user_with_a_name_as_long_as_the_pseudonym_of_a_deleted_user'
  const { client, purchaseId } = await buyFilm({ user })
  const { page, errors } = await openAsAdmin('/admin/purchases')
  await page.getByLabel('User').fill(user)
  await page.getByLabel('Status').selectOption('Completed')
  await page.getByRole('button', { name: 'Search' }).click()
  await page.getByRole('link', { name: `${user} · Nosferatu` }).waitFor()
  expect(await page.getByRole('list', { name: 'Search results' }).getByRole('listitem').count()).toBe(1)
  await checkPage(page, 'admin-1-search')
  await page.getByRole('link', { name: `${user} · Nosferatu` }).click()
  await page.getByText('Pending → Completed').waitFor()
  expect(await page.getByRole('link', { name: 'Stripe payment' }).getAttribute('href')).toMatch(/\/payments\/pi_/)
  await checkPage(page, 'admin-2-purchase')

  await page.getByLabel('Amount in USD').fill('9.99')
  await page.getByRole('button', { name: 'Refund…' }).click()
  await page.getByText('Enter an amount up to $4.99').waitFor()
  await page.getByLabel('Amount in USD').fill('1.50')
  await page.getByLabel('Reason').fill('the sound was bad')
  await page.getByRole('button', { name: 'Refund…' }).click()
  await page.getByText('Partial refund; access is kept.').waitFor()
  await checkPage(page, 'admin-3-confirm')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Refund…' }).click()
  await page.getByRole('button', { name: 'Refund $1.50' }).click()
  await page.getByText(/succeeded · the sound was bad/).waitFor()
  await page.getByText('Partial refund', { exact: true }).waitFor()
  await page.getByText(/\$1\.50 of \$4\.99 refunded/).waitFor()
  expect((await client.purchases.get.query({ id: purchaseId })).amountRefunded).toBe(150)
  await page.getByText('Refunded: $1.50.').and(focusedElement(page)).waitFor()
  expect(await page.getByLabel('Reason').inputValue()).toBe('')

  await page.getByRole('button', { name: 'Refund…' }).click()
  await page.getByRole('button', { name: 'Refund $3.49' }).click()
  await page.getByText('Completed → Refunded').waitFor()
  await page.getByRole('button', { name: 'Refund…' }).waitFor({ state: 'detached' })
  await page.getByText('Refunded: $3.49.').and(focusedElement(page)).waitFor()
  await checkPage(page, 'admin-4-refunded')
  expect(errors).toEqual([])
})

test('the refund dialog says whether the user keeps access through a renewal', async () => {
  const { client, purchaseId } = await buyFilm()
  const order = { entityId: seedIds.film, returnUrl: 'https://yoursite.com/purchase/complete', renew: true }
  const renewal = await client.purchases.create.mutate({ ...order, payToViewProductId: seedIds.thirtyDayProduct })
  if (!renewal.success) throw new Error('The renewal has no checkout')
  await stack().pay(renewal.clientSecret.split('_secret_')[0] ?? '')
  await stack().waitForStatus(client, renewal.purchaseId, 'Completed')
  const { page } = await openAsAdmin(`/admin/purchases/${purchaseId}`)
  await page.getByRole('button', { name: 'Refund…' }).click()
  await page.getByText('access through this purchase ends. Other access, such as a renewal, is kept.').waitFor()
  await checkPage(page, 'admin-9-refund-with-renewal')
  await page.getByRole('button', { name: 'Refund $4.99' }).click()
  await page.getByText('Completed → Refunded').waitFor()
  expect(await client.access.check.query({ entityId: seedIds.film })).toMatchObject({ hasAccess: true })
  await page.goto(`${stack().stack.web}/admin/purchases/${renewal.purchaseId}`)
  await page.getByRole('button', { name: 'Refund…' }).click()
  await page.getByText('Full refund; access ends.').waitFor()
})

test('a payment that does not match its quote can be accepted with a reason', async () => {
  const { client, newUser, create, payInDashboard } = stack()
  const user = newUser()
  const userClient = await client(user)
  const { purchaseId, sessionId } = await create(userClient)
  await payInDashboard(sessionId, 100)
  const { page } = await openAsAdmin(`/admin/purchases/${purchaseId}`)
  await page.getByText("The payment doesn't match the quote").waitFor()
  await checkPage(page, 'admin-7-mismatch')
  await page.getByRole('button', { name: 'Accept…' }).click()
  await page.getByLabel('Reason').last().fill('agreed by email')
  await checkPage(page, 'admin-8-accept')
  await page.getByRole('button', { name: 'Accept payment' }).click()
  await page.getByText('Pending → Completed').waitFor()
  await page.getByText('Accepted by root: agreed by email').waitFor()
  await page.getByText('Payment accepted. Access granted.').and(focusedElement(page)).waitFor()
  await page.getByText("The payment doesn't match the quote").waitFor({ state: 'detached' })
  expect(await userClient.access.check.query({ entityId: seedIds.film })).toMatchObject({ hasAccess: true })
  // The receipt shows the amount paid, not the quoted amount.
  const { page: receipt } = await openAs(user, `/purchases/${purchaseId}`)
  await receipt.getByText(/^\$1\.00, /).waitFor()
})

test('links on the purchase page open its workflow in the Temporal UI and its payment in Stripe', async () => {
  const { purchaseId } = await buyFilm({ user: 'linked' })
  const { page } = await openAsAdmin(`/admin/purchases/${purchaseId}`)
  const openLink = async (name: string) => {
    const newPage = page.context().waitForEvent('page')
    await page.getByRole('link', { name }).click()
    return newPage
  }
  const workflow = await openLink('Temporal workflow')
  await workflow.getByRole('heading', { name: purchaseId }).waitFor()
  await workflow.getByText('Waiting for the end of the dispute window').first().waitFor()
  const payment = await openLink('Stripe payment')
  await payment.getByText(/pi_/).first().waitFor()
})

test("an admin edits a dispute's evidence and submits it once", async () => {
  const { client, purchaseId } = await buyFilm({ user: 'disputed-in-the-back-office' })
  const { externalTransactionId } = await client.purchases.get.query({ id: purchaseId })
  const [charge] = (await stack().stripe.charges.list({ payment_intent: externalTransactionId ?? '' })).data
  await stack().emulator(`charges/${charge?.id}/dispute`)
  await stack().waitForStatus(client, purchaseId, 'Disputed')
  const { page } = await openAsAdmin(`/admin/purchases/${purchaseId}`)
  const section = page.getByRole('region', { name: 'Dispute' })
  await section.getByText(/^\$4\.99, reason: fraudulent\. Nothing has been submitted yet\. Due by/).waitFor()
  await section.getByRole('button', { name: 'Submit to the bank…', disabled: false }).waitFor({ timeout: 20_000 })
  const product = section.getByLabel('Product')
  expect(await product.inputValue()).toContain('Nosferatu')
  const hiddenHeight =
    '(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight)(document.getElementById("evidence-product_description"))'
  // The whole text is visible: the field is as wide as the page, and as tall as its text.
  expect((await product.boundingBox())?.width).toBeGreaterThan(700)
  expect(await page.evaluate<number>(hiddenHeight)).toBeLessThanOrEqual(2)
  await section.getByLabel('Other evidence').fill('winning_evidence')
  await section.getByRole('button', { name: 'Save evidence' }).click()
  await section.getByText('Evidence saved.').waitFor()
  await checkPage(page, 'admin-purchase-dispute')
  await section.getByRole('button', { name: 'Submit to the bank…' }).click()
  await page.getByRole('dialog').getByText('Evidence can be submitted only once').waitFor()
  await page.getByRole('button', { name: 'Submit evidence' }).click()
  await section.getByText('The dispute was won.').waitFor()
  expect(await section.getByRole('button').count()).toBe(0)
})
