import { checkPage } from '@pay-to-view/testing/browser'
import { useStack } from '@pay-to-view/testing/stack'
import { beforeAll, expect, test } from 'vitest'
import { useStorefront } from './storefront.ts'

const { stack, openAs, openAsAdmin } = useStorefront(
  useStack({ web: true, workerEnvironment: { RECONCILE_EVERY: '5', CANCELLATIONS_PER_SECOND: '2' } }),
)

const productId = 'concert-ticket'
const opensOn = '2030-06-01T20:00:00.000Z'
const admin = async () => (await stack().client('root', { admin: true })).admin

beforeAll(async () => {
  const terms = { name: 'Ticket', accessDurationDays: 2, prices: [{ amount: 2_000, currency: 'usd' }] }
  await (await admin()).products.put.mutate({ id: productId, ...terms })
})

/** Creates a pre-sold live event with several buyers. One buyer's payment is disputed. */
const sellEvent = async (id: string, buyers: number) => {
  const { entities, products } = await admin()
  await entities.put.mutate({ id, type: 'video', title: `Concert ${id}`, availableFrom: opensOn })
  await products.offers.put.mutate({ id: productId, entityId: id })
  const { client, create, newUser, pay, waitForStatus } = stack()
  for (let count = 0; count < buyers; count++) {
    const user = await client(newUser())
    const { purchaseId, sessionId } = await create(user, productId, id)
    await pay(sessionId, { card: count === 0 ? '4000000000000259' : '4242424242424242' })
    await waitForStatus(user, purchaseId, count === 0 ? 'Disputed' : 'Completed')
  }
}

test('the access to a live event is extended, its date is moved after a confirmation, and it is canceled with a report', async () => {
  const id = 'concert'
  await sellEvent(id, 7)
  const { page, errors } = await openAsAdmin(`/admin/entities/${id}`)
  await page.getByRole('heading', { level: 1, name: `Concert ${id}` }).waitFor()

  await page.getByLabel('Available from').fill('2030-07-01T20:00')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const moveDialog = page.getByRole('dialog', { name: 'Change when access starts for 6 buyers?' })
  await moveDialog.waitFor()
  await checkPage(page, 'admin-event-move')
  await moveDialog.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('button', { name: 'Save and change' }).click()
  await page.getByText('Saved.').waitFor()
  const { entities, audit } = await admin()
  expect((await entities.get.query({ id })).availableFrom).toMatch(/^2030-07-01|^2030-06-30|^2030-07-02/)
  expect((await audit.list.query({ subjectId: id })).items).toContainEqual(
    expect.objectContaining({ action: 'entity.pre_sold_moved', after: expect.objectContaining({ grants: 6 }) }),
  )

  await page.getByRole('button', { name: 'Extend all…' }).click()
  await page.getByText('Enter a whole number from 1 to 36,500').waitFor()
  await page.getByRole('button', { name: 'Cancel and refund…' }).click()
  await page.getByText('Enter a reason').nth(1).waitFor()
  expect(await page.getByRole('dialog').count()).toBe(0)
  await page.getByLabel('Days').fill('2')
  await page.getByLabel('Reason for the extension').fill('The stream failed')
  await page.getByRole('button', { name: 'Extend all…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Extend', exact: true }).click()
  // No one has access before the event opens.
  await page.getByText('0 extended, 0 unchanged.').waitFor()
  await page.getByText('Extension by 2 days requested.').and(page.locator(':focus')).waitFor()
  expect(await page.getByLabel('Days').inputValue()).toBe('')
  expect(await page.getByLabel('Reason for the extension').inputValue()).toBe('')

  await page.getByRole('textbox', { name: 'Reason', exact: true }).fill('The singer is ill')
  await page.getByRole('button', { name: 'Cancel and refund…' }).click()
  const dialog = page.getByRole('dialog', { name: `Cancel Concert ${id} and refund 6 buyers?` })
  await dialog.getByText('1 disputed payment will not be refunded').waitFor()
  await checkPage(page, 'admin-event-cancel')
  await dialog.getByRole('button', { name: 'Cancel and refund' }).click()
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByText(/^Paused: \d of 7 items$/).waitFor()
  await checkPage(page, 'admin-event-paused')
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.getByText('Finished: 7 of 7 items').waitFor()
  await page.getByRole('list', { name: 'Not refunded automatically' }).getByText('Disputed.').waitFor()
  await page.getByText(/^It was canceled on/).waitFor()
  await page.getByRole('heading', { name: 'Sale ended' }).waitFor()
  await page.getByText('canceled', { exact: true }).waitFor()
  expect(await page.getByText('published', { exact: true }).count()).toBe(0)
  expect(await page.getByLabel('Available from').count()).toBe(0)
  await page.getByText("The title was canceled, so its dates can't be changed.").waitFor()
  await checkPage(page, 'admin-event-canceled')
  expect(await entities.cancellation.query({ id })).toMatchObject({ refunded: 6, skipped: { disputed: 1 }, failed: 0 })
  expect(errors).toEqual([])
}, 120_000)

test("a buyer's pages say that the event was canceled and refunded, and offer nothing to buy", async () => {
  const id = 'recital'
  const { entities, products } = await admin()
  await entities.put.mutate({ id, type: 'video', title: 'Recital', availableFrom: opensOn })
  await products.offers.put.mutate({ id: productId, entityId: id })
  const { client, create, newUser, pay, waitForStatus } = stack()
  const user = newUser()
  const buyer = await client(user)
  const { purchaseId, sessionId } = await create(buyer, productId, id)
  await pay(sessionId)
  await waitForStatus(buyer, purchaseId, 'Completed')
  const { page: title, errors } = await openAs(user, `/e/${id}`)
  await title.getByText(/^You have bought this/).waitFor()
  const { page: watch } = await openAs(user, `/watch/${id}`)
  await watch.getByText(/^You have bought this/).waitFor()
  const { page: checkout } = await openAs(newUser(), `/e/${id}`)
  await checkout.getByRole('button', { name: /^Buy/ }).click()
  await checkout.frameLocator('iframe').getByRole('button', { name: /pay/i }).waitFor()

  await entities.cancel.mutate({ id, reason: 'The singer is ill' })
  for (const page of [title, watch]) {
    await page.getByRole('heading', { name: 'This event was canceled' }).waitFor()
    await page.getByText('$20.00 was refunded.').waitFor()
    expect(await page.getByRole('button', { name: /^Buy/ }).count()).toBe(0)
    expect(await page.getByRole('link', { name: 'See purchase options' }).count()).toBe(0)
  }
  await checkPage(title, 'canceled-event-title')
  await checkPage(watch, 'canceled-event-watch')
  await title.getByRole('link', { name: 'My purchases' }).click()
  await title.getByText('This event was canceled. $20.00 was refunded').waitFor()
  await title.getByRole('link', { name: 'Details and receipt' }).click()
  await title.getByText('Refunded. This event was canceled. $20.00 was refunded.').waitFor()
  await checkout.getByRole('heading', { name: 'This event was canceled' }).waitFor()
  await checkout.getByText("You weren't charged.").waitFor()
  expect(await checkout.getByRole('button', { name: /^Buy|See purchase options/ }).count()).toBe(0)
  expect(errors).toEqual([])
}, 120_000)
