import { checkPage, fillCard, signIn, waitUntilPlayable } from '@pay-to-view/testing/browser'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { addLargeCatalog, type EntityInput, ids, serveImages } from './large-catalog.ts'
import { buyButton, useStorefront } from './storefront.ts'

const { stack, open, openAs } = useStorefront(useStack({ web: true }))

beforeAll(() => addLargeCatalog(stack()), 60_000)

const films = (page: Page) => page.getByRole('region', { name: 'Films' }).getByRole('listitem')

/** Records the number of entities in each response to `entities.list`. */
const countListed = (page: Page): number[] => {
  const counts: number[] = []
  page.on('response', async (response) => {
    if (response.url().includes('entities.list')) counts.push((await response.text()).split('"availableUntil"').length - 1)
  })
  return counts
}

test('a large catalog is shown page by page, with images, and can be searched', async () => {
  let counts: number[] = []
  const { page, errors } = await open('/', 'desktop-light', async (page) => {
    counts = countListed(page)
    await serveImages(page)
  })
  await films(page).nth(47).waitFor()
  expect(await films(page).count()).toBe(48)
  const image = page.locator('img.poster').first()
  await image.scrollIntoViewIfNeeded()
  expect(await image.getAttribute('width')).toBe('300')
  expect(await image.getAttribute('loading')).toBe('lazy')
  await checkPage(page, 'large-catalog')
  const more = page.getByRole('button', { name: 'Show more films' })
  await more.focus()
  await page.keyboard.press('Enter')
  await films(page).nth(95).waitFor()
  expect(Math.max(...counts)).toBeLessThanOrEqual(60)

  const search = page.getByLabel('Search by title')
  await search.fill('ree')
  await page.waitForURL('**/?q=ree')
  await search.fill('reel 2')
  await page.waitForURL('**/?q=reel+2')
  await page.getByRole('link', { name: /^Reel 200 / }).waitFor()
  // A generated poster with the title replaces a missing image.
  const withoutImage = page.getByRole('link', { name: /^Reel 2 / })
  await withoutImage.scrollIntoViewIfNeeded()
  await withoutImage.locator('svg.poster').waitFor()
  expect(await page.getByRole('link', { name: /^(Reel 1|Episode)/ }).count()).toBe(0)
  expect(await search.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true)
  await checkPage(page, 'catalog-search')
  await page.reload()
  await page.getByRole('link', { name: /^Reel 200 / }).waitFor()
  await page.getByRole('link', { name: /^Reel 200 / }).click()
  await page.getByRole('heading', { level: 1, name: 'Reel 200' }).waitFor()
  await checkPage(page, 'film-with-image')
  await page.goBack()
  await page.getByRole('link', { name: /^Reel 200 / }).waitFor()
  expect(await search.inputValue()).toBe('reel 2')
  await search.fill('%')
  await page.getByText('No title matches').waitFor()
  await checkPage(page, 'catalog-no-results')
  expect(errors).toEqual([])
})

test('a series links to its season, whose episodes are shown in order, page by page', async () => {
  const { page, errors } = await open(`/e/${encodeURIComponent(ids.series)}`)
  await page.getByRole('link', { name: /The Long Watch, season 1/ }).click()
  await page.waitForURL(/\/e\/season\.1$/)
  const episodes = page.getByRole('region', { name: 'Included' }).getByRole('listitem')
  await episodes.nth(59).waitFor()
  expect(await episodes.count()).toBe(60)
  expect(await episodes.first().textContent()).toContain('Episode 1')
  await checkPage(page, 'season')
  await page.getByRole('button', { name: 'Show more of its films' }).click()
  await episodes.nth(69).waitFor()
  expect(await episodes.last().textContent()).toContain('Episode 70')
  await page.getByText("That's all.").and(page.locator(':focus')).waitFor()
  await episodes.last().getByRole('link').click()
  await page.getByRole('heading', { level: 1, name: 'Episode 70' }).waitFor()
  await page.getByText('Included with').getByRole('link', { name: 'The Long Watch, season 1' }).waitFor()
  expect(errors).toEqual([])
})

test('a user who has bought a series has its episodes in the library', async () => {
  const { client, create, newUser, pay, waitForStatus } = stack()
  const user = newUser()
  const userClient = await client(user)
  const { purchaseId, sessionId } = await create(userClient, seedIds.thirtyDayProduct, ids.series)
  await pay(sessionId)
  await waitForStatus(userClient, purchaseId, 'Completed')
  const { page } = await openAs(user, `/e/${ids.season}`)
  const owned = page.getByRole('link', { name: /^Episode .* In your library$/ })
  await owned.nth(59).waitFor()
  await page.getByRole('button', { name: 'Show more of its films' }).click()
  await owned.nth(69).waitFor()
  await page.goto(`${stack().stack.web}/watch/${encodeURIComponent(ids.series)}`)
  await page
    .getByRole('region', { name: 'Watch' })
    .getByRole('link', { name: /The Long Watch, season 1/ })
    .click()
  await waitUntilPlayable(page)
  await page
    .getByRole('region', { name: 'Watch' })
    .getByRole('link', { name: /^Episode 1 / })
    .click()
  await page.getByRole('heading', { level: 1, name: 'Episode 1' }).waitFor()
  await waitUntilPlayable(page)
})

test('a film with a custom id is bought and played; after it is archived, only its buyer can open it', async () => {
  const id = 'Film:1927~uncut.v2'
  const { admin } = await stack().client('root', { admin: true })
  const film: EntityInput = { id, type: 'video', title: 'Metropolis' }
  await admin.entities.put.mutate(film)
  await admin.products.offers.put.mutate({ id: seedIds.thirtyDayProduct, entityId: id })
  const { page } = await open(`/sign-in?next=/e/${encodeURIComponent(id)}`)
  await signIn(page, 'buyer-of-metropolis')
  await page.getByRole('button', buyButton).click()
  await fillCard(page, '4242424242424242')
  await page.getByText(/Access until/).waitFor()
  expect(decodeURIComponent(new URL(page.url()).pathname)).toBe(`/watch/${id}`)
  await waitUntilPlayable(page)
  await page.reload()
  await waitUntilPlayable(page)

  await admin.entities.put.mutate({ ...film, status: 'archived' })
  await page.goto(`${stack().stack.web}/e/${id}`)
  await page.getByRole('heading', { level: 1, name: 'Metropolis' }).waitFor()
  await page.getByRole('link', { name: 'Watch now' }).waitFor()
  await page.goto(`${stack().stack.web}/purchases`)
  await page.getByRole('link', { name: 'Metropolis' }).waitFor()
  const { page: other } = await open(`/e/${id}`)
  await other.getByText('Not found').waitFor()
  expect(await other.getByText('Metropolis').count()).toBe(0)
})

test.each([
  ['a draft', { status: 'draft' }, /Not found/, false],
  ['a sale with a planned end', { availableUntil: '2999-01-02T00:00:00.000Z' }, /On sale until January \d, 2999/, true],
  ['a sale that has ended', { availableUntil: '2020-01-02T00:00:00.000Z' }, /It was on sale until January \d, 2020/, false],
  ['a film that is released later', { availableFrom: '2999-01-02T00:00:00.000Z' }, /Available from January \d, 2999/, true],
] satisfies [string, Partial<EntityInput>, RegExp, boolean][])('availability: %s', async (name, fields, text, canBeBought) => {
  const id = name.replaceAll(' ', '-')
  const { admin } = await stack().client('root', { admin: true })
  await admin.entities.put.mutate({ id, type: 'video', title: 'Window', ...fields })
  await admin.products.offers.put.mutate({ id: seedIds.thirtyDayProduct, entityId: id })
  const { page } = await open(`/e/${id}`)
  await page.getByText(text).first().waitFor()
  expect(await page.getByRole('link', { name: /Sign in to buy/ }).count()).toBe(canBeBought ? 1 : 0)
  await checkPage(page, `availability-${id}`)
})

test.each(['unknown', 'chan_01m85eetz6e8qthwtvbkbtp85f', '..%2F', 'a%20b'])('a URL without a page: %s', async (id) => {
  const { page, errors } = await open(`/e/${id}`)
  await page
    .getByText(/Not found|Page not found/)
    .first()
    .waitFor()
  expect(errors).toEqual([])
})

test('right-to-left catalog pages do not scroll sideways', async () => {
  const { page } = await open('/?q=reel', 'phone-small', async (page) => {
    await serveImages(page)
    await page.addInitScript("addEventListener('DOMContentLoaded', () => { document.documentElement.dir = 'rtl' })")
  })
  await films(page).first().waitFor()
  await checkPage(page, 'catalog-rtl')
  expect(await page.evaluate('scrollTo(-9999, 0), scrollX')).toBe(0)
})
