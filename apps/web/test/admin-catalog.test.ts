import { checkPage } from '@pay-to-view/testing/browser'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { addLargeCatalog, ids, imageUrl, serveImages } from './large-catalog.ts'
import { useStorefront } from './storefront.ts'

const { stack, buyFilm, openAsAdmin } = useStorefront(useStack({ web: true }))

beforeAll(() => addLargeCatalog(stack()), 60_000)

const adminClient = async () => (await stack().client('root', { admin: true })).admin

const openCatalog = async (path: string) => {
  const opened = await openAsAdmin(path)
  await serveImages(opened.page)
  return opened
}

const focused = (page: Page) => page.locator(':focus')
const titles = (page: Page) => page.getByRole('list', { name: 'Titles' }).getByRole('listitem')
const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true })

test('a title is created with all its fields, edited, offered, archived and deleted', async () => {
  const { page, errors } = await openCatalog('/admin/new-title')
  const id = 'film:new'
  await page.getByRole('textbox', { name: 'ID', exact: true }).fill(seedIds.film)
  await page.getByLabel('Duration').fill('94')
  await save(page).click()
  await page.getByRole('alert').getByText('Correct these fields: Title, Duration').waitFor()
  await page.getByLabel('Title', { exact: true }).fill('Sunrise')
  await page.getByLabel('Duration').fill('1:34:00')
  await page.getByLabel('Image URL').fill('ftp://images.example/1.svg')
  await save(page).click()
  await page.getByText('This ID is taken').waitFor()
  await page.getByRole('textbox', { name: 'ID', exact: true }).fill(id)
  await save(page).click()
  await page.getByText('Expected an absolute URL that begins with https://').waitFor()
  await checkPage(page, 'admin-title-errors')
  await page.getByLabel('Image URL').fill(imageUrl(2))
  await page.getByText("The image can't be loaded").waitFor()
  await page.getByLabel('Image URL').fill(imageUrl(5))
  await page.getByRole('img', { name: 'Preview' }).waitFor()
  await page.getByLabel('Description').fill('A song of two humans.')
  await page.getByLabel('On sale until').fill('2999-12-31T23:59')
  await page.getByRole('button', { name: 'Add to a channel or bundle' }).click()
  await focused(page).fill('watch season')
  await page.getByRole('button', { name: 'Add to The Long Watch, season 1' }).click()
  await page.getByLabel('Position in The Long Watch, season 1').fill('7')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByLabel('Provider').selectOption('CloudFront')
  const path = page.getByLabel('Path')
  await save(page).click()
  await page.getByRole('alert').getByText('Correct these fields: Path.').waitFor()
  await path.and(focused(page)).fill('film with spaces.mp4')
  await save(page).click()
  await page.getByText('Expected a path without spaces').waitFor()
  await page.getByRole('alert').getByText('Correct these fields: Path.').waitFor()
  await path.and(focused(page)).waitFor()
  expect(await path.getAttribute('aria-invalid')).toBe('true')
  await page.getByLabel('Provider').selectOption('Mux')
  await page.getByLabel('Playback ID').fill('abc')
  await page.getByRole('button', { name: 'Add metadata' }).click()
  await page.getByLabel('Key 1').fill('director')
  await page.getByLabel('Value 1').fill('F. W. Murnau')
  await checkPage(page, 'admin-title-form')
  // A double click creates only one entity.
  await save(page).dblclick()
  await page.getByRole('heading', { level: 1, name: 'Sunrise' }).waitFor()
  const { entities } = await adminClient()
  const { availableUntil, ...stored } = await entities.get.query({ id })
  expect(availableUntil).toMatch(/^2999-12-31|^3000-01-01/)
  expect(stored).toEqual({
    ...{ id, type: 'video', title: 'Sunrise', description: 'A song of two humans.', imageUrl: imageUrl(5) },
    ...{ durationSeconds: 5_640, status: 'published', availableFrom: null, memberOf: [{ id: ids.season, position: 7 }] },
    ...{ playback: { provider: 'mux', playbackId: 'abc' }, metadata: { director: 'F. W. Murnau' } },
  })

  await page.getByRole('button', { name: 'Add a product' }).click()
  await page.getByLabel('Search products by name or ID').fill('30 DAYS')
  await page.getByRole('button', { name: 'Add Film, 30 days' }).click()
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByLabel('Provider').selectOption('None: your site plays the film itself')
  await save(page).click()
  await page.getByText('Saved.').and(focused(page)).waitFor()
  await page.getByRole('heading', { name: 'Latest changes' }).waitFor()
  await checkPage(page, 'admin-title')

  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Remove… Film, 30 days' }).click()
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await page.getByText("No product is offered for this title, so it can't be bought.").waitFor()
  await page.getByRole('button', { name: 'Archive…' }).click()
  await dialog.getByText('Users who bought it keep their access.').waitFor()
  await checkPage(page, 'admin-title-archive')
  await dialog.getByRole('button', { name: 'Archive' }).click()
  await page.getByText('It is archived.').waitFor()
  expect((await entities.get.query({ id })).memberOf).toEqual([{ id: ids.season, position: 7 }])
  await page.getByRole('button', { name: 'Publish again' }).click()
  await page.getByRole('button', { name: 'Delete…' }).click()
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('heading', { level: 1, name: 'Catalog' }).waitFor()
  await expect(entities.get.query({ id })).rejects.toThrow('Entity not found')
  expect(errors).toEqual([])
})

test('a title that was sold cannot be deleted, and its page explains why', async () => {
  await buyFilm()
  const { page } = await openCatalog(`/admin/entities/${seedIds.film}`)
  await page.getByRole('button', { name: 'Delete…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await dialog.getByText('or a checkout was started. Archive it instead').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await page.getByLabel('Type').selectOption('Channel')
  await save(page).click()
  await page.getByText('Expected video: the type of an entity cannot change').waitFor()
})

test('the server searches, filters and pages the catalog', async () => {
  const { page, errors } = await openCatalog('/admin/entities?type=video')
  await titles(page).nth(49).waitFor()
  expect(await titles(page).count()).toBe(50)
  await page.getByRole('button', { name: 'Show more titles' }).click()
  await titles(page).nth(99).waitFor()
  await page.goto(`${stack().stack.web}/admin/entities`)
  await page.getByLabel('Search by title or ID').fill('reel 29')
  await page.getByText('11 titles').waitFor()
  await page.getByRole('link', { name: 'Reel 299' }).waitFor()
  await checkPage(page, 'admin-catalog')
  await page.getByLabel('Search by title or ID').fill('reel-123')
  await page.getByRole('link', { name: 'Reel 123' }).waitFor()
  await page.getByLabel('Search by title or ID').fill('')
  await page.getByLabel('Status').selectOption('archived')
  await page.getByText('No titles').waitFor()
  await page.getByLabel('Status').selectOption('Any')
  await page.getByRole('button', { name: 'Only members of…' }).click()
  await focused(page).fill(ids.season)
  await page.getByRole('button', { name: 'Only members of The Long Watch, season 1' }).click()
  await page.waitForURL('**/admin/entities?memberOf=season.1')
  await page.getByText('Members of The Long Watch, season 1').waitFor()
  expect(await titles(page).first().textContent()).toContain('Episode 1')
  await titles(page).first().getByRole('link').click()
  await page.getByRole('heading', { level: 1, name: 'Episode 1' }).waitFor()
  await page.goBack()
  await page.getByText('Members of The Long Watch, season 1').waitFor()
  expect(errors).toEqual([])
})

test('a product is created, priced, offered with the search and withdrawn, and the storefront shows each change', async () => {
  const { page, errors } = await openCatalog('/admin/products')
  const name = 'Matinee'
  await page.getByRole('link', { name: 'New product' }).click()
  await page.getByLabel('Name').fill(name)
  for (const [price, currency, message] of [
    ['free', 'USD', 'Enter a price such as 4.99'],
    ['1,250', 'KWD', 'Enter the price without a thousands separator'],
    ['1.250', 'KWD', 'Enter the price without a thousands separator'],
    ['0.10', 'USD', "Enter at least $0.50, Stripe's minimum"],
    ['1000000', 'USD', "Enter at most $999,999.99, Stripe's maximum"],
    ['3', 'IRR', 'Stripe cannot charge in IRR'],
  ] as const) {
    await page.getByLabel('Price').fill(price)
    await page.getByLabel('Currency').fill(currency)
    await save(page).click()
    await page.getByText(message).waitFor()
  }
  await page.getByLabel('Price').fill('2,50')
  await page.getByLabel('Currency').fill('usd')
  await page.getByRole('button', { name: 'Add a price' }).click()
  await page.getByLabel('Price 2').fill('2.30')
  await page.getByLabel('Currency 2').fill('eur')
  await page.getByLabel('Length of access').selectOption('A number of days')
  await page.getByLabel('Days after the payment').fill('2')
  await checkPage(page, 'admin-product-form')
  await save(page).dblclick()
  await page.getByRole('button', { name: 'Add a title' }).click()
  await page.getByText('The first 8 results. Enter more of the name to see others.').waitFor()
  for (const title of ['Nosferatu', 'Reel 7']) {
    await page.getByLabel('Search titles, or enter an ID').fill(title)
    await page.getByRole('button', { name: `Add ${title}`, exact: true }).click()
    await page.getByRole('button', { name: `Remove… ${title}`, exact: true }).waitFor()
  }
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('heading', { name: 'Offered for 2 titles' }).waitFor()
  expect(await page.getByText('Not on sale').count()).toBe(0)
  await page.getByRole('button', { name: 'Remove price 2' }).click()
  await page.getByLabel('Price').fill('3')
  await page.getByText('A new price applies to all 2 titles with this product.').waitFor()
  await checkPage(page, 'admin-product')
  await save(page).click()
  await page.getByText('Saved. Open checkouts keep their price.').waitFor()
  const offered = async () => {
    const { products } = await (await stack().client('any-user')).entities.get.query({ id: seedIds.film })
    return products
      .filter((product) => product.name === name)
      .map(({ prices, accessDurationDays }) => [prices, accessDurationDays])
  }
  expect(await offered()).toEqual([[[{ amount: 300, currency: 'usd' }], 2]])
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Remove… Reel 7' }).click()
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('heading', { name: 'Offered for 1 title', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Withdraw…' }).click()
  await dialog.getByText('Users who bought it keep their access.').waitFor()
  expect(await offered()).toHaveLength(1)
  await checkPage(page, 'admin-product-withdraw')
  await dialog.getByRole('button', { name: 'Withdraw' }).click()
  await page.getByRole('button', { name: 'Put on sale' }).waitFor()
  expect(await offered()).toEqual([])
  await page.getByRole('link', { name: 'Products', exact: true }).click()
  await page.getByLabel('Status').selectOption('withdrawn')
  await page.getByRole('link', { name }).waitFor()
  await page.getByRole('link', { name: 'Film, to keep' }).waitFor({ state: 'detached' })
  await checkPage(page, 'admin-products')
  expect(errors).toEqual([])
})

test('changing a shared price shows how many titles are affected, and the offers are shown page by page', async () => {
  const { page } = await openCatalog(`/admin/products/${seedIds.thirtyDayProduct}`)
  const { count } = await (await adminClient()).products.offers.count.query({ id: seedIds.thirtyDayProduct })
  expect(count).toBeGreaterThan(370)
  await page.getByRole('heading', { name: `Offered for ${count} titles` }).waitFor()
  expect(await titles(page).count()).toBe(20)
  await page.getByRole('button', { name: 'Show more titles' }).click()
  await titles(page).nth(39).waitFor()
  await page.getByLabel('Price 1').fill('5.99')
  await page.getByText(`A new price applies to all ${count} titles with this product.`).waitFor()
})

const csv = [
  'id;type;title;image_url;member_of;price_usd;access_days',
  'import-b;video;"Sunset; a film";https://images.example/3.svg;import-channel;4.99;30',
  'import-channel;channel;Imported channel;;;;',
  'reel-001;;Reel one;;;;',
  'reel-003;;;;;;',
  'bad id;video;Bad;;;;',
  'import-c;film;Unknown type;;;4,9999;',
].join('\r\n')

test('a CSV file is previewed and imported, and a second import changes nothing', async () => {
  const { page, errors } = await openCatalog('/admin/entities')
  await page.getByRole('link', { name: 'Import a file' }).click()
  const file = page.getByLabel('File')
  await file.setInputFiles({ name: 'notes.csv', mimeType: 'text/csv', buffer: Buffer.from('name,price\nx,1') })
  await page.getByRole('alert').getByText('Line 1: Unknown column "name"').waitFor()
  const text = `\uFEFF${csv}\r\n`.replace('Reel one', 'Reel one restored')
  await file.setInputFiles({ name: 'catalog.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
  await page.getByText('Preview of catalog.csv. Nothing has been changed yet.').waitFor()
  const count = (label: string) => page.locator('.fields div').filter({ hasText: label }).locator('dd').textContent()
  expect(await Promise.all(['To create', 'To update', 'Unchanged', 'Invalid'].map(count))).toEqual(['2', '1', '1', '2'])
  const problems = page.getByRole('region', { name: 'Rows to correct' })
  await problems.getByRole('row', { name: /^6 id Expected 1 to 128/ }).waitFor()
  await problems.getByRole('row', { name: /^7 type / }).waitFor()
  await problems.getByRole('row', { name: /^7 price_usd / }).waitFor()
  await checkPage(page, 'admin-import-preview')
  // On a phone, the message is on its own line.
  const message = await problems.getByRole('cell', { name: /^Expected 1 to 128/ }).boundingBox()
  expect(message?.width).toBeGreaterThan(200)
  const { entities } = await adminClient()
  expect((await entities.get.query({ id: 'reel-001' })).title).not.toBe('Reel one restored')
  await page.getByRole('button', { name: 'Import 3 rows' }).click()
  await page.getByText('Imported.').and(focused(page)).waitFor()
  await checkPage(page, 'admin-import-done')
  const [renamed, imported] = await Promise.all([entities.get.query({ id: 'reel-001' }), entities.get.query({ id: 'import-b' })])
  // Empty cells do not change the stored values.
  expect(renamed).toMatchObject({ title: 'Reel one restored', imageUrl: imageUrl(1), memberOf: [ids.bundle] })
  expect(imported).toMatchObject({ title: 'Sunset; a film', memberOf: ['import-channel'] })
  await page.getByRole('button', { name: 'Import another file' }).click()
  await page.getByLabel('File').setInputFiles({ name: 'catalog.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
  await page.getByText('Preview of catalog.csv.').waitFor()
  expect(await count('Unchanged')).toBe('4')
  expect(await page.getByRole('button', { name: /^Import \d/ }).count()).toBe(0)
  expect(errors).toEqual([])
})

test('an import in many batches recognizes channels created by earlier batches, shows its progress, and can be canceled', async () => {
  const { page } = await openCatalog('/admin/import')
  const rows = Array.from({ length: 1_200 }, (_, n) => `many-${n},video,Many ${n},many`)
  const buffer = Buffer.from(['id,type,title,member_of', ...rows, 'many,channel,Many,'].join('\n'))
  await page.getByLabel('File').setInputFiles({ name: 'many.csv', mimeType: 'text/csv', buffer })
  await page.getByRole('button', { name: 'Import 1,201 rows' }).waitFor()
  let batches = 0
  await page.route('**/trpc/admin.entities.importRows*', async (route) => {
    batches += 1
    // The channel and the first 500 films are imported; the next batch gets no response.
    if (batches <= 2) await route.continue()
  })
  await page.getByRole('button', { name: 'Import 1,201 rows' }).click()
  await page.getByText('501 of 1,201 rows').waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('Import canceled').waitFor()
  await page.unroute('**/trpc/admin.entities.importRows*')
  await page.getByRole('button', { name: 'Check the file again' }).click()
  await page.getByRole('button', { name: 'Import 700 rows' }).click()
  await page.getByText('Imported.').waitFor()
  const { items } = await (await adminClient()).entities.list.query({ memberOf: 'many', query: 'many 1199' })
  expect(items).toHaveLength(1)
})
