import { checkPage, fillCard, waitUntilPlayable } from '@pay-to-view/testing/browser'
import { seedIds } from '@pay-to-view/testing/stack'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { useStorefront } from './storefront.ts'

const { stack, open, buyFilm, openAs } = useStorefront()

const focusedElement = (page: Page) => page.locator(':focus')

/** Records the page's requests to start playback. */
const countPlaybacks = (page: Page): string[] => {
  const requests: string[] = []
  page.on('request', (request) => request.url().includes('access.playback.start') && requests.push(request.url()))
  return requests
}

/** A rental that must be started within 2 days and can be watched for one hour. */
const hourProduct = 'rental-1-hour'

/** Gives a user access, permanent or until a given time, without a purchase. */
const giveAccess = async (userId: string, entityId: string, times: { startsAt?: string; expiresAt?: string } = {}) => {
  const { admin } = await stack().client('root', { admin: true })
  return admin.grants.create.mutate({ userId, entityId, reason: 'test', ...times })
}

test('a rental is bought, started with a click, and shows when it ends', async () => {
  const user = stack().newUser()
  const { page, errors } = await openAs(user, `/e/${seedIds.rentalFilm}`)
  const tokens = countPlaybacks(page)
  await page.getByText('Start within 30 days, then watch for 48 hours').waitFor()
  await checkPage(page, 'grants-1-rental-offer')
  await page.getByRole('button', { name: 'Buy Rental, 48 hours' }).click()
  await fillCard(page, '4242424242424242')
  await page.waitForURL(`**/watch/${seedIds.rentalFilm}`)
  await page
    .getByText(/^Start by /)
    .first()
    .waitFor()
  await page.getByText('You then have 48 hours to watch it.').waitFor()
  await page.getByRole('link', { name: 'Buy to keep' }).waitFor()
  await checkPage(page, 'grants-2-rental-start-by')
  const client = await stack().client(user)
  const access = () => client.access.check.query({ entityId: seedIds.rentalFilm })
  expect(tokens).toEqual([])
  expect((await access()).rental).toEqual({ watchWithinHours: 48, startedAt: null })

  await page.getByRole('link', { name: 'My purchases' }).click()
  await page.getByText(/^Start by /).waitFor()
  await page.getByRole('link', { name: 'Details and receipt' }).click()
  await page.getByText('48 hours', { exact: true }).waitFor()
  await checkPage(page, 'grants-3-rental-receipt')
  await page.goBack()
  await page.goBack()

  const start = page.getByRole('button', { name: 'Start watching Night of the Living Dead' })
  await start.focus()
  await page.keyboard.press('Enter')
  await waitUntilPlayable(page)
  await page.getByText(/^Access until /).waitFor()
  await page
    .getByRole('timer')
    .getByText(/^Ends in (2 days|1 day, 23 hours)$/)
    .waitFor()
  await page.getByRole('region', { name: 'Player' }).and(focusedElement(page)).waitFor()
  expect(tokens).toHaveLength(1)
  expect((await access()).rental?.startedAt).not.toBeNull()
  await checkPage(page, 'grants-4-rental-started')
  await page.reload()
  await waitUntilPlayable(page)
  await page.getByRole('link', { name: 'My purchases' }).click()
  await page.getByText(/^Started, access until /).waitFor()
  await checkPage(page, 'grants-5-rental-history')
  expect(errors).toEqual([])
})

test('a pre-sold live event counts down and opens automatically while its page is open', async () => {
  const { client, newUser, query } = stack()
  const { admin } = await client('root', { admin: true })
  const [id, inAnHour] = ['concert', new Date(Date.now() + 3_600_000).toISOString()]
  await admin.entities.put.mutate({ id, type: 'video', title: 'Organ concert, live', availableFrom: inAnHour })
  await admin.products.offers.put.mutate({ id: seedIds.eventProduct, entityId: id })
  const user = newUser()
  const { page, errors } = await openAs(user, `/e/${id}`)
  const tokens = countPlaybacks(page)
  await page.getByText(/^Available from /).waitFor()
  await checkPage(page, 'grants-6-pre-sale-offer')
  await page.getByRole('button', { name: /^Buy Ticket/ }).click()
  await fillCard(page, '4242424242424242')
  await page.waitForURL(`**/watch/${id}`)
  await page
    .getByRole('status')
    .getByText(/^You have bought this. It starts on /)
    .waitFor()
  await page
    .getByRole('timer')
    .getByText(/^Starts in 59 minutes, \d+ seconds?$/)
    .waitFor()
  await checkPage(page, 'grants-7-countdown')
  await page.getByRole('link', { name: 'Details' }).click()
  await page.getByRole('link', { name: 'Open', exact: true }).waitFor()
  expect(await page.getByRole('button', { name: /^Buy/ }).count()).toBe(0)
  await checkPage(page, 'grants-8-bought-before')
  await page.getByRole('link', { name: 'My purchases' }).click()
  await page.getByText(/^Access from .* until /).waitFor()
  await checkPage(page, 'grants-9-pre-sale-history')
  await page.getByRole('link', { name: 'Organ concert, live' }).click()
  await page.getByRole('timer').waitFor()
  expect(tokens).toEqual([])

  await query("update entities set available_from = now() + interval '4 seconds' where id = $1", [id])
  await query('select notify_access($1, $2)', [user, id])
  await page
    .getByRole('timer')
    .getByText(/^Starts in \d seconds?$/)
    .waitFor()
  await waitUntilPlayable(page)
  await page
    .getByRole('status')
    .getByText(/^Access until /)
    .waitFor()
  await checkPage(page, 'grants-10-opened')
  expect(errors).toEqual([])
})

test('a one-day film is renewed, and then bought to keep while it can still be watched', async () => {
  const user = stack().newUser()
  const client = await stack().client(user)
  const { purchaseId, sessionId } = await stack().create(client, seedIds.dayProduct, seedIds.dayFilm)
  await stack().pay(sessionId)
  await stack().waitForStatus(client, purchaseId, 'Completed')
  const expiresAt = async () => (await client.access.check.query({ entityId: seedIds.dayFilm })).expiresAt
  const before = Date.parse((await expiresAt()) ?? '')
  const { page, errors } = await openAs(user, `/watch/${seedIds.dayFilm}`)
  await waitUntilPlayable(page)
  await page
    .getByRole('timer')
    .getByText(/^Ends in 23 hours/)
    .waitFor()
  await checkPage(page, 'grants-11-ends-soon')
  await page.getByRole('link', { name: 'Renew or buy to keep' }).click()
  await page
    .getByRole('listitem')
    .getByText(/^Access until /)
    .first()
    .waitFor()
  await page.getByText('Permanent access').waitFor()
  await checkPage(page, 'grants-12-renewal-offers')
  await page.getByRole('button', { name: 'Renew Film, one day' }).click()
  await page.frameLocator('iframe').getByRole('button', { name: /pay/i }).waitFor()
  // A renewal's open checkout also survives a reload.
  await page.reload()
  await fillCard(page, '4242424242424242')
  await page.waitForURL(`**/watch/${seedIds.dayFilm}`)
  expect(Date.parse((await expiresAt()) ?? '') - before).toBe(86_400_000)
  await page
    .getByRole('timer')
    .getByText(/^Ends in 1 day, 23 hours/)
    .waitFor()
  await page.getByRole('link', { name: 'Renew or buy to keep' }).click()
  await page.getByRole('button', { name: 'Buy Film, to keep' }).click()
  await fillCard(page, '4242424242424242')
  await page.getByRole('status').getByText('You own this').waitFor()
  expect(await expiresAt()).toBeNull()
  await page.getByRole('link', { name: 'Details' }).click()
  await page.getByText('You own this').waitFor()
  expect(await page.getByRole('button', { name: /^(Buy|Renew)/ }).count()).toBe(0)
  await checkPage(page, 'grants-13-owned')
  await page.getByRole('link', { name: 'My purchases' }).click()
  await page.getByText(/^Access from .* until /).waitFor()
  await checkPage(page, 'grants-14-renewal-history')
  expect(errors).toEqual([])
})

test('a renewed rental shows the time left of the first rental, then waits until the second rental is started', async () => {
  const { client, newUser, pay, query, waitForStatus } = stack()
  const { admin } = await client('root', { admin: true })
  const id = 'hourly'
  await admin.entities.put.mutate({ id, type: 'video', title: 'Hourly' })
  const rental = { startWithinDays: 2, watchWithinHours: 1 }
  await admin.products.put.mutate({ id: hourProduct, name: 'Rental', rental, prices: [{ amount: 100, currency: 'usd' }] })
  await admin.products.offers.put.mutate({ id: hourProduct, entityId: id })
  const user = newUser()
  const viewer = await client(user)
  const buy = async (renew: boolean) => {
    const input = { payToViewProductId: hourProduct, entityId: id, returnUrl: 'https://yoursite.com/', renew }
    const created = await viewer.purchases.create.mutate(input)
    if (!created.success) throw new Error(JSON.stringify(created))
    await pay(created.clientSecret.split('_secret_')[0] ?? '')
    await waitForStatus(viewer, created.purchaseId, 'Completed')
  }
  await buy(false)
  await viewer.access.playbackToken.mutate({ entityId: id })
  await buy(true)
  const { page, errors } = await openAs(user, `/watch/${id}`)
  await page.getByText(/Ends in 59 minutes/).waitFor()
  await page.getByText(/After that, start again by .*\. You then have 1 hour to watch\./).waitFor()
  await checkPage(page, 'grants-15-renewed-rental')
  await page.getByRole('link', { name: 'Details' }).click()
  await page.getByText(/After that, start again by .*\. You then have 1 hour to watch\./).waitFor()
  expect(await page.getByRole('button', { name: /^Renew/ }).count()).toBe(0)
  await page.getByRole('link', { name: 'My purchases' }).click()
  await page.getByText(/^From .*: start by .*, then watch for 1 hour$/).waitFor()
  await page.goto(`${stack().stack.web}/watch/${id}`)
  await waitUntilPlayable(page)
  const tokens = countPlaybacks(page)
  await query(
    `update grants set first_played_at = first_played_at - interval '1 hour' + interval '8 seconds',
      starts_at = starts_at - interval '1 hour' + interval '8 seconds' where user_id = $1`,
    [user],
  )
  await query('select notify_access($1, $2)', [user, id])
  const start = page.getByRole('button', { name: 'Start watching Hourly' })
  await start.waitFor()
  expect(tokens).toEqual([])
  await start.click()
  await waitUntilPlayable(page)
  await page.getByText(/Ends in (1 hour|59 minutes)/).waitFor()
  expect(errors).toEqual([])
})

test('if a promotion code is not valid for a renewal, the reason is shown next to the renewals', async () => {
  const { user } = await buyFilm()
  const { page } = await openAs(user, `/e/${seedIds.film}?code=NOSUCHCODE`)
  await page.getByRole('button', { name: 'Buy Film, to keep' }).click()
  await page.getByText("We don't recognize this code.").waitFor()
  await page.getByRole('heading', { name: /^Access until / }).waitFor()
  await page.getByRole('button', { name: 'Remove the promotion code' }).click()
  await page.getByRole('button', { name: 'Buy Film, to keep' }).click()
  await page.frameLocator('iframe').getByRole('button', { name: /pay/i }).waitFor()
})

test('a user with access to a channel can buy its film to keep, but not rent it to continue the access', async () => {
  const { client, create, newUser, pay, waitForStatus } = stack()
  const user = newUser()
  const userClient = await client(user)
  const { purchaseId, sessionId } = await create(userClient, seedIds.channelProduct, seedIds.channel)
  await pay(sessionId)
  await waitForStatus(userClient, purchaseId, 'Completed')
  const { page } = await openAs(user, `/e/${seedIds.channelFilm}`)
  await page.getByRole('button', { name: 'Buy Film, to keep' }).waitFor()
  await page.getByRole('heading', { name: 'Buy to keep' }).waitFor()
  expect(await page.getByRole('button', { name: /^Renew/ }).count()).toBe(0)
  await page.goto(`${stack().stack.web}/e/${seedIds.channel}`)
  await page.getByRole('button', { name: 'Renew Channel, one year' }).waitFor()
})

test('free access is labeled as free, and the film can be bought before free access starts', async () => {
  const [guest, early] = [stack().newUser(), stack().newUser()]
  const inTwoDays = new Date(Date.now() + 2 * 86_400_000).toISOString()
  await giveAccess(guest, seedIds.film, { expiresAt: inTwoDays })
  const { page } = await openAs(guest, `/watch/${seedIds.film}`)
  await page.getByText(/^Free access until /).waitFor()
  await waitUntilPlayable(page)
  await giveAccess(early, seedIds.film, { startsAt: inTwoDays })
  const { page: other } = await openAs(early, `/watch/${seedIds.film}`)
  await other
    .getByRole('status')
    .getByText(/^Starts on /)
    .waitFor()
  await checkPage(other, 'grants-free-later')
  await other.getByRole('link', { name: 'Details' }).click()
  await other.getByRole('button', { name: 'Buy Film, 30 days' }).waitFor()
})

test('a card shows that a live event starts later and that the user has bought it', async () => {
  const { admin } = await stack().client('root', { admin: true })
  const id = 'matinee'
  await admin.entities.put.mutate({ id, type: 'video', title: 'Matinée', availableFrom: '2999-01-02T12:00:00.000Z' })
  await admin.products.offers.put.mutate({ id: seedIds.eventProduct, entityId: id })
  const { page } = await open('/?q=matin')
  await page.getByRole('link', { name: /Matinée Starts January 2, 2999 \$15\.00/ }).waitFor()
  const user = stack().newUser()
  const client = await stack().client(user)
  const { purchaseId, sessionId } = await stack().create(client, seedIds.eventProduct, id)
  await stack().pay(sessionId)
  await stack().waitForStatus(client, purchaseId, 'Completed')
  const { page: buyer } = await openAs(user, '/?q=matin')
  await buyer.getByRole('link', { name: /Matinée Starts January 2, 2999 Bought/ }).waitFor()
})
