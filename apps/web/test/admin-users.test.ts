import { checkPage } from '@pay-to-view/testing/browser'
import { seedIds } from '@pay-to-view/testing/stack'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { useStorefront } from './storefront.ts'

const { stack, buyFilm, openAsAdmin } = useStorefront()

const focusedElement = (page: Page) => page.locator(':focus')
const localTime = (time: number): string => {
  const date = new Date(time)
  return new Date(time - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
const dayMs = 86_400_000
/** Returns a time in whole minutes, because the field does not show seconds. */
const inDays = (days: number): number => Math.floor((Date.now() + days * dayMs) / 60_000) * 60_000

test('an admin gives a user free access, changes its expiry and revokes it', async () => {
  const user = 'guest of/press'
  const client = await stack().client(user)
  const { page, errors } = await openAsAdmin('/admin/purchases')
  await page.getByLabel('User').fill(user)
  await page.getByRole('button', { name: 'Search' }).click()
  await page.getByRole('link', { name: `Access, purchases and refunds of the user ${user}` }).click()
  await page.getByRole('heading', { level: 1, name: user }).waitFor()
  for (const text of ['No current or past access.', 'No purchases.', 'No refunds.']) await page.getByText(text).waitFor()
  await checkPage(page, 'user-1-empty')

  await page.getByRole('button', { name: 'Give free access…' }).click()
  await page.getByRole('button', { name: 'Give access' }).click()
  await page.getByText('Select a title', { exact: true }).waitFor()
  await page.getByText('Not saved. Correct these fields: Title, Reason.').waitFor()
  await page.getByRole('button', { name: 'Select a title…' }).click()
  await page.getByLabel('Search titles, or enter an ID').fill('nosferatu')
  await page.getByRole('button', { name: 'Select Nosferatu', exact: true }).click()
  await page.getByText('Selected: Nosferatu').waitFor()
  const until = inDays(7)
  await page.getByLabel('Ends').fill(localTime(until))
  await page.getByLabel('Reason').fill('a review for the radio')
  await checkPage(page, 'user-2-form')
  await page.getByRole('button', { name: 'Give access' }).click()
  await page.getByText('Free access to Nosferatu granted.').and(focusedElement(page)).waitFor()
  const grants = page.getByRole('list', { name: 'Access' }).getByRole('listitem')
  await grants.getByText('By root: a review for the radio').waitFor()
  const access = () => client.access.check.query({ entityId: seedIds.film })
  expect(await access()).toMatchObject({ hasAccess: true, source: 'complimentary', expiresAt: new Date(until).toISOString() })

  await page.getByRole('button', { name: 'Change expiry… Nosferatu' }).click()
  await checkPage(page, 'user-3-change-end')
  await page.getByLabel('New expiry').fill('')
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  await page.getByText('Nosferatu: permanent access.').and(focusedElement(page)).waitFor()
  expect((await access()).expiresAt).toBeNull()

  await page.getByRole('button', { name: 'Revoke… Nosferatu' }).click()
  await page.getByRole('button', { name: 'Revoke access' }).click()
  await page.getByText('Enter a reason').waitFor()
  await page.getByRole('dialog').getByLabel('Reason').fill('wrong person')
  await checkPage(page, 'user-4-revoke')
  await page.getByRole('button', { name: 'Revoke access' }).click()
  await page.getByText('Nosferatu: revoked.').and(focusedElement(page)).waitFor()
  await grants.getByText(/^Revoked .* by root: wrong person$/).waitFor()
  expect(await page.getByRole('button', { name: /^(Revoke|Change expiry)/ }).count()).toBe(0)
  await checkPage(page, 'user-5-revoked')
  expect((await access()).hasAccess).toBe(false)
  expect(errors).toEqual([])
})

test('an admin extends a purchase on the user page and sees its refunds there', async () => {
  const { user, client, purchaseId } = await buyFilm({ user: 'buyer' })
  const { admin } = await stack().client('root', { admin: true })
  await admin.purchases.refund.mutate({ id: purchaseId, amount: 100, reason: 'the stream failed' })
  const { page, errors } = await openAsAdmin(`/admin/purchases/${purchaseId}`)
  await page.getByRole('link', { name: `User page of ${user}` }).click()
  await page.getByRole('heading', { level: 1, name: user }).waitFor()
  await page.getByText('succeeded, by root: the stream failed').waitFor()
  await page
    .getByRole('list', { name: 'Search results' })
    .getByRole('link', { name: `${user} · Nosferatu` })
    .waitFor()
  await page.getByRole('button', { name: 'Extend… Nosferatu' }).click()
  await page.getByLabel('New expiry').fill(localTime(inDays(1)))
  await page.getByRole('button', { name: 'Extend', exact: true }).click()
  await page
    .getByRole('dialog')
    .getByText(/^Expected a time after the current expiry \(\w{3} \d/)
    .waitFor()
  const until = inDays(40)
  await page.getByLabel('New expiry').fill(localTime(until))
  await page.getByRole('button', { name: 'Extend', exact: true }).click()
  await page
    .getByText(/^Nosferatu: access until /)
    .and(focusedElement(page))
    .waitFor()
  await checkPage(page, 'user-6-extended')
  expect((await client.access.check.query({ entityId: seedIds.film })).expiresAt).toBe(new Date(until).toISOString())
  await page.getByRole('list', { name: 'Access' }).getByRole('link', { name: purchaseId }).click()
  await page.getByText(/^Extended until /).waitFor()
  await page.getByText(/^Access extended by root/).waitFor()
  await checkPage(page, 'user-7-purchase')
  expect(errors).toEqual([])
})

test('a grant of free access whose response was lost is retried, but made only once', async () => {
  const user = stack().newUser()
  const { page } = await openAsAdmin(`/admin/users/${user}`)
  await page.getByRole('button', { name: 'Give free access…' }).click()
  await page.getByRole('button', { name: 'Select a title…' }).click()
  await page.getByLabel('Search titles, or enter an ID').fill(seedIds.film)
  await page.getByRole('button', { name: 'Select Nosferatu', exact: true }).click()
  await page.getByLabel('Reason').fill('twice')
  await page.route(
    /admin\.grants\.create/,
    async (route) => {
      await route.fetch()
      await route.abort()
    },
    { times: 1 },
  )
  await page.getByRole('button', { name: 'Give access' }).click()
  await page.getByText("Can't connect").waitFor()
  await page.getByRole('button', { name: 'Give access' }).click()
  await page.getByText('Free access to Nosferatu granted.').waitFor()
  const { admin } = await stack().client('root', { admin: true })
  expect((await admin.grants.list.query({ userId: user })).items).toHaveLength(1)
})

test("the purchase page shows a rental's first playback, and the user page shows each play", async () => {
  const user = stack().newUser()
  const client = await stack().client(user)
  const { purchaseId, sessionId } = await stack().create(client, seedIds.rentalProduct, seedIds.rentalFilm)
  await stack().pay(sessionId)
  await stack().waitForStatus(client, purchaseId, 'Completed')
  const { page } = await openAsAdmin(`/admin/purchases/${purchaseId}`)
  await page.getByText('Rental, 48 hours to watch').waitFor()
  expect(await page.getByText(/^First playback session /).count()).toBe(0)
  await page.getByText(/^From .*, start by .* · rental of 48 hours$/).waitFor()
  const { sessionId: screen } = await client.access.playback.start.mutate({ entityId: seedIds.rentalFilm })
  await page.goto(`${stack().stack.web}/admin/users/${user}`)
  await page.getByText(/ · not played · open now · /).waitFor()
  await page.goto(`${stack().stack.web}/admin/purchases/${purchaseId}`)
  await client.access.playback.heartbeat.mutate({ sessionId: screen, positionSeconds: 754 })
  await page.getByText(/^First playback session /).waitFor()
  await page.getByText(/ – .* · rental of 48 hours$/).waitFor()
  await checkPage(page, 'user-rental-purchase')

  await page.goto(`${stack().stack.web}/admin/users/${user}`)
  await page.getByText(/ · watched up to 13 min · playing now · /).waitFor()
  await checkPage(page, 'user-plays')
  await client.access.playback.end.mutate({ sessionId: screen })
  await page.reload()
  await page.getByText(/ · watched up to 13 min · stopped · /).waitFor()
})
