import type { PayToViewClient } from '@pay-to-view/client'
import { waitFor } from '@pay-to-view/devstack/wait'
import { checkPage, fillCard, waitUntilPlayable } from '@pay-to-view/testing/browser'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'
import { buyButton, useStorefront } from './storefront.ts'

const { stack, openAs, openAsAdmin } = useStorefront(useStack({ web: true, environment: { CONSENT: 'eu' } }))

test('a buyer checks both consent texts with the keyboard, buys, withdraws in two steps, and gets a dated acknowledgment', async () => {
  const user = stack().newUser()
  const client = await stack().client(user)
  const { page, errors } = await openAs(user, `/e/${seedIds.film}`)
  const boxes = page.getByRole('group', { name: 'Before you buy' }).getByRole('checkbox')
  const focused = (position: number) => page.locator(`.consent label:nth-of-type(${position}) input:focus`)
  await boxes.first().waitFor()
  for (const box of await boxes.all()) expect(await box.isChecked()).toBe(false)
  await page.getByRole('button', buyButton).click()
  await page.getByRole('alert').getByText('Check both boxes to buy.').waitFor()
  await focused(1).waitFor()
  await checkPage(page, 'consent-1-missing')
  await page.keyboard.press('Space')
  await page.getByRole('button', buyButton).click()
  await focused(2).waitFor()
  expect((await client.purchases.list.query({})).totalCount).toBe(0)
  await page.keyboard.press('Space')
  expect(await page.getByRole('alert').count()).toBe(0)
  await page.getByRole('button', buyButton).click()
  await page.frameLocator('iframe').getByLabel('Email').waitFor()
  // A reload opens the same checkout, with the consent that has already been given for it.
  await page.reload()
  await page.frameLocator('iframe').getByLabel('Email').fill('buyer@example.com')
  await fillCard(page, '4242424242424242')
  await page.waitForURL(`**/watch/${seedIds.film}`)
  expect((await client.purchases.list.query({})).totalCount).toBe(1)
  // Nothing plays until the user clicks.
  await page.getByText('Your right of withdrawal ends when you start watching.').waitFor()

  await page.getByRole('link', { name: 'My purchases' }).first().click()
  await page.getByRole('link', { name: 'Withdraw from contract' }).waitFor()
  await checkPage(page, 'consent-2-history')
  await page.getByRole('link', { name: 'Details and receipt' }).click()
  await page.getByText(/agreed on .* \(version \d{4}-\d\d-\d\d\)/).waitFor()
  await checkPage(page, 'consent-3-receipt')
  await page.getByRole('link', { name: 'Withdraw from contract' }).click()
  await page.getByText('We will refund $4.99 to the payment method that you used.').waitFor()
  await checkPage(page, 'consent-4-request')
  await page.getByRole('button', { name: 'Confirm withdrawal' }).click()
  await page.getByRole('heading', { name: 'Withdrawal received' }).and(page.locator(':focus')).waitFor()
  await page.getByText('We have refunded $4.99.').waitFor()
  await checkPage(page, 'consent-5-acknowledgment')
  const [purchase] = (await client.purchases.list.query({})).items
  expect(purchase).toMatchObject({ status: 'Refunded', hasAccess: false, amountRefunded: 499 })
  expect(await page.locator('time').getAttribute('datetime')).toBe(purchase?.withdrawnAt)
  expect(await page.locator('time').textContent()).toMatch(/ at \d+:\d\d [AP]M \S+$/)
  await page.getByRole('link', { name: 'Receipt' }).click()
  await page.getByText('Withdrawn').waitFor()
  expect(await page.getByRole('link', { name: 'Withdraw from contract' }).count()).toBe(0)
  expect(errors).toEqual([])

  const { page: admin } = await openAsAdmin(`/admin/purchases/${purchase?.purchaseId}`)
  await admin.getByText('Buyer withdrew from the contract', { exact: true }).waitFor()
  await checkPage(admin, 'consent-6-admin')
}, 180_000)

/** Creates a purchase with consent, through the API. */
const create = async (
  client: PayToViewClient,
  payToViewProductId: string = seedIds.thirtyDayProduct,
  entityId: string = seedIds.film,
  renew = false,
) => {
  const consent = { immediateAccess: true, withdrawalWaived: true }
  const input = { payToViewProductId, entityId, returnUrl: 'https://yoursite.com/' }
  const created = await client.purchases.create.mutate({ ...input, consent, renew })
  if (!created.success) throw new Error('create returned no checkout')
  return { purchaseId: created.purchaseId, sessionId: created.clientSecret.split('_secret_')[0] ?? '' }
}

/** Makes a purchase with consent, through the API. */
const buy = async (payToViewProductId?: string, entityId?: string, { user = stack().newUser(), renew = false } = {}) => {
  const client = await stack().client(user)
  const { purchaseId, sessionId } = await create(client, payToViewProductId, entityId, renew)
  await stack().pay(sessionId)
  await stack().waitForStatus(client, purchaseId, 'Completed')
  return { user, client, purchaseId }
}

const notice = 'Your right of withdrawal ends when you start watching.'

test('a film bought with consent needs a click next to a notice until its first playback', async () => {
  const { user } = await buy()
  const { page } = await openAs(user, `/watch/${seedIds.film}`)
  await page.getByText(notice).waitFor()
  await page.getByRole('button', { name: 'Start watching' }).click()
  await waitUntilPlayable(page)
  await page.reload()
  await page.locator('video').waitFor()
  expect(await page.getByText(notice).count()).toBe(0)
})

test('a purchase without consent plays without a notice, because playback does not end the right of withdrawal', async () => {
  const { user, purchaseId } = await buy()
  await stack().query('update purchases set consent_version = null, consent_at = null where id = $1', [purchaseId])
  const { page } = await openAs(user, `/watch/${seedIds.film}`)
  await page.locator('video').waitFor()
  expect(await page.getByText(notice).count()).toBe(0)
})

test('a rental shows the notice next to its hours', async () => {
  const { user } = await buy(seedIds.rentalProduct, seedIds.rentalFilm)
  const { page } = await openAs(user, `/watch/${seedIds.rentalFilm}`)
  await page.getByText(notice).waitFor()
  await page.getByText('You then have 48 hours to watch it.').waitFor()
  await checkPage(page, 'consent-8-rental')
})

test('a film that is playing continues when it is bought to keep, but does not restart automatically', async () => {
  const { user } = await buy(seedIds.rentalProduct, seedIds.rentalFilm)
  const { page } = await openAs(user, `/watch/${seedIds.rentalFilm}`)
  await page.getByRole('button', { name: 'Start watching' }).click()
  await waitUntilPlayable(page)
  // A rental that has already been started needs no click.
  await page.reload()
  await waitUntilPlayable(page)
  await page.evaluate('document.querySelector("video").id = "playing"')
  await buy(seedIds.permanentProduct, seedIds.rentalFilm, { user, renew: true })
  await page.getByText('You own this').waitFor()
  expect(await page.locator('#playing').count()).toBe(1)

  // Simulates the back button, which restores the page from the browser's cache.
  await page.evaluate('dispatchEvent(new Event("pagehide"))')
  await page.evaluate('dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))')
  const stopped = page.getByRole('region', { name: 'Playback stopped' })
  await stopped.getByText(notice).waitFor()
  await checkPage(page, 'consent-9-click-required')
  await stopped.getByRole('button', { name: 'Play Night of the Living Dead' }).click()
  await waitUntilPlayable(page)
})

test("the page of another user's purchase has no link to the receipt", async () => {
  const { purchaseId } = await buy()
  const { page } = await openAs(stack().newUser(), `/purchases/${purchaseId}/withdraw`)
  await page.getByText('Not found').waitFor()
  expect(await page.getByRole('link', { name: 'Receipt' }).count()).toBe(0)
  await page.getByRole('main').getByRole('link', { name: 'My purchases' }).waitFor()
})

test('withdrawal is also offered for a payment that an operator has not accepted yet', async () => {
  const user = stack().newUser()
  const client = await stack().client(user)
  const { purchaseId, sessionId } = await create(client)
  await stack().payInDashboard(sessionId, 777)
  const isPaid = async () => (await client.purchases.get.query({ id: purchaseId })).completedAt !== null
  await waitFor('the payment', isPaid, { timeoutMs: 20_000 })
  for (const path of ['/purchases', `/purchases/${purchaseId}`]) {
    const { page } = await openAs(user, path)
    await page.getByRole('link', { name: 'Withdraw from contract' }).click()
    await page.getByText('We will refund $7.77 to the payment method that you used.').waitFor()
  }
})

test('after playback, the page explains why a withdrawal is not possible', async () => {
  const { user, client, purchaseId } = await buy()
  await client.access.playback.start.mutate({ entityId: seedIds.film })
  const { page } = await openAs(user, `/purchases/${purchaseId}/withdraw`)
  await page.getByRole('heading', { name: "You can't withdraw from this purchase" }).waitFor()
  await page.getByText('You have started watching.').waitFor()
  expect(await page.getByRole('button', { name: 'Confirm withdrawal' }).count()).toBe(0)
  await checkPage(page, 'consent-7-played')
  const { page: admin } = await openAsAdmin(`/admin/purchases/${purchaseId}`)
  await admin.getByText('The buyer had consented and started watching').waitFor()
})
