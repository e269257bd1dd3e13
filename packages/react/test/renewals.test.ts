import { fillCard } from '@pay-to-view/testing/browser'
import { seedIds } from '@pay-to-view/testing/stack'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { mountedSessionId, useHooksPage } from './hooks-page.ts'

const { stack, openHooksPage } = await useHooksPage()

const Phase = z.object({
  phase: z.string(),
  startsAt: z.string().optional(),
  expiresAt: z.string().optional(),
  startBy: z.string().optional(),
})

/** Returns the result of accessPhase, as shown on the page. */
const shownPhase = async (page: Page) => Phase.parse(JSON.parse((await page.getByLabel('phase').textContent()) || '{}'))

const waitForPhase = async (page: Page, phase: string) => {
  await page.getByLabel('phase').getByText(`"${phase}"`).waitFor()
  return await shownPhase(page)
}

const dayMs = 86_400_000

test("usePurchase renews current access: the renewal's steps are shown until it is paid, and its time is added", async () => {
  const { page, errors, waitForStep, click, steps } = await openHooksPage()
  await waitForStep('offer')
  await click('Buy')
  await fillCard(page, '4242424242424242')
  await waitForStep('unlocked')
  const { expiresAt: before = '' } = await shownPhase(page)
  await click('Buy')
  await page.getByLabel('justPurchased').getByText('true').waitFor()
  expect(await steps()).toEqual(['loading', 'offer', 'creating', 'checkout', 'unlocking', 'unlocked'])
  await click('Renew')
  await fillCard(page, '4242424242424242')
  const extended = new Date(Date.parse(before) + 30 * dayMs).toISOString()
  await page.getByLabel('phase').getByText(extended).waitFor()
  await waitForStep('unlocked')
  expect((await steps()).slice(6)).toEqual(['creating', 'checkout', 'unlocking', 'unlocked'])
  expect(errors).toEqual([])
})

test('usePurchase returns to the current access when a renewal is abandoned or expires', async () => {
  const { page, waitForStep, click, user } = await openHooksPage()
  const client = await stack().client(user)
  const { purchaseId, sessionId } = await stack().create(client)
  await stack().pay(sessionId)
  await stack().waitForStatus(client, purchaseId, 'Completed')
  await waitForStep('unlocked')
  await click('Renew')
  await waitForStep('checkout')
  await click('Reset')
  await waitForStep('unlocked')
  await click('Renew')
  await stack().emulator(`checkout/sessions/${await mountedSessionId(page)}/expire`)
  expect(await waitForStep('ended')).toBe('Expired')
  await click('Reset')
  await waitForStep('unlocked')
})

test("usePurchase keeps a renewal's checkout open when the current access ends", async () => {
  const { page, waitForStep, click, user } = await openHooksPage()
  const client = await stack().client(user)
  const { purchaseId, sessionId } = await stack().create(client)
  await stack().pay(sessionId)
  await stack().waitForStatus(client, purchaseId, 'Completed')
  await waitForStep('unlocked')
  await click('Renew')
  await mountedSessionId(page)
  const { admin } = await stack().client('root', { admin: true })
  await admin.purchases.refund.mutate({ id: purchaseId })
  await page.getByLabel('phase').getByText('"none"').waitFor()
  await waitForStep('checkout')
  await fillCard(page, '4242424242424242')
  await waitForStep('unlocked')
})

test('useAccess shows the time by which to start a rental and, after its first playback, when it ends', async () => {
  const { page, waitForStep, click, user } = await openHooksPage({
    filmId: seedIds.rentalFilm,
    productId: seedIds.rentalProduct,
  })
  await waitForStep('offer')
  await click('Buy')
  await fillCard(page, '4242424242424242')
  await waitForStep('unlocked')
  const { startBy = '' } = await waitForPhase(page, 'startable')
  expect(Date.parse(startBy) - Date.now()).toBeGreaterThan(29 * dayMs)
  await (await stack().client(user)).access.playbackToken.mutate({ entityId: seedIds.rentalFilm })
  const { expiresAt = '' } = await waitForPhase(page, 'limited')
  expect((Date.parse(expiresAt) - Date.now()) / 3_600_000).toBeCloseTo(48, 1)
})

test('usePurchase shows the start of access that starts later, counts down, and unlocks by server push', async () => {
  const { admin } = await stack().client('root', { admin: true })
  const [id, startsAt] = ['concert', new Date(Date.now() + 3_600_000).toISOString()]
  await admin.entities.put.mutate({ id, type: 'video', title: 'Concert', availableFrom: startsAt })
  await admin.products.offers.put.mutate({ id: seedIds.thirtyDayProduct, entityId: id })
  const { page, errors, waitForStep, click, steps, user } = await openHooksPage({
    filmId: id,
    beforeLoad: (page) => page.route('**/trpc/access.check*', () => undefined),
  })
  await waitForStep('offer')
  await click('Buy')
  await fillCard(page, '4242424242424242')
  expect(await waitForStep('upcoming')).toBe(startsAt)
  expect(Number(await page.getByLabel('countdown').textContent())).toBeGreaterThan(0)
  await stack().query("update entities set available_from = now() + interval '3 seconds' where id = $1", [id])
  await stack().query('select notify_access($1, $2)', [user, id])
  await page.getByLabel('step').getByText('unlocked', { exact: true }).waitFor()
  expect((await steps()).slice(-2)).toEqual(['upcoming', 'unlocked'])
  expect(errors).toEqual([])
})
