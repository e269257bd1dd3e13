import { checkPage } from '@pay-to-view/testing/browser'
import { useStack } from '@pay-to-view/testing/stack'
import { startWebhookReceiver } from '@pay-to-view/testing/webhook-receiver'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useStorefront } from './storefront.ts'

const { stack, buyFilm, openAsAdmin } = useStorefront(useStack({ web: true, mail: true }))

let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>
beforeAll(async () => {
  receiver = await startWebhookReceiver()
})
afterAll(() => receiver.close())

test('an endpoint is created, gets messages that are listed with their responses, and is disabled and deleted', async () => {
  const { page, errors } = await openAsAdmin('/admin/webhooks')
  await page.getByRole('button', { name: 'New endpoint' }).click()
  await page.getByLabel('URL').fill('http://169.254.169.254/')
  await page.getByRole('button', { name: 'Save' }).click()
  await page
    .getByRole('alert')
    .getByText(/not an address of this machine/)
    .waitFor()
  await page.getByLabel('URL').fill(receiver.url)
  await page.getByLabel('Description').fill('CRM')
  await checkPage(page, 'webhooks-1-form')
  await page.getByRole('button', { name: 'Save' }).click()
  const secret = await page.getByRole('textbox', { name: 'Signing secret' }).inputValue()
  expect(secret).toMatch(/^whsec_/)
  receiver.state.secrets = [secret]
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('link', { name: receiver.url }).click()

  await page.getByRole('button', { name: 'Send a test message' }).click()
  await page.getByText('The test message is on its way.').waitFor()
  await receiver.waitFor('the test message', ({ type }) => type === 'test')
  const { user } = await buyFilm()
  await receiver.waitFor('the purchase', ({ type, data }) => type === 'purchase.completed' && data.userId === user)
  const deliveries = page.getByRole('list', { name: 'Deliveries' })
  await deliveries.getByText('purchase.completed').first().waitFor()
  await deliveries.getByText('Delivered').first().waitFor()
  await deliveries.getByText('1 attempt').first().click()
  await deliveries.getByText('status 200').first().waitFor()
  await page.reload()
  await page.locator('.plot canvas').waitFor()
  await page.getByText('Table', { exact: true }).click()
  await page.getByRole('columnheader', { name: 'Median' }).waitFor()
  await checkPage(page, 'webhooks-2-endpoint')

  const before = receiver.received.length
  await deliveries
    .getByRole('button', { name: /^Send again/ })
    .first()
    .click()
  await deliveries.getByText('It will be sent again.').waitFor()
  await receiver.waitFor('the resent message', () => receiver.received.length > before)

  await page.getByRole('button', { name: 'Disable' }).click()
  await page.getByText('Disabled', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('No endpoints').waitFor()
  await checkPage(page, 'webhooks-3-none')
  expect(errors).toEqual([])
})

test("a purchase's e-mails are listed with their outcomes and without the address, and one e-mail is resent", async () => {
  const { client, create, pay, newUser } = stack()
  const email = 'ann.sent@mail.example'
  await buyFilm()
  const { purchaseId, sessionId } = await create(await client(newUser(), { email }))
  await pay(sessionId)
  const { page, errors } = await openAsAdmin(`/admin/purchases/${purchaseId}`)
  await page.getByRole('link', { name: 'E-mails', exact: true }).click()
  const mails = page.getByRole('list', { name: 'Deliveries' })
  await mails.getByText('Confirmation of the purchase').waitFor()
  await mails.getByText('Delivered').waitFor()
  expect(await mails.getByRole('listitem').count()).toBe(1)
  await mails.getByRole('button', { name: /^Send again/ }).click()
  await mails.getByText('It will be sent again.').waitFor()
  await mails.getByText('2 attempts').click()
  await mails
    .getByText(/250, \d+ ms/)
    .first()
    .waitFor()
  await page.getByRole('link', { name: 'E-mails about all purchases' }).click()
  await mails.getByText('Not sent: Stripe has no address for the user').first().waitFor()
  await page.getByText('Send messages again').click()
  await page.getByText('Only e-mails that were not sent.', { exact: false }).waitFor()
  await page.locator('.plot canvas').waitFor()
  await checkPage(page, 'webhooks-4-emails')
  expect(await page.content()).not.toContain(email)
  expect(errors).toEqual([])
})
