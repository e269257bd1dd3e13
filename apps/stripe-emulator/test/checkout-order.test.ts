import { describe, expect, test } from 'vitest'
import { screenshot, useBrowser } from './browser.ts'
import { filmItem, startTestEmulator } from './harness.ts'

const openPage = useBrowser()

const start = async () => {
  const emulator = await startTestEmulator({ termsUrl: 'https://shop.example/terms' })
  const { stripe } = emulator
  const { id: coupon } = await stripe.coupons.create({ percent_off: 25 })
  const { id: free } = await stripe.coupons.create({ percent_off: 100 })
  await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon }, code: 'SPRING', max_redemptions: 1 })
  await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: free }, code: 'FREE' })
  await stripe.tax.settings.update({ head_office: { address: { country: 'DE' } } })
  for (const country of ['DE', 'FR'])
    await stripe.tax.registrations.create({
      country,
      active_from: 'now',
      country_options: { [country.toLowerCase()]: { type: 'standard' } },
    })
  const success_url = `${emulator.emulator.url}/dashboard/{CHECKOUT_SESSION_ID}`
  const hosted = (params: Parameters<typeof stripe.checkout.sessions.create>[0]) =>
    stripe.checkout.sessions.create({ mode: 'payment', line_items: [filmItem], success_url, ...params })
  return { ...emulator, hosted, coupon }
}

const euroFilm = {
  quantity: 1,
  price_data: {
    currency: 'eur',
    unit_amount: 1000,
    tax_behavior: 'exclusive' as const,
    product_data: { name: 'Nosferatu', tax_code: 'txcd_10402000' },
  },
}

describe('the form', () => {
  test('applies and removes a typed code, and shows the totals; a wrong code shows an error next to the field', async () => {
    const { hosted, stripe } = await start()
    const session = await hosted({ allow_promotion_codes: true })
    const { page, errors } = await openPage(String(session.url), 'phoneDark')
    const code = page.getByLabel('Promotion code')
    await code.fill('WINTER')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByRole('alert').filter({ hasText: 'This code is invalid.' }).waitFor()
    expect(await page.getByLabel('Promotion code').getAttribute('aria-invalid')).toBe('true')
    await screenshot(page, 'code-invalid-phone')
    await page.getByLabel('Promotion code').fill('spring')
    await page.getByLabel('Promotion code').press('Enter')
    await page.getByRole('button', { name: 'Pay 3.74 USD' }).waitFor()
    expect(await page.locator('.totals').textContent()).toContain('SPRING (25% off)')
    await screenshot(page, 'code-applied-phone')
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('button', { name: 'Pay 4.99 USD' }).waitFor()
    await page.getByLabel('Promotion code').fill('SPRING')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByRole('button', { name: 'Pay 3.74 USD' }).waitFor()
    await page.getByLabel('Card number').fill('4242424242424242')
    await page.getByLabel('Expiry date').fill('12 / 34')
    await page.getByLabel('CVC').fill('123')
    await page.getByRole('button', { name: 'Pay 3.74 USD' }).click()
    await page.waitForURL(/\/dashboard\//)
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ amount_total: 374, payment_status: 'paid' })
    // The browser console also reports the rejected code, as a response with status 400.
    expect(errors.filter((text) => !text.includes('400'))).toEqual([])
  }, 60_000)

  test('completes a free order without a card', async () => {
    const { hosted, stripe } = await start()
    const session = await hosted({ allow_promotion_codes: true })
    const { page } = await openPage(String(session.url), 'phoneDark')
    await page.getByLabel('Promotion code').fill('FREE')
    await page.getByRole('button', { name: 'Apply' }).click()
    const button = page.getByRole('button', { name: 'Complete order' })
    await button.waitFor()
    expect(await page.getByLabel('Card number').isVisible()).toBe(false)
    await screenshot(page, 'free-order-phone')
    await button.click()
    await page.waitForURL(/\/dashboard\//)
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ payment_status: 'no_payment_required' })
  }, 60_000)

  test('shows an error if another buyer has used the last redemption', async () => {
    const { hosted, pay } = await start()
    const [mine, other] = [await hosted({ allow_promotion_codes: true }), await hosted({ allow_promotion_codes: true })]
    const { page } = await openPage(String(mine.url))
    await page.getByLabel('Promotion code').fill('SPRING')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByRole('button', { name: 'Pay 3.74 USD' }).waitFor()
    expect((await pay(other.id, { promotionCode: 'SPRING' })).status).toBe(200)
    await page.getByLabel('Card number').fill('4242424242424242')
    await page.getByLabel('Expiry date').fill('12 / 34')
    await page.getByLabel('CVC').fill('123')
    await page.getByRole('button', { name: 'Pay 3.74 USD' }).click()
    await page.getByRole('alert').filter({ hasText: 'This code is no longer valid.' }).waitFor()
    await screenshot(page, 'code-used-up')
  }, 60_000)

  test('calculates the tax for the country, with a discount, a tax ID and consent', async () => {
    const { hosted, stripe, coupon } = await start()
    const session = await hosted({
      line_items: [euroFilm],
      automatic_tax: { enabled: true },
      tax_id_collection: { enabled: true },
      discounts: [{ coupon }],
      consent_collection: { terms_of_service: 'required' },
    })
    const { page } = await openPage(String(session.url))
    await page.getByRole('button', { name: 'Pay 7.50 EUR' }).waitFor()
    await page.getByLabel('Country or region').selectOption('DE')
    await page.getByRole('button', { name: 'Pay 8.93 EUR' }).waitFor()
    await screenshot(page, 'tax-desktop')
    await page.setViewportSize({ width: 390, height: 844 })
    await screenshot(page, 'tax-phone')
    await page.getByLabel('Country or region').selectOption('FR')
    await page.getByRole('button', { name: 'Pay 9.00 EUR' }).waitFor()
    await page.getByLabel('Tax ID').fill('FR12345678901')
    await page.getByLabel('Tax ID').blur()
    await page.getByRole('button', { name: 'Pay 7.50 EUR' }).waitFor()
    await page.getByLabel('Card number').fill('4242424242424242')
    await page.getByLabel('Expiry date').fill('12 / 34')
    await page.getByLabel('CVC').fill('123')
    await page.getByRole('button', { name: 'Pay 7.50 EUR' }).click()
    await page.getByRole('alert').filter({ hasText: 'You must accept the terms of service' }).waitFor()
    await page.getByLabel('I agree to the terms of service').check()
    await page.getByRole('button', { name: 'Pay 7.50 EUR' }).click()
    await page.waitForURL(/\/dashboard\//)
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      consent: { terms_of_service: 'accepted' },
      customer_details: { address: { country: 'FR' }, tax_ids: [{ type: 'eu_vat' }] },
    })
  }, 60_000)
})
