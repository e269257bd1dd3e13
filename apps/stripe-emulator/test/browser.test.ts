import { describe, expect, test } from 'vitest'
import { mountScript, screenshot, startMerchantPage, submitCard, useBrowser } from './browser.ts'
import { filmItem, startTestEmulator, waitFor } from './harness.ts'

const openPage = useBrowser()

describe.each(['phoneDark', 'desktopLight'] as const)('Embedded Checkout on a merchant’s page (%s)', (display) => {
  test('a declined card shows the reason; another card then pays and onComplete is called', async () => {
    const { emulator, stripe, newSession } = await startTestEmulator()
    const session = await newSession({ customer_email: 'alice@example.com' })
    const { page, errors } = await openPage(await startMerchantPage(emulator.url, mountScript(session.client_secret)), display)
    const form = page.frameLocator('iframe')
    await form.locator('body[data-ready=true]').waitFor()
    await screenshot(page, `${display}-1-form`)
    await submitCard(page, '4000000000009995')
    await form.getByRole('alert').getByText('Your card has insufficient funds.').waitFor()
    await screenshot(page, `${display}-2-declined`)
    expect(await form.getByLabel('Expiry date').inputValue()).toBe('12 / 34')
    await form.getByLabel('Card number').fill('4242424242424242')
    await form.getByRole('button', { name: 'Pay 4.99 USD' }).click()
    await form.getByText('Your payment was successful.').waitFor()
    await page.waitForFunction("document.title === 'complete'")
    await screenshot(page, `${display}-3-paid`)
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      payment_status: 'paid',
      customer_details: { name: 'Alice' },
    })
    expect(errors.filter((text) => !text.includes('402'))).toEqual([])
  }, 60_000)

  test('3D Secure opens a challenge: failing it shows an error, completing it pays', async () => {
    const { emulator, stripe, newSession } = await startTestEmulator()
    const session = await newSession()
    const { page } = await openPage(await startMerchantPage(emulator.url, mountScript(session.client_secret)), display)
    const form = page.frameLocator('iframe')
    await submitCard(page, '4000002760003184')
    await form.getByRole('button', { name: 'Fail authentication' }).click()
    await form.getByRole('alert').getByText('We are unable to authenticate your payment method.').waitFor()
    await form.getByRole('button', { name: 'Pay 4.99 USD' }).click()
    await form.getByRole('dialog', { name: '3D Secure 2 test page' }).waitFor()
    await screenshot(page, `${display}-4-challenge`)
    await form.getByRole('button', { name: 'Complete authentication' }).click()
    await page.waitForFunction("document.title === 'complete'")
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ payment_status: 'paid' })
  }, 60_000)
})

describe('the card form', () => {
  test('a bank debit leaves the session complete and unpaid', async () => {
    const { emulator, stripe, newSession } = await startTestEmulator()
    const session = await newSession()
    const { page } = await openPage(await startMerchantPage(emulator.url, mountScript(session.client_secret)))
    const form = page.frameLocator('iframe')
    await form.getByLabel('Bank debit').check()
    expect(await form.getByLabel('Card number').isVisible()).toBe(false)
    await form.getByRole('button', { name: 'Pay 4.99 USD' }).click()
    await form.getByText('Your bank debit is being processed.').waitFor()
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: 'complete', payment_status: 'unpaid' })
  }, 60_000)

  test('with redirect_on_completion always, the merchant’s page goes to return_url', async () => {
    const { emulator, newSession } = await startTestEmulator()
    const session = await newSession({
      redirect_on_completion: 'always',
      return_url: `${emulator.url}/dashboard/{CHECKOUT_SESSION_ID}`,
    })
    const { page } = await openPage(await startMerchantPage(emulator.url, mountScript(session.client_secret)))
    await submitCard(page, '4242424242424242')
    await page.waitForURL(`${emulator.url}/dashboard/${session.id}`)
  }, 60_000)

  test('the hosted page pays and goes to success_url', async () => {
    const { emulator, stripe } = await startTestEmulator()
    const session = await stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [filmItem],
      success_url: `${emulator.url}/dashboard/{CHECKOUT_SESSION_ID}`,
    })
    const { page } = await openPage(String(session.url))
    await page.getByText('Test cards').click()
    await page.getByRole('button', { name: '4242 4242 4242 4242' }).click()
    await screenshot(page, 'hosted')
    await page.getByRole('button', { name: 'Pay 4.99 USD' }).press('Enter')
    await page.waitForURL(`${emulator.url}/dashboard/${session.id}`)
    await page.goto(String(session.url))
    await page.getByText('This checkout is complete.').waitFor()
  }, 60_000)
})

describe('Stripe.js', () => {
  test('rejects secret keys, a second Embedded Checkout and removed functions', async () => {
    const { emulator, newSession } = await startTestEmulator()
    const { client_secret } = await newSession()
    const url = await startMerchantPage(
      emulator.url,
      `${mountScript(client_secret)}
      const errorOf = async (call) => { try { await call() } catch (error) { return error.name + ': ' + error.message } }
      window.errors = [
        await errorOf(() => Stripe('sk_test_1')),
        await errorOf(() => stripe.initEmbeddedCheckout({})),
        await errorOf(() => stripe.createEmbeddedCheckoutPage({ clientSecret: '${client_secret}' })),
        await errorOf(() => checkout.mount('#checkout')),
        await errorOf(() => { checkout.unmount(); checkout.mount('#nowhere') }),
        await errorOf(() => { checkout.destroy(); checkout.mount('#checkout') }),
        await errorOf(() => stripe.createEmbeddedCheckoutPage({ clientSecret: 'wrong' })),
        await errorOf(async () => (await stripe.createEmbeddedCheckoutPage({ clientSecret: '${client_secret}' })).mount(document.querySelector('#checkout'))),
      ]`,
    )
    const { page } = await openPage(url)
    await page.waitForFunction('window.errors')
    const errors = await page.evaluate<(string | undefined)[]>('window.errors')
    expect(errors.map((text) => text?.startsWith('IntegrationError: '))).toEqual([...Array(7).fill(true), undefined])
    expect(errors[1]).toContain('createEmbeddedCheckoutPage')
    expect(errors[2]).toContain('multiple Embedded Checkout')
  }, 60_000)

  test('messages from another origin are ignored', async () => {
    const { emulator, newSession } = await startTestEmulator()
    const { client_secret } = await newSession()
    const { page } = await openPage(await startMerchantPage(emulator.url, mountScript(client_secret)))
    await page.frameLocator('iframe').locator('body[data-ready=true]').waitFor()
    await page.evaluate("window.postMessage({ from: 'stripe-emulator', type: 'complete' }, '*')")
    await page.evaluate(
      "new Promise((done) => { window.addEventListener('message', () => done(), { once: true }); window.postMessage('last', '*') })",
    )
    expect(await page.title()).toBe('merchant')
  }, 60_000)
})

describe('the dashboard', () => {
  test('its buttons pay, partially refund, dispute, lose, appeal and win without JavaScript', async () => {
    const { emulator, stripe, newSession } = await startTestEmulator()
    const { id } = await newSession({
      line_items: [
        { ...filmItem, price_data: { currency: 'usd', unit_amount: 499, product_data: { name: '<b>Nosferatu</b>' } } },
      ],
    })
    const { page } = await openPage(emulator.url, 'desktopLight', { javaScriptEnabled: false })
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
    await page.getByText('<b>Nosferatu</b>').waitFor()
    await page.goto(`${emulator.url}/dashboard/${id}`)
    await press('Decline')
    await page.getByRole('status').getByText('Your card was declined.').waitFor()
    await press('Pay')
    const intent = await waitFor(
      async () => (await stripe.checkout.sessions.list({ status: 'complete' })).data[0]?.payment_intent,
    )
    await page.goto(`${emulator.url}/dashboard/${intent}`)
    await page.getByLabel('Amount (minor units)').fill('99')
    await press('Partial refund')
    await page.getByRole('button', { name: 'Refund 4.00 USD' }).waitFor()
    await press('Dispute')
    await page.getByRole('link', { name: /^du_/ }).first().click()
    for (const step of ['Lose', 'Appeal', 'Appeal review', 'Win']) await press(step)
    await page.getByText('won', { exact: true }).first().waitFor()
    expect((await stripe.disputes.list()).data).toMatchObject([{ status: 'won' }])
    expect((await stripe.refunds.list()).data).toMatchObject([{ amount: 99 }])
  }, 60_000)

  test('its buttons fail and complete 3D Secure, and pay by the currency’s bank debit', async () => {
    const { emulator, stripe, newSession } = await startTestEmulator()
    const price = { quantity: 1, price_data: { currency: 'eur', unit_amount: 499, product_data: { name: 'Nosferatu' } } }
    const [first, second] = [await newSession({ line_items: [price] }), await newSession({ line_items: [price] })]
    const { page } = await openPage(`${emulator.url}/dashboard/${first.id}`)
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
    await press('Pay with 3D Secure')
    await press('Fail 3D Secure')
    await page.getByRole('status').getByText('unable to authenticate').waitFor()
    await press('Pay with 3D Secure')
    await press('Complete 3D Secure')
    await page.getByText('complete', { exact: true }).first().waitFor()
    expect(await stripe.checkout.sessions.retrieve(first.id)).toMatchObject({ payment_status: 'paid' })
    await page.goto(`${emulator.url}/dashboard/${second.id}`)
    await press('Pay by bank debit')
    await page.getByText('complete', { exact: true }).first().waitFor()
    expect(await stripe.checkout.sessions.retrieve(second.id)).toMatchObject({ status: 'complete', payment_status: 'unpaid' })
  }, 60_000)

  test('its form adds a fault and its button removes all faults', async () => {
    const { emulator, helper } = await startTestEmulator()
    const { page, errors } = await openPage(`${emulator.url}/dashboard/faults`)
    const requests = page.locator('form', { has: page.locator('input[value=api]') })
    await requests.getByLabel('Effect').selectOption('latency')
    await requests.getByLabel('Milliseconds').fill('5-10')
    await requests.getByRole('button', { name: 'Add fault' }).click()
    await page.getByText('"effect":"latency"').waitFor()
    expect((await helper('/faults', {}, 'GET')).body.data).toMatchObject([{ effect: 'latency', ms: [5, 10] }])
    await page.getByRole('button', { name: 'Remove all faults' }).click()
    await page.getByText('No active faults.').waitFor()
    expect(errors).toEqual([])
  }, 60_000)
})

test.each(['phoneDark', 'desktopLight'] as const)(
  'every dashboard page loads without errors and without horizontal scrolling (%s)',
  async (display) => {
    const { emulator, stripe, createPaidSession, newSession, pay } = await startTestEmulator()
    const customer = await stripe.customers.create({ email: 'alice@example.com', name: 'Alice' })
    const { intent, charge } = await createPaidSession('4000000000000259', { customer: customer.id })
    const second = await createPaidSession()
    await stripe.refunds.create({ payment_intent: second.intent.id, amount: 100 })
    await pay((await newSession()).id, { card: '4000000000000002' })
    const { page, errors } = await openPage(emulator.url, display)
    await screenshot(page, `dashboard-${display}`)
    const lists = ['sessions', 'payments', 'refunds', 'disputes', 'customers', 'events', 'deliveries']
    for (const path of [...lists.map((name) => `list/${name}`), 'faults', intent.id, charge.id, customer.id]) {
      expect((await page.goto(`${emulator.url}/dashboard/${path}`))?.status()).toBe(200)
      expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
      expect(overflow, path).toBe(0)
    }
    await page.goto(`${emulator.url}/dashboard/${second.intent.id}`)
    await screenshot(page, `dashboard-object-${display}`)
    expect(errors).toEqual([])
  },
  60_000,
)
