import { checkPage } from '@pay-to-view/testing/browser'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { useStorefront } from './storefront.ts'

const { stack, buyFilm, openAsAdmin } = useStorefront(useStack({ web: true, workerEnvironment: { RECONCILE_EVERY: '2' } }))

const focusedElement = (page: Page) => page.locator(':focus')

const insertAlert = (kind: string, key: string, purchaseId: string | null, detail = {}) =>
  stack().query('insert into alerts (kind, dedupe_key, purchase_id, detail) values ($1, $2, $3, $4)', [
    kind,
    key,
    purchaseId,
    JSON.stringify(detail),
  ])

/** Buys a film with a card whose payments are disputed. */
const buyDisputedFilm = async () => {
  const purchase = await buyFilm({ card: '4000000000000259' })
  await stack().waitForStatus(purchase.client, purchase.purchaseId, 'Disputed')
  return purchase
}

test('alerts are grouped and ranked, with a due date and links to the purchase, user and film', async () => {
  await stack().query('delete from alerts')
  const { purchaseId, user } = await buyDisputedFilm()
  const mismatch = {
    paymentIntentId: 'pi_1',
    mismatch: 'amount',
    amount: 100,
    currency: 'usd',
    quoted: 499,
    quotedCurrency: 'usd',
  }
  for (const n of [1, 2]) await insertAlert('duplicate_refunded', `a${n}`, purchaseId, { amount: 499 })
  await insertAlert('mismatch', 'b', purchaseId, mismatch)
  await insertAlert('orphan_event', 'c', null, { eventId: 'evt_1' })
  await insertAlert('kind_of_a_newer_version', 'd', null)
  const { page, errors } = await openAsAdmin('/admin/attention')
  const groups = page.locator('.alert-group')
  await groups.nth(4).waitFor()
  const headings = await groups.getByRole('heading').allTextContents()
  expect(headings[0]).toBe('Payment disputed (1)')
  expect(headings.at(-1)).toBe('Duplicate payment refunded (2)')
  expect(headings).toContain('Kind of a newer version (1)')
  const disputed = page.getByRole('region', { name: 'Payment disputed' })
  await disputed.getByText('urgent').waitFor()
  await disputed.getByText(/Respond by [A-Z]/).waitFor()
  await disputed.getByText('amount $4.99').waitFor()
  expect(await disputed.getByRole('link', { name: user }).getAttribute('href')).toBe(`/admin/users/${user}`)
  expect(await disputed.getByRole('link', { name: 'Nosferatu' }).getAttribute('href')).toBe(
    `/admin/purchases?entity=${seedIds.film}`,
  )
  await page
    .getByRole('region', { name: "Payment doesn't match its quote" })
    .getByText('amount $1.00 · quoted $4.99 · mismatch amount')
    .waitFor()
  await page.getByRole('region', { name: 'Events without a purchase' }).getByText('event id evt_1').waitFor()
  await checkPage(page, 'admin-6-alerts')
  await disputed.getByRole('link', { name: purchaseId }).click()
  await page.getByRole('heading', { name: `${user} · Nosferatu` }).waitFor()
  expect(errors).toEqual([])
})

test('an alert is resolved with a note and then reopened', async () => {
  const { purchaseId } = await buyFilm()
  await insertAlert('restored', 'resolved-with-note', purchaseId)
  const { page } = await openAsAdmin('/admin/attention')
  const alert = page.getByRole('region', { name: 'Purchase restored' }).getByRole('listitem').filter({ hasText: purchaseId })
  await alert.getByRole('button', { name: 'Resolve' }).click()
  await page.getByRole('dialog').getByLabel('Note').fill('  paid by bank transfer ')
  await checkPage(page, 'admin-alert-resolve')
  await page.getByRole('dialog').getByRole('button', { name: 'Resolve' }).click()
  await alert.waitFor({ state: 'detached' })
  await page.getByText('Resolved: Purchase restored.').and(focusedElement(page)).waitFor()
  const { items } = await (await stack().client('root', { admin: true })).admin.alerts.list.query({ open: false })
  expect(items.find((item) => item.purchaseId === purchaseId)).toMatchObject({
    note: 'paid by bank transfer',
    resolvedBy: 'root',
  })
  await page.getByRole('button', { name: 'Undo' }).click()
  await alert.waitFor()
  await page.getByText('Reopened: Purchase restored.').and(focusedElement(page)).waitFor()
})

test('all alerts of a kind can be resolved together', async () => {
  for (let n = 0; n < 25; n++) await insertAlert('orphan_event', `bulk-${n}`, null, { eventId: `evt_bulk_${n}` })
  const { page } = await openAsAdmin('/admin/attention')
  const group = page.getByRole('region', { name: 'Events without a purchase' })
  await group.getByRole('button', { name: 'Show more' }).click()
  await group.getByRole('listitem').nth(24).waitFor()
  await group.getByRole('button', { name: /^Resolve \d+ Events without/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Resolve' }).click()
  await group.waitFor({ state: 'detached' })
  await page.getByText(/^Resolved: \d+ × Events without a purchase/).waitFor()
})

test('informational alerts close after a week', async () => {
  const { purchaseId } = await buyFilm()
  await insertAlert('restored', 'old', purchaseId)
  await insertAlert('refund_failed', 'old-too', purchaseId)
  await stack().query("update alerts set at = now() - interval '8 days' where purchase_id = $1", [purchaseId])
  const { page } = await openAsAdmin('/admin/attention')
  await page.getByRole('region', { name: 'Refund failed' }).getByRole('link', { name: purchaseId }).waitFor()
  await page
    .getByRole('region', { name: 'Purchase restored' })
    .getByRole('link', { name: purchaseId })
    .waitFor({ state: 'detached' })
  const { items } = await (await stack().client('root', { admin: true })).admin.alerts.list.query({
    open: false,
    kind: 'restored',
  })
  expect(items.find((item) => item.purchaseId === purchaseId)?.resolvedBy).toBe('pay-to-view')
})

test('the alert of an open dispute can be resolved only after a confirmation, and closes automatically with the dispute', async () => {
  await stack().query('delete from alerts')
  await buyDisputedFilm()
  const { purchaseId } = await buyDisputedFilm()
  const { page } = await openAsAdmin('/admin/attention')
  const disputed = page.getByRole('region', { name: 'Payment disputed' })
  await disputed.getByRole('listitem').nth(1).waitFor()
  expect(await disputed.getByRole('button', { name: /^Resolve \d/ }).count()).toBe(0)
  const alert = disputed.getByRole('listitem').filter({ hasText: purchaseId })
  await alert.getByRole('button', { name: 'Resolve' }).click()
  const dialog = page.getByRole('dialog', { name: 'The dispute is still open' })
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await alert.waitFor()
  await alert.getByRole('button', { name: 'Resolve' }).click()
  await dialog.getByRole('button', { name: 'Resolve anyway' }).click()
  await alert.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Undo' }).click()
  await alert.waitFor()
  const [dispute] = (await stack().stripe.disputes.list({ limit: 1 })).data
  await stack().emulator(`disputes/${dispute?.id}/review`)
  await alert.getByText('waiting for the bank').waitFor()
  await alert.getByText('status under_review').waitFor()
  expect(await alert.getByText('Respond by').count()).toBe(0)
  await alert.getByRole('button', { name: 'Resolve' }).click()
  await dialog.getByText('The evidence was submitted, and the bank will decide.').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await stack().emulator(`disputes/${dispute?.id}/win`)
  await alert.waitFor({ state: 'detached' })
})

test('a disputed purchase offers no refund until its dispute is closed', async () => {
  const { client, purchaseId } = await buyDisputedFilm()
  const { page } = await openAsAdmin(`/admin/purchases/${purchaseId}`)
  await page.getByText('Stripe does not allow a refund during the dispute.').waitFor()
  expect(await page.getByRole('button', { name: 'Refund…' }).count()).toBe(0)
  await page.getByText('Submit the evidence on this page, or accept the dispute').waitFor()
  await checkPage(page, 'admin-disputed-purchase')
  const [dispute] = (await stack().stripe.disputes.list({ limit: 1 })).data
  await stack().query(
    "insert into alerts (kind, dedupe_key, purchase_id, detail, due_at, resolved_at, resolved_by) values ('dispute_due', 'was-due', $1, '{}', now(), now(), 'Stripe')",
    [purchaseId],
  )
  await stack().emulator(`disputes/${dispute?.id}/review`)
  await page
    .getByText('Stripe does not allow a refund during the dispute. The evidence was submitted. The bank will decide.')
    .waitFor()
  await page.getByText('waiting for the bank').waitFor()
  await page.getByText('Dispute deadline').waitFor()
  expect(await page.getByText('Respond by').count()).toBe(0)
  await stack().emulator(`disputes/${dispute?.id}/win`)
  await stack().waitForStatus(client, purchaseId, 'Completed')
  await page.getByRole('button', { name: 'Refund…' }).waitFor()
})

test('a refund works on a page served over plain HTTP', async () => {
  const { purchaseId } = await buyFilm()
  const { page } = await openAsAdmin(`/admin/purchases/${purchaseId}`)
  // Browsers do not define this function on plain HTTP pages, except on localhost.
  await page.evaluate('delete Crypto.prototype.randomUUID')
  await page.getByRole('button', { name: 'Refund…' }).click()
  await page.getByRole('button', { name: 'Refund $4.99' }).click()
  await page.getByText('Refunded: $4.99.').waitFor()
})

test('an API key is created, shown once, copied and revoked, and the audit log records both changes', async () => {
  const { page, errors } = await openAsAdmin('/admin/api-keys')
  const name = 'Backend'
  await page.getByRole('button', { name: 'New API key' }).click()
  expect(await page.evaluate('document.activeElement.name')).toBe('name')
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Create' }).click()
  await page.getByText('Select at least one permission').waitFor()
  await page.getByLabel("Read users' access").check()
  await page.getByLabel('Expires').selectOption({ label: 'In 90 days' })
  await checkPage(page, 'admin-api-key-form')
  // A double click creates only one key.
  await page.getByRole('button', { name: 'Create' }).dblclick()
  const secret = await page.getByLabel('API key', { exact: true }).and(focusedElement(page)).inputValue()
  expect(secret).toMatch(/^ptvk_\w{43}$/)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: 'Copy' }).click()
  await page.getByText('Copied.').waitFor()
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(secret)
  await checkPage(page, 'admin-api-key')
  const url = `${stack().stack.api}/admin/v1/pay-to-view/users/alice/access?entityId=${seedIds.film}`
  const status = async () => (await fetch(url, { headers: { authorization: `Bearer ${secret}` } })).status
  expect(await status()).toBe(200)

  await page.reload()
  const row = page.getByRole('list', { name: 'API keys' }).getByRole('listitem').filter({ hasText: name })
  await row.getByText('access:read').waitFor()
  expect(await row.count()).toBe(1)
  expect(await page.content()).not.toContain(secret.slice(0, 12))
  const dialog = page.getByRole('dialog', { name: `Revoke ${name}?` })
  await row.getByRole('button', { name: `Revoke ${name}` }).click()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await row
    .getByRole('button', { name: `Revoke ${name}` })
    .and(focusedElement(page))
    .click()
  await dialog.getByRole('button', { name: 'Revoke' }).click()
  await page.getByText(`Revoked: ${name}.`).and(focusedElement(page)).waitFor()
  await row.waitFor({ state: 'detached' })
  await expect.poll(status, { timeout: 10_000 }).toBe(401)

  await page.getByRole('link', { name: 'The audit log' }).click()
  const entries = page.getByRole('list', { name: 'Changes' }).getByRole('listitem').filter({ hasText: name })
  await entries.filter({ hasText: 'api key revoked' }).waitFor()
  await entries.filter({ hasText: 'api key created' }).getByText('Before and after').click()
  await checkPage(page, 'admin-audit')
  await entries.filter({ hasText: 'api key created' }).getByRole('link').click()
  await page.getByText('api key created').waitFor()
  expect(await page.getByRole('list', { name: 'Changes' }).getByRole('listitem').count()).toBe(2)
  expect(errors).toEqual([])
})
