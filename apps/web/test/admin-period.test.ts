import { checkPage } from '@pay-to-view/testing/browser'
import { expect, test } from 'vitest'
import { useStorefront } from './storefront.ts'

const { stack, buyFilm, openAsAdmin } = useStorefront()

test('an invalid period is explained next to its field, and the form keeps its values', async () => {
  await buyFilm()
  const { page, errors } = await openAsAdmin('/admin?from=2026-09-01&to=2026-09-02')
  const [first, last] = [page.getByLabel('First day'), page.getByLabel('Last day')]
  await first.fill('2026-10-01')
  await last.fill('2026-09-01')
  await last.press('Enter')
  await page.getByText('The last day must not be before the first day, Oct 1, 2026.').waitFor()
  expect([await first.inputValue(), await last.inputValue()]).toEqual(['2026-10-01', '2026-09-01'])
  await last.and(page.locator(':focus')).waitFor()
  expect(await last.getAttribute('aria-invalid')).toBe('true')
  await checkPage(page, 'overview-9-invalid')
  await first.fill('2010-10-01')
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByText('Enter a period of at most 3,660 days.').waitFor()
  expect(await first.inputValue()).toBe('2010-10-01')
  const open = (query: string) => page.goto(`${stack().stack.web}/admin/overview?${query}`)
  await open('from=2026-02-31&to=2026-03-01')
  await page.getByText('Enter a date from the years 2000 to 2998.').waitFor()
  await open('period=500')
  await page.getByText('There is no period “500”. The periods in days are 1, 7, 30, 90, 365.').waitFor()
  await page.getByRole('combobox', { name: 'Period' }).selectOption('Last 30 days')
  await page.getByRole('heading', { name: 'Sales in USD' }).waitFor()
  await open('period=365&currency=gbp')
  await page.getByRole('heading', { name: 'Revenue per month' }).waitFor()
  await page.getByText('There are no sales in GBP in this period. These are the sales in USD.').waitFor()
  await open('from=2998-01-01&to=2998-01-02')
  await page.getByText('The period has not started yet.').waitFor()
  expect(errors).toEqual([])
})
