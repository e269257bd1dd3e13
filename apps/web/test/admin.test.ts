import { readFileSync } from 'node:fs'
import { checkPage, signIn } from '@pay-to-view/testing/browser'
import { seedIds } from '@pay-to-view/testing/stack'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { useStorefront } from './storefront.ts'

const { stack, open, buyFilm, openAs, openAsAdmin } = useStorefront()

const focusedElement = (page: Page) => page.locator(':focus')

/** Clicks the export button, and returns the CSV file's header and rows. */
const exportCsv = async (page: Page) => {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export as CSV' }).click(),
  ])
  const [header, ...rows] = readFileSync(await download.path(), 'utf8')
    .trimEnd()
    .split('\r\n')
  return { header, rows }
}

test('stuck items are listed', async () => {
  const { query } = stack()
  const { purchaseId } = await buyFilm()
  await query(
    `insert into stripe_events (id, type, created_at, object_id, livemode, outcome, purchase_id, parsed, applied_at, source)
     values ($2, 'charge.refunded', now(), 'ch_1', false, 'matched', $1, '{}', now(), 'reconcile')`,
    [purchaseId, 'evt_missed'],
  )
  const { page } = await openAsAdmin('/admin/attention')
  await page.getByText("Payments that don't match their quote").waitFor()
  const missedEvents = page.getByRole('region', { name: 'Events without a webhook (last 24 hours)' })
  await missedEvents.getByText('evt_missed').waitFor()
  expect(await missedEvents.getByRole('link', { name: purchaseId }).count()).toBe(1)
  await checkPage(page, 'admin-6-stuck')
})

test.each([
  ['from=20266-01-01', 'date'],
  ['from=2026-02-31', 'date'],
  ['to=tomorrow', 'date'],
  ['status=Paid', 'status'],
  ['country=D1', 'two-letter code'],
  ['country=Germany', 'two-letter code'],
  ['currency=xyz', 'currency'],
  ['from=2026-03-02&to=2026-03-01', 'purchase can match'],
])('an unreadable filter (%s) lists and exports nothing', async (search, reason) => {
  await buyFilm()
  const { page } = await openAsAdmin(`/admin/purchases?${search}`)
  await page.getByRole('alert').getByText('The filter is invalid').waitFor()
  await page.getByText(new RegExp(`(no|not a) (valid )?${reason}`)).waitFor()
  expect(await page.getByRole('list', { name: 'Search results' }).count()).toBe(0)
  const requests: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  await page.getByRole('button', { name: 'Export as CSV' }).click()
  await page.locator('.error-text').getByText(reason).waitFor()
  expect(requests.filter((url) => url.includes('purchases'))).toEqual([])
  await checkPage(page, 'admin-unreadable-filter')
})

test('users are found by the beginning of their id, and wildcards are taken literally', async () => {
  for (const user of ['prefix_one', 'prefix_two', 'prefixXthree']) await buyFilm({ user })
  const { page } = await openAsAdmin('/admin/purchases')
  await page.getByLabel('User').fill('prefix_')
  await page.getByLabel('User').press('Enter')
  await page.getByRole('link', { name: 'prefixXthree · Nosferatu' }).waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'prefix_one · Nosferatu' }).waitFor()
  await page.getByRole('link', { name: 'prefix_two · Nosferatu' }).waitFor()
  expect(await page.getByRole('list', { name: 'Search results' }).getByRole('listitem').count()).toBe(2)
  const { rows } = await exportCsv(page)
  expect(rows).toHaveLength(2)
})

test('search results are exported as CSV without formulas, for admins only', async () => {
  const { purchaseId } = await buyFilm({ user: '=HYPERLINK("http://evil.example","x")' })
  const { page } = await openAsAdmin('/admin/purchases')
  const { header, rows } = await exportCsv(page)
  expect(header).toMatch(/^\uFEFF"purchaseId","status","user",/)
  const row = rows.find((line) => line.startsWith(`"${purchaseId}"`))
  expect(row).toContain(`,"Completed","'=HYPERLINK(""http://evil.example"",""x"")","${seedIds.film}","Nosferatu",`)
  const url = `${stack().stack.api}/admin/v1/pay-to-view/purchases.csv`
  expect((await fetch(url)).status).toBe(401)
})

test('the form fields determine what is searched and exported, and can be cleared', async () => {
  const { purchaseId } = await buyFilm({ user: 'searched' })
  await buyFilm({ user: 'another' })
  const { page } = await openAsAdmin('/admin/purchases')
  const user = page.getByLabel('User')
  await user.fill('searched')
  const { rows } = await exportCsv(page)
  expect(rows.map((row) => row.split(',')[0])).toEqual([`"${purchaseId}"`])
  await user.press('Enter')
  await page.getByRole('link', { name: 'another · Nosferatu' }).waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'searched · Nosferatu' }).waitFor()
  await user.and(focusedElement(page)).waitFor()
  await page.goBack()
  await page.getByRole('link', { name: 'another · Nosferatu' }).waitFor()
  expect(await user.inputValue()).toBe('')
  await user.fill('draft')
  await page.getByRole('button', { name: 'Clear' }).click()
  expect(await user.inputValue()).toBe('')
})

test('a user without the admin role sees no link to the back office and cannot use it', async () => {
  const { page } = await openAs('not-an-admin', '/admin')
  await page.getByText('Admins only').waitFor()
  expect(await page.getByRole('link', { name: 'Back office' }).count()).toBe(0)
  await checkPage(page, 'admin-no-access')
})

test('a signed-out admin who opens the URL of a purchase gets to the purchase after signing in', async () => {
  const { purchaseId } = await buyFilm({ user: 'linked-to' })
  const { page } = await open(`/admin/purchases/${purchaseId}`)
  await page.getByRole('link', { name: 'Sign in as an admin' }).click()
  await signIn(page, 'root', { admin: true })
  await page.getByRole('heading', { name: 'linked-to · Nosferatu' }).waitFor()
})
