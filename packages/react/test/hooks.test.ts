import { readFileSync } from 'node:fs'
import { fillCard } from '@pay-to-view/testing/browser'
import { seedIds } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'
import { mountedSessionId, shopExample, useHooksPage } from './hooks-page.ts'

const { stack, openHooksPage } = await useHooksPage()

test('usePurchase goes from loading to offer, checkout and unlocked by server push alone, while the access check gets no response', async () => {
  const { page, errors, waitForStep, click, steps } = await openHooksPage({
    beforeLoad: (page) => page.route('**/trpc/access.check*', () => undefined),
  })
  expect(await waitForStep('offer')).toBe('')
  await click('Buy')
  await fillCard(page, '4242424242424242')
  await waitForStep('unlocked')
  expect(await steps()).toEqual(['loading', 'offer', 'creating', 'checkout', 'unlocking', 'unlocked'])
  await page.reload()
  await waitForStep('unlocked')
  expect(await steps()).not.toContain('checkout')
  expect(errors).toEqual([])
})

test('usePurchase waits for a bank debit, even after a reload, and unlocks when it has settled', async () => {
  const { page, waitForStep, click } = await openHooksPage()
  await waitForStep('offer')
  await click('Buy')
  const session = await mountedSessionId(page)
  await stack().pay(session, { method: 'us_bank_account' })
  expect(await waitForStep('waiting')).toBe('payment_processing')
  await page.reload()
  expect(await waitForStep('waiting')).toBe('payment_processing')
  const { payment_intent: payment } = await stack().stripe.checkout.sessions.retrieve(session)
  await stack().emulator(`payment_intents/${payment}/settle`)
  await waitForStep('unlocked')
})

test('usePurchase ends when a bank debit fails, and then offers the entity again', async () => {
  const { page, waitForStep, click } = await openHooksPage()
  await waitForStep('offer')
  await click('Buy')
  const session = await mountedSessionId(page)
  await stack().pay(session, { method: 'us_bank_account' })
  await waitForStep('waiting')
  const { payment_intent: payment } = await stack().stripe.checkout.sessions.retrieve(session)
  await stack().emulator(`payment_intents/${payment}/settle`, { outcome: 'failed' })
  expect(await waitForStep('ended')).toBe('Failed')
  await click('Reset')
  expect(await waitForStep('offer')).toBe('Failed')
  await click('Buy')
  await waitForStep('checkout')
})

test('usePurchase ends when its open checkout expires', async () => {
  const { page, waitForStep, click } = await openHooksPage()
  await waitForStep('offer')
  await click('Buy')
  await stack().emulator(`checkout/sessions/${await mountedSessionId(page)}/expire`)
  expect(await waitForStep('ended')).toBe('Expired')
  await click('Reset')
  expect(await waitForStep('offer')).toBe('Expired')
})

test('usePurchase ends when another page starts a new checkout, and then shows that payment', async () => {
  const { page, waitForStep, click, user } = await openHooksPage()
  await waitForStep('offer')
  await click('Buy')
  await mountedSessionId(page)
  const { sessionId } = await stack().create(await stack().client(user), seedIds.permanentProduct)
  expect(await waitForStep('ended')).toBe('Expired')
  await stack().pay(sessionId, { method: 'us_bank_account' })
  expect(await waitForStep('waiting')).toBe('payment_processing')
})

test('usePurchase shows the loss of access after a refund, and sells nothing during a dispute', async () => {
  const { page, waitForStep, click, user } = await openHooksPage()
  await waitForStep('offer')
  await click('Buy')
  await fillCard(page, '4242424242424242')
  await waitForStep('unlocked')
  const client = await stack().client(user)
  const admin = await stack().client('root', { admin: true })
  const [purchase] = (await client.purchases.list.query({ entityId: seedIds.film })).items
  await admin.admin.purchases.refund.mutate({ id: purchase?.purchaseId ?? '' })
  await page.getByLabel('status').getByText('Refunded').waitFor()
  await waitForStep('offer')
  await click('Buy')
  await fillCard(page, '4000000000000259')
  await page.getByLabel('status').getByText('disputed').waitFor()
  await waitForStep('waiting')
})

test('on a page with several entities, usePurchase shows the step of each entity and sells one of them', async () => {
  const otherIds: string[] = [seedIds.channel, seedIds.channelFilm]
  for (let n = 0; n < 6; n++) {
    const entityId = `cont_01m85eetz2e8qthwsqr5v0dh${n}g`
    await stack().query("insert into entities (id, type, title) values ($1, 'content', 'one of many')", [entityId])
    otherIds.push(entityId)
  }
  const { page, waitForStep, click } = await openHooksPage({ otherIds })
  for (const entityId of otherIds) await page.getByLabel(entityId).getByText('offer').waitFor()
  await waitForStep('offer')
  await click('Buy')
  await fillCard(page, '4242424242424242')
  await waitForStep('unlocked')
})

test('usePurchase sends no request while signed out, and shows no state of another user', async () => {
  const requests: string[] = []
  const [firstUser, secondUser] = [stack().newUser(), stack().newUser()]
  const { page, waitForStep, click } = await openHooksPage({
    users: [null, firstUser, secondUser],
    beforeLoad: async (page) => page.on('request', (request) => request.url().includes('/trpc/') && requests.push(request.url())),
  })
  await waitForStep('offer')
  expect(requests).toEqual([])
  await click('Next user')
  await click('Buy')
  await waitForStep('checkout')
  await click('Next user')
  await waitForStep('offer')
  expect(await page.locator('iframe').count()).toBe(0)
})

test('examples/shop.tsx sells a film in under 40 lines: bought, refunded, and bought again', async () => {
  expect(readFileSync(shopExample, 'utf8').trimEnd().split('\n').length).toBeLessThan(40)
  const { page, errors, click, user } = await openHooksPage({ view: 'shop' })
  await click('Buy')
  await fillCard(page, '4242424242424242')
  await page.getByText('The film').waitFor()
  const [purchase] = (await (await stack().client(user)).purchases.list.query({})).items
  const admin = await stack().client('root', { admin: true })
  await admin.admin.purchases.refund.mutate({ id: purchase?.purchaseId ?? '' })
  await click('Buy')
  await fillCard(page, '5555555555554444')
  await page.getByText('The film').waitFor()
  expect(errors).toEqual([])
})
