import { checkPage, fillCard } from '@pay-to-view/testing/browser'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { beforeAll, expect, test } from 'vitest'
import { useStorefront } from './storefront.ts'

const { stack, openAs, openAsAdmin } = useStorefront(
  useStack({ web: true, environment: { AUTOMATIC_TAX: 'on', INVOICES: 'on' } }),
)

/** Offers the film for 10 euros with each tax behavior. The buyers are in Germany, for which the emulator's tax rate is 19%. */
beforeAll(async () => {
  await stack().emulator('tax', { registrations: ['DE'] })
  await stack().emulator('settings', { country: 'DE' })
  await stack().emulator('promotion_codes', { code: 'TEN', percent_off: '10' })
  const { products } = (await stack().client('root', { admin: true })).admin
  for (const taxBehavior of ['exclusive', 'inclusive'] as const) {
    const prices = [{ amount: 1_000, currency: 'eur' }]
    const { id } = await products.put.mutate({
      id: taxBehavior,
      name: `Price with ${taxBehavior} tax`,
      prices,
      taxBehavior,
      allowPromotionCodes: true,
    })
    await products.offers.put.mutate({ id, entityId: seedIds.film })
  }
})

/** Waits for the invoice, which is read from Stripe after access has been granted. */
const waitForInvoice = async (user: string) => {
  const client = await stack().client(user)
  await expect
    .poll(async () => (await client.purchases.list.query({})).items[0]?.invoiceUrl, { timeout: 20_000 })
    .toMatch(/^http/)
}

test('exclusive tax is added to the price, with receipt, invoice and refund', async () => {
  const user = stack().newUser()
  const { page, errors } = await openAs(user, `/e/${seedIds.film}?code=TEN`)
  await page.getByText('plus tax').waitFor()
  await page.getByText('incl. tax').waitFor()
  await checkPage(page, 'tax-1-film')
  await page.getByRole('button', { name: 'Buy Price with exclusive tax' }).click()
  await page.frameLocator('iframe').getByText('10.71 EUR').first().waitFor()
  await page.frameLocator('iframe').getByLabel('Email').fill('buyer@example.com')
  await checkPage(page, 'tax-2-checkout')
  await fillCard(page, '4242424242424242')
  await page.waitForURL(`**/watch/${seedIds.film}`)
  await waitForInvoice(user)
  await page.getByRole('link', { name: 'My purchases' }).click()
  await page.getByText('€10.71').waitFor()
  await page.getByRole('link', { name: 'Invoice' }).waitFor()
  await checkPage(page, 'tax-3-history')
  await page.getByRole('link', { name: 'Details and receipt' }).click()
  for (const line of ['€10.00', '−€1.00', '€1.71']) await page.getByText(line, { exact: true }).waitFor()
  await page.getByText(/^€10\.71, /).waitFor()
  await checkPage(page, 'tax-4-receipt')
  const pdf = await page.getByRole('link', { name: 'Download PDF' }).getAttribute('href')
  expect((await fetch(pdf ?? '')).headers.get('content-type')).toContain('application/pdf')
  const invoicePage = page.context().waitForEvent('page')
  await page.getByRole('link', { name: 'View invoice' }).click()
  await (await invoicePage)
    .getByText(/10\.71/)
    .first()
    .waitFor()

  const [purchase] = (await (await stack().client(user)).purchases.list.query({})).items
  const { page: admin } = await openAsAdmin(`/admin/purchases/${purchase?.purchaseId}`)
  await admin.getByText('Germany').waitFor()
  for (const line of ['−€1.00', '€1.71', '€10.71']) await admin.getByRole('definition').getByText(line, { exact: true }).waitFor()
  expect(await admin.getByRole('link', { name: 'View invoice' }).count()).toBe(1)
  await checkPage(admin, 'tax-5-admin')
  await admin.getByLabel('Amount in EUR').fill('5.00')
  await admin.getByRole('button', { name: 'Refund…' }).click()
  await admin.getByRole('button', { name: 'Refund €5.00' }).click()
  await admin.getByText('Refunded: €5.00.').waitFor()
  await admin.getByRole('button', { name: 'Refund…' }).click()
  await admin.getByRole('button', { name: 'Refund €5.71' }).click()
  await admin.getByText('Completed → Refunded').waitFor()
  await page.reload()
  await page.getByText('€10.71', { exact: true }).waitFor()
  await checkPage(page, 'tax-6-receipt-refunded')
  expect(errors).toEqual([])
}, 120_000)

test('inclusive tax is part of the price, and the receipt shows its amount', async () => {
  const user = stack().newUser()
  const { page } = await openAs(user, `/e/${seedIds.film}`)
  await page.getByRole('button', { name: 'Buy Price with inclusive tax' }).click()
  await page.frameLocator('iframe').getByText('10.00 EUR').first().waitFor()
  await page.frameLocator('iframe').getByLabel('Email').fill('buyer@example.com')
  await fillCard(page, '4242424242424242')
  await page.waitForURL(`**/watch/${seedIds.film}`)
  await page.getByRole('link', { name: 'My purchases' }).click()
  await page.getByRole('link', { name: 'Details and receipt' }).click()
  await page.getByText('Included tax').waitFor()
  await page.getByText('€1.60', { exact: true }).waitFor()
  await page.getByText(/^€10\.00, /).waitFor()
  expect(await page.getByText('Subtotal').count()).toBe(0)
  await checkPage(page, 'tax-7-receipt-inclusive')
})

test('a free order has an invoice and no tax', async () => {
  await stack().emulator('promotion_codes', { code: 'ALL', percent_off: '100' })
  const { page } = await openAs(stack().newUser(), `/e/${seedIds.film}?code=ALL`)
  await page.getByRole('button', { name: 'Buy Price with exclusive tax' }).click()
  const form = page.frameLocator('iframe')
  await form.getByLabel('Email').fill('buyer@example.com')
  await form.getByRole('button', { name: 'Complete order' }).click()
  await page.waitForURL(`**/watch/${seedIds.film}`)
  await page.getByRole('link', { name: 'My purchases' }).click()
  await page.getByRole('link', { name: 'Details and receipt' }).click()
  await page.getByText('Free', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'View invoice' }).waitFor()
  expect(await page.getByText(/\b(null|undefined|NaN)\b/).count()).toBe(0)
  await checkPage(page, 'tax-8-receipt-free')
})
