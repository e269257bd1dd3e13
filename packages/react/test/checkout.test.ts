import { fillCard } from '@pay-to-view/testing/browser'
import { expect, test } from 'vitest'
import { useHooksPage } from './hooks-page.ts'

const { stack, openHooksPage } = await useHooksPage()

test('EmbeddedPurchase shows the next checkout even if the previous component was removed before its checkout was ready', async () => {
  await stack().emulator('settings', { embedded_checkout_delay_ms: 1500 })
  const { page, errors, waitForStep, click } = await openHooksPage()
  await waitForStep('offer')
  for (let checkouts = 0; checkouts < 3; checkouts++) {
    await click('Buy')
    await waitForStep('checkout')
    expect(await page.locator('iframe').count()).toBe(0)
    await click('Reset')
    await waitForStep('offer')
  }
  await click('Buy')
  await fillCard(page, '4242424242424242')
  await waitForStep('unlocked')
  expect(await page.locator('iframe').count()).toBe(0)
  expect(errors).toEqual([])
})

test('EmbeddedPurchase shows an error when Stripe.js rejects the checkout, and creates the checkout when retried', async () => {
  const { page, errors, waitForStep, click } = await openHooksPage()
  await waitForStep('offer')
  await page.evaluate(`{
    const { Stripe } = window
    let rejections = 2
    window.Stripe = Object.assign((key) => {
      const stripe = Stripe(key)
      const { createEmbeddedCheckoutPage } = stripe
      return {
        ...stripe,
        createEmbeddedCheckoutPage: (options) =>
          rejections-- > 0 ? Promise.reject(new Error('No connection')) : createEmbeddedCheckoutPage(options),
      }
    }, Stripe)
  }`)
  await click('Buy')
  for (let rejections = 0; rejections < 2; rejections++) {
    await page.getByRole('alert').getByText("Checkout couldn't load.").waitFor()
    await click('Try again')
  }
  await fillCard(page, '4242424242424242')
  await waitForStep('unlocked')
  expect(errors).toEqual([])
})

test('EmbeddedPurchase shows an error when Stripe.js never creates the checkout, and the next attempt works', async () => {
  const { page, errors, waitForStep, click } = await openHooksPage()
  await waitForStep('offer')
  await page.evaluate(`{
    const { Stripe } = window
    let isFirst = true
    window.Stripe = Object.assign((key) => {
      const stripe = Stripe(key)
      const { createEmbeddedCheckoutPage } = stripe
      const create = (options) => {
        if (!isFirst) return createEmbeddedCheckoutPage(options)
        isFirst = false
        window.isCreating = true
        return new Promise(() => undefined)
      }
      return { ...stripe, createEmbeddedCheckoutPage: create }
    }, Stripe)
  }`)
  await page.clock.install()
  await click('Buy')
  await waitForStep('checkout')
  await page.waitForFunction('window.isCreating')
  await page.clock.fastForward('00:21')
  await page.getByRole('alert').getByText("Checkout couldn't load.").waitFor()
  await click('Try again')
  await fillCard(page, '4242424242424242')
  await waitForStep('unlocked')
  expect(errors).toEqual([])
})
