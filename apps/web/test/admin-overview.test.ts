import { readFileSync } from 'node:fs'
import { waitFor } from '@pay-to-view/devstack/wait'
import { addDays } from '@pay-to-view/purchase'
import { checkPage } from '@pay-to-view/testing/browser'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { useStorefront } from './storefront.ts'

const { stack, buyFilm, openAsAdmin } = useStorefront(useStack({ web: true, workerEnvironment: { RECONCILE_EVERY: '2' } }))

const productId = 'overview-film'
const timezone = 'America/New_York'

/** The date in New York, `offset` days from today. */
const day = (offset: number): string =>
  addDays(new Intl.DateTimeFormat('sv-SE', { timeZone: timezone }).format(Date.now()), offset)

const month = () => ({ from: day(-29), to: day(1), timezone })

const admin = async () => (await stack().client('root', { admin: true })).admin

const sell = async (currency: 'usd' | 'eur', promotionCode?: string): Promise<string> => {
  const client = await stack().client(stack().newUser())
  const created = await client.purchases.create.mutate({
    ...{ payToViewProductId: productId, entityId: seedIds.film, returnUrl: 'https://yoursite.com/', currency },
    ...(promotionCode && { promotionCode }),
  })
  if (!created.success) throw new Error(`create returned no checkout: ${JSON.stringify(created)}`)
  await stack().pay(created.clientSecret.split('_secret_')[0] ?? '', { card: '4242424242424242', country: 'DE' })
  await stack().waitForStatus(client, created.purchaseId, 'Completed')
  return created.purchaseId
}

/** Whether all sales have fees, which are read from Stripe after the sale. */
const hasFees = async (): Promise<boolean> => {
  const { totals } = await (await admin()).reports.sales.query({ ...month(), groupBy: 'currency' })
  return totals.every(({ gross, discount, refunded, fees, net }) => fees > 0 && gross - discount - refunded - fees === net)
}

beforeAll(async () => {
  const { products, purchases } = await admin()
  const prices = [
    { currency: 'usd', amount: 999 },
    { currency: 'eur', amount: 899 },
  ]
  await products.put.mutate({ id: productId, name: 'Film to keep', prices, allowPromotionCodes: true, accessDurationDays: null })
  await products.offers.add.mutate({ id: productId, entityIds: [seedIds.film] })
  await stack().emulator('promotion_codes', { code: 'HALF', percent_off: '50' })
  const [first = ''] = [await sell('usd'), await sell('usd', 'HALF'), await sell('eur')]
  const { client } = await buyFilm({ user: 'of-another-product' })
  const unpaid = { payToViewProductId: productId, entityId: seedIds.film, returnUrl: 'https://yoursite.com/' }
  expect(await (await stack().client(stack().newUser())).purchases.create.mutate(unpaid)).toMatchObject({ success: true })
  await client.access.playback.start.mutate({ entityId: seedIds.film })
  await purchases.refund.mutate({ id: first, amount: 100 })
  await waitFor('the fees', async () => (await hasFees()) || null, { timeoutMs: 60_000 })
  // Adds a sale to the preceding period.
  await stack().query(
    `insert into sales_entries (purchase_id, kind, subject_id, at, currency, entity_id, product_id, count, subtotal, discount, tax, amount, fee, net)
     select purchase_id, kind, subject_id, at - interval '35 days', currency, entity_id, product_id, count, 1000, 0, 0, 1000, 0, 0
     from sales_entries where purchase_id = $1 and kind = 'purchase'`,
    [first],
  )
}, 180_000)

/** Returns the figures on the page, with their changes since the preceding period. */
const shownFigures = async (page: Page): Promise<Record<string, { value: string; change: string }>> => {
  const shown: Record<string, { value: string; change: string }> = {}
  for (const field of await page.locator('dl.fields > div').all()) {
    const change = field.locator('small')
    shown[(await field.locator('dt').textContent()) ?? ''] = {
      value: (await field.locator('strong').textContent()) ?? '',
      change: (await change.count()) > 0 ? ((await change.textContent()) ?? '') : '',
    }
  }
  return shown
}

const money = (amount: number, currency: string): string =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount / 100)

/** Returns the figures that the page must show, based on the API's report. */
const expectedFigures = async (currency: string) => {
  const { totals } = await (await admin()).reports.sales.query({ ...month(), groupBy: 'currency' })
  const total = totals.find((row) => row.currency === currency)
  if (!total) throw new Error(`No sales in ${currency}`)
  const { gross, discount, tax, refunded, disputed, fees, net, purchases, refunds, checkouts, paidCheckouts } = total
  const amounts = {
    Gross: gross,
    Discounts: discount,
    Tax: tax,
    Refunds: refunded,
    Disputes: disputed,
    'Stripe fees': fees,
    Net: net,
  }
  return {
    ...Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, { value: money(amount, currency) }])),
    Purchases: { value: String(purchases) },
    'Refund rate': { value: `${Math.round((refunds / purchases) * 1_000) / 10}%` },
    Conversion: { value: `${Math.round(((paidCheckouts ?? 0) / (checkouts ?? 0)) * 1_000) / 10}%` },
    'Average price': { value: money(Math.round((gross - discount) / purchases), currency) },
  }
}

test("the overview shows the API's figures per currency, compared with the preceding period, as plots, tables and CSV", async () => {
  const { page, errors } = await openAsAdmin('/admin')
  const navigation = page.getByRole('navigation', { name: 'Back office' })
  expect(await navigation.getByRole('link').first().textContent()).toBe('Overview')
  await page.getByRole('combobox', { name: 'Time zone' }).selectOption(timezone)
  await page.waitForURL(/\/admin\/?\?timezone=America%2FNew_York$/)
  await page.getByRole('heading', { name: 'Sales in USD' }).waitFor()
  await page.locator('.plot canvas').nth(2).waitFor()
  await page.getByRole('rowheader', { name: 'Germany' }).waitFor()
  const shown = await shownFigures(page)
  expect(shown).toMatchObject(await expectedFigures('usd'))
  expect(shown.Purchases?.change).toBe('200% more (2) compared with the previous period')
  expect(shown.Discounts?.change).toBe('Up from $0.00 in the previous period')
  expect(shown['Refund rate']?.change).toMatch(/^\d\d\.\d percentage points higher compared/)
  expect(shown.Conversion?.value).toBe('75%')
  expect(shown.Tax?.change).toBe('Unchanged compared with the previous period')
  await checkPage(page, 'overview-1')

  await page.getByText('Revenue as a table').click()
  const table = page.getByRole('region', { name: 'Revenue per day as a table' })
  expect(await table.getByRole('row').count()).toBe(31)
  const cells = table.getByRole('row').last().getByRole('cell')
  expect(await cells.allTextContents()).toEqual(['Gross', 'Discounts', 'Refunds', 'Net'].map((name) => shown[name]?.value))
  await page.getByText('Purchases as a table').click()
  expect(
    await page
      .getByRole('region', { name: 'Purchases per day as a table' })
      .getByRole('row')
      .last()
      .getByRole('cell')
      .allTextContents(),
  ).toEqual(['3', '1'])
  await page.getByText('Conversion as a table').click()
  expect(
    await page
      .getByRole('region', { name: 'Conversion per day as a table' })
      .getByRole('row')
      .last()
      .getByRole('cell')
      .allTextContents(),
  ).toEqual(['4', '3', '75%'])
  await page.getByRole('rowheader', { name: 'HALF' }).waitFor()
  await checkPage(page, 'overview-1-tables', ['landmark-unique'])
  await page.locator('.plot').first().hover()
  expect(await page.locator('.plot').first().locator('.u-series').first().locator('th').textContent()).toBe('Day')

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Transactions as CSV' }).click(),
  ])
  const lines = readFileSync(await download.path(), 'utf8')
    .trim()
    .split('\r\n')
  expect(lines.filter((line) => line.includes(',"purchase",'))).toHaveLength(4)

  await page.getByRole('link', { name: 'EUR' }).click()
  await page.getByRole('heading', { name: 'Sales in EUR' }).waitFor()
  expect(await shownFigures(page)).toMatchObject(await expectedFigures('eur'))
  await page.reload()
  await page.getByRole('heading', { name: 'Sales in EUR' }).waitFor()

  await page.getByRole('region', { name: 'Top products' }).getByRole('link', { name: 'Film to keep' }).first().click()
  await page.getByText('Product: Film to keep').waitFor()
  await page.getByText(`Days and times in the time zone ${timezone}`).waitFor()
  expect(await page.getByLabel('Currency').inputValue()).toBe('eur')
  const results = page.getByRole('list', { name: 'Search results' })
  await results.getByText('Film to keep').first().waitFor()
  await expect.poll(() => results.getByRole('listitem').count()).toBe(1)
  const [{ createdAt } = { createdAt: '' }] = (await (await admin()).purchases.list.query({ currency: 'eur' })).items
  const format = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium', timeZone: timezone })
  await results.getByText(format.format(new Date(createdAt))).waitFor()
  await checkPage(page, 'overview-2-purchases')
  const follow = async (table: string, name: string, count: number) => {
    await page.goto(`${stack().stack.web}/admin?timezone=${timezone}&currency=usd`)
    await page.getByRole('region', { name: table }).getByRole('link', { name, exact: true }).click()
    await results.getByText('Film to keep').first().waitFor()
    await expect.poll(() => results.getByRole('listitem').count()).toBe(count)
  }
  await follow('Promotion codes', 'HALF', 1)
  await follow('Countries', 'Germany', 2)
  // One of these three purchases is unpaid.
  await follow('Top products', 'Film to keep', 3)
  expect(errors).toEqual([])
})

test('the period is in the URL, a year is shown by month, and an empty period is explained', async () => {
  const { page, errors } = await openAsAdmin('/admin', 'phone-dark')
  const period = page.getByRole('combobox', { name: 'Period' })
  await period.selectOption('Last 365 days')
  await page.waitForURL(/\/admin\/?\?period=year$/)
  await page.getByRole('heading', { name: 'Revenue per month' }).waitFor()
  await page.getByRole('link', { name: 'USD' }).waitFor()
  await page.getByText('Revenue as a table').click()
  await page.locator('.plot canvas').nth(1).waitFor()
  // The legend shows values only while the pointer is over the plot, so the row for the time is hidden.
  expect(await page.locator('.plot').first().locator('.u-series').first().isVisible()).toBe(false)
  expect(await page.locator('.plot').first().locator('.u-series').nth(1).isVisible()).toBe(true)
  await checkPage(page, 'overview-3-year')
  await period.selectOption('Today')
  await page.getByText('The last day is incomplete.').waitFor()
  await page.getByRole('heading', { name: 'Revenue per hour' }).waitFor()
  await page.locator('.plot canvas').nth(1).waitFor()
  await checkPage(page, 'overview-4-today')

  await page.getByRole('combobox', { name: 'Time zone' }).selectOption(timezone)
  await period.selectOption('Custom')
  await page.getByLabel('First day').fill(day(-37))
  await page.getByLabel('Last day').fill(day(-33))
  await page.getByRole('button', { name: 'Show' }).click()
  await page.waitForURL((url) => url.search.includes(`from=${day(-37)}&to=${day(-33)}`))
  await expect.poll(async () => (await shownFigures(page)).Gross?.value).toBe('$10.00')
  expect((await shownFigures(page)).Purchases).toEqual({ value: '1', change: 'Up from 0 in the previous period' })
  await page.reload()
  await expect.poll(async () => (await shownFigures(page)).Gross?.value).toBe('$10.00')
  await checkPage(page, 'overview-5-custom')

  await page.getByLabel('First day').fill('2024-01-01')
  await page.getByLabel('Last day').fill('2024-01-01')
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByText('Nothing was sold, refunded or disputed in this period.').waitFor()
  await checkPage(page, 'overview-6-empty')
  expect(errors).toEqual([])
})

test("a title's page shows its sales and plays, in the period and currency of the overview", async () => {
  const { page, errors } = await openAsAdmin(`/admin?period=7&timezone=${timezone}&currency=eur`, 'phone-small')
  await page
    .getByRole('link', { name: /^Figures for / })
    .first()
    .click()
  await page.getByRole('heading', { level: 1, name: /^Sales of / }).waitFor()
  await page.getByRole('heading', { name: 'Sales in EUR' }).waitFor()
  expect(await page.getByRole('combobox', { name: 'Period' }).inputValue()).toBe('7')
  expect(await page.getByRole('combobox', { name: 'Time zone' }).inputValue()).toBe(timezone)
  await page.getByText(/^Played 1 time by 1 viewer/).waitFor()
  await page.locator('.plot canvas').nth(3).waitFor()
  await page.getByText('Plays as a table').click()
  expect(
    await page.getByRole('region', { name: 'Plays per day as a table' }).getByRole('row').last().getByRole('cell').textContent(),
  ).toBe('1')
  await page.getByRole('region', { name: 'Top products' }).getByRole('link', { name: 'Film to keep' }).waitFor()
  expect(await page.getByRole('heading', { name: 'Top titles' }).count()).toBe(0)
  await checkPage(page, 'overview-8-title', ['landmark-unique'])
  await page.goto(`${stack().stack.web}/admin/sales/vid_00000000000000000000000000`)
  await page.getByRole('heading', { name: 'Title not found' }).waitFor()
  expect(await page.getByRole('heading', { name: /^Sales of/ }).count()).toBe(0)
  expect(errors).toEqual([])
})

test('payouts are listed with their contents and differences, and can be exported as CSV', async () => {
  expect(await stack().emulator('payouts', { includesPending: true })).toBe(200)
  const items = await waitFor(
    'the payouts to be read',
    async () => {
      const { items } = await (await admin()).reports.payouts.query({})
      return items.length === 2 && items.every(({ isRead }) => isRead) ? items : null
    },
    { timeoutMs: 60_000 },
  )
  const { page, errors } = await openAsAdmin(`/admin?timezone=${timezone}`)
  await page.getByRole('link', { name: 'Payouts' }).click()
  for (const { id, amount, currency, difference, refunds } of items) {
    const row = page.getByRole('row').filter({ hasText: id })
    await row.getByText(money(amount, currency)).first().waitFor()
    expect(difference).toBe(0)
    expect(await row.getByRole('cell').nth(1).textContent()).toBe(money(0, currency))
    expect(await row.getByRole('cell').nth(5).textContent()).toBe(`${money(0 - refunds.amount, currency)}${refunds.count}`)
  }
  expect(items.some(({ refunds }) => refunds.amount > 0)).toBe(true)
  await checkPage(page, 'overview-7-payouts')
  const ownSize = page.viewportSize()
  await page.setViewportSize({ width: 390, height: 844 })
  const button = await page.getByRole('button', { name: 'CSV' }).first().boundingBox()
  expect((button?.x ?? 390) + (button?.width ?? 0)).toBeLessThan(390)
  if (ownSize) await page.setViewportSize(ownSize)
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).first().click()])
  const charges = readFileSync(await download.path(), 'utf8')
    .split('\r\n')
    .filter((line) => line.includes(',"charge",'))
  expect(charges).toHaveLength(items[0]?.purchases.count ?? 0)
  const [date, time] = z.array(z.string()).parse(JSON.parse(`[${charges[0]?.split(',').slice(0, 2)}]`))
  const local = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'medium' })
  expect(date).toBe(local.format(Date.parse(time ?? '')))
  expect(errors).toEqual([])
})
