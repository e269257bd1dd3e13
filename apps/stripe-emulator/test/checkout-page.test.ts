import { describe, expect, test } from 'vitest'
import { mountScript, screenshot, startMerchantPage, submitCard, useBrowser } from './browser.ts'
import { filmItem, startTestEmulator } from './harness.ts'

const openPage = useBrowser()

const euroFilm = { ...filmItem, price_data: { currency: 'eur', unit_amount: 499, product_data: { name: 'Nosferatu' } } }

describe('before its script has loaded, the card form', () => {
  test('does not submit the card, neither by the button nor by Enter', async () => {
    const { emulator, stripe } = await startTestEmulator()
    const session = await stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [filmItem],
      success_url: `${emulator.url}/dashboard/{CHECKOUT_SESSION_ID}`,
    })
    const { page } = await openPage('about:blank')
    let load: () => void = () => {}
    const released = new Promise<void>((resolve) => {
      load = resolve
    })
    await page.route('**/js/checkout.js', async (route) => {
      await released
      await route.continue()
    })
    const requests: string[] = []
    page.on('request', (request) => requests.push(`${request.method()} ${request.url()} ${request.postData() ?? ''}`))
    await page.goto(String(session.url), { waitUntil: 'commit' })
    await page.getByLabel('Card number').fill('4242424242424242')
    await page.getByLabel('Expiry date').fill('12 / 34')
    await page.getByLabel('CVC').fill('123')
    await page.getByLabel('CVC').press('Enter')
    const button = page.getByRole('button', { name: 'Pay 4.99 USD' })
    expect(await button.isDisabled()).toBe(true)
    expect(requests.filter((text) => text.includes('4242'))).toEqual([])
    expect(page.url()).toBe(session.url)
    load()
    await button.click()
    await page.waitForURL(`${emulator.url}/dashboard/${session.id}`)
  }, 60_000)
})

describe('a payment method with a redirect', () => {
  test('on the hosted page: the buyer authorizes the payment elsewhere and returns to success_url', async () => {
    const { emulator, stripe, eventTypes } = await startTestEmulator()
    const session = await stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [euroFilm],
      success_url: `${emulator.url}/dashboard/{CHECKOUT_SESSION_ID}`,
    })
    expect(session.payment_method_types).toEqual(['card', 'sepa_debit', 'ideal'])
    const { page } = await openPage(String(session.url))
    await page.getByLabel('iDEAL').check()
    expect(await page.getByLabel('Card number').isVisible()).toBe(false)
    await page.getByRole('button', { name: 'Pay 4.99 EUR' }).click()
    await page.getByRole('heading', { name: 'iDEAL test page' }).waitFor()
    await screenshot(page, 'authorize')
    await page.getByRole('button', { name: 'Authorize test payment' }).click()
    await page.waitForURL(`${emulator.url}/dashboard/${session.id}`)
    expect(await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent.latest_charge'] })).toMatchObject({
      payment_status: 'paid',
      payment_intent: { latest_charge: { id: expect.stringMatching(/^py_/), payment_method_details: { type: 'ideal' } } },
    })
    expect(await eventTypes()).toEqual([
      'payment_intent.created',
      'payment_intent.requires_action',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
    ])
  }, 60_000)

  test('if_required: a card payment does not leave the merchant’s page; a redirect returns to return_url', async () => {
    const { emulator, stripe, newSession } = await startTestEmulator()
    const params = {
      redirect_on_completion: 'if_required',
      return_url: `${emulator.url}/dashboard/{CHECKOUT_SESSION_ID}`,
    } as const
    const byCard = await newSession(params)
    const { page } = await openPage(await startMerchantPage(emulator.url, mountScript(byCard.client_secret)))
    const merchant = page.url()
    await submitCard(page, '4242424242424242')
    await page.waitForFunction("document.title === 'complete'")
    expect(page.url()).toBe(merchant)

    const byRedirect = await newSession(params)
    await page.goto(await startMerchantPage(emulator.url, mountScript(byRedirect.client_secret)))
    await page.frameLocator('iframe').getByLabel('Amazon Pay').check()
    await page.frameLocator('iframe').getByRole('button', { name: 'Pay 4.99 USD' }).click()
    await page.getByRole('button', { name: 'Authorize test payment' }).click()
    await page.waitForURL(`${emulator.url}/dashboard/${byRedirect.id}`)
    expect(await stripe.checkout.sessions.retrieve(byRedirect.id)).toMatchObject({ payment_status: 'paid' })
  }, 60_000)

  test('a failed payment returns to return_url, with the session open', async () => {
    const { emulator, stripe, newSession } = await startTestEmulator()
    const session = await newSession({
      redirect_on_completion: 'if_required',
      return_url: `${emulator.url}/dashboard/{CHECKOUT_SESSION_ID}`,
    })
    const { page } = await openPage(await startMerchantPage(emulator.url, mountScript(session.client_secret)))
    await page.frameLocator('iframe').getByLabel('Amazon Pay').check()
    await page.frameLocator('iframe').getByRole('button', { name: 'Pay 4.99 USD' }).click()
    await page.getByRole('button', { name: 'Fail test payment' }).click()
    await page.waitForURL(`${emulator.url}/dashboard/${session.id}`)
    expect(await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] })).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: {
        status: 'requires_payment_method',
        last_payment_error: { code: 'payment_intent_payment_attempt_failed' },
      },
    })
  }, 60_000)

  test('is not offered by a session that never redirects', async () => {
    const { newSession, pay } = await startTestEmulator()
    const { id, payment_method_types } = await newSession({ redirect_on_completion: 'never' })
    expect(payment_method_types).toEqual(['card', 'us_bank_account'])
    expect((await pay(id, { method: 'amazon_pay' })).status).toBe(400)
  })

  test('is authorized by the helper without a browser', async () => {
    const { stripe, newSession, pay, helper } = await startTestEmulator()
    const return_url = 'https://shop.example/done?s={CHECKOUT_SESSION_ID}'
    const { id } = await newSession({ redirect_on_completion: 'always', return_url })
    const { body } = await pay(id, { method: 'amazon_pay', email: 'alice@example.com' })
    expect(body).toMatchObject({
      outcome: 'requires_action',
      payment_intent: {
        next_action: { type: 'redirect_to_url', redirect_to_url: { return_url: `https://shop.example/done?s=${id}` } },
      },
    })
    const intent = body.session?.payment_intent
    expect((await helper(`/payment_intents/${intent}/authenticate`)).body).toMatchObject({
      outcome: 'paid',
      return_url: `https://shop.example/done?s=${id}`,
    })
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({
      payment_status: 'paid',
      customer_details: { email: 'alice@example.com' },
    })
    expect((await helper(`/payment_intents/${intent}/authenticate`)).status).toBe(400)
  })
})

describe('createEmbeddedCheckoutPage', () => {
  const script = (clientSecret: string | null) => `
    const stripe = Stripe('pk_test_1')
    const start = performance.now()
    const create = () => stripe.createEmbeddedCheckoutPage({ fetchClientSecret: async () => '${clientSecret}' })
    const first = create().then((checkout) => { window.readyAfter = performance.now() - start; return checkout })
    window.second = await create().catch(({ message }) => message)
    window.wasReady = 'readyAfter' in window
    // Nothing destroys the first checkout when the user leaves its page, as in react-stripe-js.
    await first
    window.third = await create().catch(({ message }) => message)
    ;(await first).destroy()
    window.fourth = typeof (await create()).mount`

  test('resolves after the delay, and a checkout that is not destroyed blocks the next one', async () => {
    const { emulator, newSession } = await startTestEmulator({ embeddedCheckoutDelayMs: 700 })
    const { client_secret } = await newSession()
    const { page } = await openPage(await startMerchantPage(emulator.url, script(client_secret)))
    await page.waitForFunction('window.fourth')
    expect(await page.evaluate('[second, wasReady, third, fourth]')).toEqual([
      expect.stringContaining('multiple Embedded Checkout'),
      false,
      expect.stringContaining('multiple Embedded Checkout'),
      'function',
    ])
    expect(await page.evaluate<number>('readyAfter')).toBeGreaterThanOrEqual(690)
  }, 60_000)

  test('takes as long as with Stripe by default; the helper changes the delay', async () => {
    const { emulator, helper } = await startTestEmulator({ embeddedCheckoutDelayMs: undefined })
    const source = async () => (await fetch(`${emulator.url}/js/stripe.js`)).text()
    expect(await source()).toContain("Number('1500')")
    await helper('/settings', { embedded_checkout_delay_ms: 20 })
    expect(await source()).toContain("Number('20')")
  })
})
