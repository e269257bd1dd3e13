import { fillCard } from '@pay-to-view/testing/browser'
import { seedIds } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'
import { mountedSessionId, useHooksPage } from './hooks-page.ts'

const { stack, openHooksPage } = await useHooksPage()

const productId = seedIds.permanentProduct

test('usePurchase creates the checkout with the currency and promotion code from its options', async () => {
  await stack().emulator('promotion_codes', { code: 'QUARTER', percent_off: '25' })
  const { page, waitForStep, click, user } = await openHooksPage({
    productId,
    options: { currency: 'jpy', promotionCode: 'quarter' },
  })
  await waitForStep('offer')
  await click('Buy')
  const session = await stack().stripe.checkout.sessions.retrieve(await mountedSessionId(page))
  expect(session).toMatchObject({ currency: 'jpy', amount_subtotal: 1800, amount_total: 1350 })
  await fillCard(page, '4242424242424242')
  await waitForStep('unlocked')
  const [purchase] = (await (await stack().client(user)).purchases.list.query({})).items
  expect(purchase).toMatchObject({ currency: 'jpy', amountDiscount: 450, amountPaid: 1350, promotionCode: 'QUARTER' })
})

test('usePurchase returns the offered currencies, and buys in one of them', async () => {
  const { page, waitForStep, click } = await openHooksPage({ productId, options: { currency: 'CHF' } })
  await waitForStep('offer')
  await click('Buy')
  expect(await waitForStep('failed')).toBe('{"code":"currency_not_offered","currencies":["usd","eur","jpy"]}')
  await click('Buy in USD without a code')
  const session = await stack().stripe.checkout.sessions.retrieve(await mountedSessionId(page))
  expect(session).toMatchObject({ currency: 'usd', amount_total: 1299 })
})

test.each([
  ['unknown', {}],
  ['expired', { expires_in_seconds: 1 }],
  ['used_up', { max_redemptions: 1 }],
  ['not_applicable', { minimum_amount: 5_000 }],
])('usePurchase returns the reason %s for a promotion code', async (reason, limits) => {
  const code = `R-${reason}`.replace('_', '')
  const { emulator, client, newUser, stripe, pay } = stack()
  if (reason !== 'unknown') await emulator('promotion_codes', { code, percent_off: '10', ...limits })
  if (reason === 'expired') await emulator('clock/advance', { seconds: 2 })
  if (reason === 'used_up') {
    const created = await (await client(newUser())).purchases.create.mutate({
      ...{ payToViewProductId: productId, entityId: seedIds.film, returnUrl: 'https://yoursite.com/', promotionCode: code },
    })
    const session = 'clientSecret' in created ? (created.clientSecret.split('_secret_')[0] ?? '') : ''
    await pay(session)
    await expect
      .poll(async () => (await stripe.promotionCodes.list({ code })).data[0]?.times_redeemed, { timeout: 15_000 })
      .toBe(1)
  }
  const { waitForStep, click } = await openHooksPage({ productId, options: { promotionCode: code } })
  await waitForStep('offer')
  await click('Buy')
  expect(await waitForStep('failed')).toBe(JSON.stringify({ code: 'promotion_code_invalid', reason }))
})

test('a free order requires no card, server push unlocks the film, and a refund takes the access back', async () => {
  await stack().emulator('promotion_codes', { code: 'GIFT', percent_off: '100' })
  const { page, errors, waitForStep, click, steps, user } = await openHooksPage({
    productId,
    options: { promotionCode: 'GIFT' },
    beforeLoad: (page) => page.route('**/trpc/access.check*', () => undefined),
  })
  await waitForStep('offer')
  await click('Buy')
  await page.frameLocator('iframe').getByRole('button', { name: 'Complete order' }).click()
  await waitForStep('unlocked')
  expect(await steps()).toEqual(['loading', 'offer', 'creating', 'checkout', 'unlocking', 'unlocked'])
  const [purchase] = (await (await stack().client(user)).purchases.list.query({})).items
  expect(purchase).toMatchObject({ status: 'Completed', amountPaid: 0, amountDiscount: 1299, externalTransactionId: null })
  const admin = await stack().client('root', { admin: true })
  await admin.admin.purchases.refund.mutate({ id: purchase?.purchaseId ?? '' })
  await page.getByLabel('status').getByText('Refunded').waitFor()
  await waitForStep('offer')
  expect(errors).toEqual([])
})
