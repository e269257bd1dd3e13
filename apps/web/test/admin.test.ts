import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { seeded, useStack } from '../../../packages/devstack/test/harness.ts'
import { look, signIn, useBrowser } from './page.ts'

const stack = useStack({ web: true, temporalUi: true })
const open = useBrowser(stack)

/** Somebody who has paid for the film. */
const buyer = async (user: string) => {
  const { client, create, pay, whenStatus } = stack()
  const viewer = await client(user)
  const { purchaseId, sessionId } = await create(viewer)
  await pay(sessionId)
  await whenStatus(viewer, purchaseId, 'Completed')
  return { viewer, purchaseId }
}

/** What has the focus. */
const focused = (page: Page) => page.locator(':focus')

/** The dialog in which an operator confirms the refund of a part. */
const confirming = async (user: string) => {
  const bought = await buyer(user)
  const { page } = await open(`/sign-in?next=/admin/purchases/${bought.purchaseId}`)
  await signIn(page, 'root', { admin: true })
  await page.getByLabel('Amount in USD').fill('3.00')
  await page.getByRole('button', { name: 'Refund …' }).click()
  return { ...bought, page, confirm: () => page.getByRole('button', { name: 'Refund $3.00' }).click() }
}

test('a refund is of what was confirmed, although somebody else refunds a part meanwhile', async () => {
  const { viewer, purchaseId, page, confirm } = await confirming('refunded-by-two')
  const { purchases } = (await stack().client('other', { admin: true })).admin
  await purchases.refund.mutate({ id: purchaseId, amount: 250 })
  await page.getByRole('definition').getByText('$2.50', { exact: true }).waitFor()
  await confirm()
  await page.getByRole('dialog').getByText('The amount is larger than what is left to refund').waitFor()
  expect(await viewer.purchases.get.query({ id: purchaseId })).toMatchObject({ amountRefunded: 250, hasAccess: true })
})

test('a refund whose answer was lost is asked for again and made once', async () => {
  const { viewer, purchaseId, page, confirm } = await confirming('refunded-unheard')
  await page.route(
    /admin\.purchases\.refund/,
    async (route) => {
      await route.fetch()
      await route.abort()
    },
    { times: 1 },
  )
  await confirm()
  await page.getByRole('dialog').getByRole('alert').waitFor()
  await page.getByRole('definition').getByText('$3.00', { exact: true }).waitFor()
  await confirm()
  await page.getByText('Refunded: $3.00.').waitFor()
  expect((await viewer.purchases.get.query({ id: purchaseId })).amountRefunded).toBe(300)
})

describe.each(['desktop-light', 'phone-dark'] as const)('%s', (size) => {
  test('an operator finds a purchase, sees its life, refunds a part and then the rest', async () => {
    const user = `buyer_of_a_name_as_long_as_those_that_are_forgotten-${size}`
    const { viewer, purchaseId } = await buyer(user)
    const { page, errors } = await open('/sign-in?next=/admin', size)
    await signIn(page, 'root', { admin: true })
    await page.getByLabel('User').fill(user)
    await page.getByLabel('Status').selectOption('Completed')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('link', { name: `${user} · Nosferatu` }).waitFor()
    expect(await page.getByRole('list', { name: 'Purchases found' }).getByRole('listitem').count()).toBe(1)
    await look(page, `admin-${size}-1-search`)
    await page.getByRole('link', { name: `${user} · Nosferatu` }).click()
    await page.getByText('Pending → Completed').waitFor()
    expect(await page.getByRole('link', { name: 'Payment at Stripe' }).getAttribute('href')).toMatch(/\/payments\/pi_/)
    await look(page, `admin-${size}-2-purchase`)

    await page.getByLabel('Amount in USD').fill('9.99')
    await page.getByRole('button', { name: 'Refund …' }).click()
    await page.getByText('Expected an amount up to $4.99').waitFor()
    await page.getByLabel('Amount in USD').fill('1.50')
    await page.getByLabel('Reason').fill('the sound was bad')
    await page.getByRole('button', { name: 'Refund …' }).click()
    await page.getByText('A part: access stays.').waitFor()
    await look(page, `admin-${size}-3-confirm`)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Refund …' }).click()
    await page.getByRole('button', { name: 'Refund $1.50' }).click()
    await page.getByText(/succeeded · the sound was bad/).waitFor()
    expect((await viewer.purchases.get.query({ id: purchaseId })).amountRefunded).toBe(150)
    await page.getByText('Refunded: $1.50.').and(focused(page)).waitFor()
    expect(await page.getByLabel('Reason').inputValue()).toBe('')

    await page.getByRole('button', { name: 'Refund …' }).click()
    await page.getByRole('button', { name: 'Refund $3.49' }).click()
    await page.getByText('Completed → Refunded').waitFor()
    await page.getByRole('button', { name: 'Refund …' }).waitFor({ state: 'detached' })
    await page.getByText('Refunded: $3.49.').and(focused(page)).waitFor()
    await look(page, `admin-${size}-4-refunded`)
    expect(errors).toEqual([])
  })

  test('products are created, offered, changed and withdrawn, and the shop follows', async () => {
    const { page, errors } = await open('/sign-in?next=/admin/products', size)
    await signIn(page, 'root', { admin: true })
    const name = `Matinee ${size}`
    await page.getByRole('button', { name: 'New product' }).click()
    expect(await page.evaluate('document.activeElement.name')).toBe('name')
    await page.getByLabel('Name').fill(name)
    await page.getByLabel('Price').fill('2,50')
    await page.getByLabel(/Days of access/).fill('2')
    // Pressed twice: made once.
    await page.getByRole('button', { name: 'Save' }).dblclick()
    await page.getByLabel(`Offer ${name} for`).selectOption({ label: 'Nosferatu' })
    await page.getByRole('listitem').filter({ hasText: name }).getByRole('button', { name: 'Offer', exact: true }).click()
    await page
      .getByRole('list', { name: `What ${name} is offered for` })
      .getByText('Nosferatu')
      .waitFor()
    await look(page, `admin-${size}-5-products`)
    await page.getByRole('button', { name: `Offer ${name} no longer for Nosferatu` }).click()
    await page.getByRole('button', { name: `Offer ${name} no longer for Nosferatu` }).waitFor({ state: 'detached' })
    await page.getByLabel(`Offer ${name} for`).selectOption({ label: 'Nosferatu' })
    await page.getByRole('listitem').filter({ hasText: name }).getByRole('button', { name: 'Offer', exact: true }).click()
    await page.getByRole('button', { name: `Offer ${name} no longer for Nosferatu` }).waitFor()
    const prices = async () => {
      const { products } = await (await stack().client('anybody')).entities.get.query({ entityId: seeded.film })
      return products.filter((product) => product.name.startsWith(name)).map(({ amount, name }) => [amount, name])
    }
    expect(await prices()).toEqual([[250, name]])
    await page.getByRole('button', { name: `Change ${name}` }).click()
    await page.getByLabel('Price').fill('free')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Expected a price such as 4.99').waitFor()
    await page.getByLabel('Price').fill('3')
    await page.getByRole('button', { name: 'Save' }).click()
    await page
      .getByRole('listitem')
      .filter({ hasText: name })
      .getByText(/\$3\.00, watch for 2 days/)
      .waitFor()
    await page.getByRole('button', { name: `Withdraw ${name}` }).click()
    await page
      .getByRole('button', { name: `Put on sale ${name}` })
      .and(focused(page))
      .waitFor()
    expect(await prices()).toEqual([])
    expect(errors).toEqual([])
  })

  test('what needs attention is shown, and an alert is resolved', async () => {
    const { client, newUser, create, pay, whenStatus, query } = stack()
    const viewer = await client(newUser())
    const { purchaseId, sessionId } = await create(viewer)
    await pay(sessionId)
    await whenStatus(viewer, purchaseId, 'Completed')
    await query(`insert into alerts (kind, dedupe_key, purchase_id, detail) values ('restored', $1, $2, '{"from":"Disputed"}')`, [
      `restored:${size}`,
      purchaseId,
    ])
    await query(
      `insert into stripe_events (id, type, created_at, object_id, livemode, outcome, purchase_id, reading, applied_at, source)
       values ($2, 'charge.refunded', now(), 'ch_1', false, 'ours', $1, '{}', now(), 'reconcile')`,
      [purchaseId, `evt_missed_${size}`],
    )
    const { page } = await open('/sign-in?next=/admin/attention', size)
    await signIn(page, 'root', { admin: true })
    await page.getByText('Paid, but not as quoted').waitFor()
    const missed = page.getByRole('region', { name: 'Events of the last day that no webhook brought' })
    await missed.getByText(`evt_missed_${size}`).waitFor()
    expect(await missed.getByRole('link', { name: purchaseId }).count()).toBe(1)
    const alert = page.getByRole('listitem').filter({ hasText: purchaseId }).filter({ hasText: 'restored' })
    await alert.waitFor()
    await look(page, `admin-${size}-6-attention`)
    await alert.getByRole('button', { name: 'Resolve' }).click()
    await alert.waitFor({ state: 'detached' })
    await page
      .getByText(/^Resolved: restored/)
      .and(focused(page))
      .waitFor()
  })
})

/** A purchase whose payment is not what was quoted. */
const mismatched = async () => {
  const { client, newUser, create, payByHand } = stack()
  const user = newUser()
  const viewer = await client(user)
  const { purchaseId, sessionId } = await create(viewer)
  await payByHand(sessionId, 100)
  return { user, viewer, purchaseId }
}

test.each(['desktop-light', 'phone-dark'] as const)(
  '%s: a payment that is not what was quoted is accepted, with a reason',
  async (size) => {
    const { user, viewer, purchaseId } = await mismatched()
    const { page } = await open(`/sign-in?next=/admin/purchases/${purchaseId}`, size)
    await signIn(page, 'root', { admin: true })
    await page.getByText('The payment is not what was quoted').waitFor()
    await look(page, `admin-${size}-7-mismatch`)
    await page.getByRole('button', { name: 'Accept …' }).click()
    await page.getByLabel('Reason').last().fill('agreed by mail')
    await look(page, `admin-${size}-8-accept`)
    await page.getByRole('button', { name: 'Accept the payment' }).click()
    await page.getByText('Pending → Completed').waitFor()
    await page.getByText('Accepted by root: agreed by mail').waitFor()
    await page.getByText('Accepted: the access is there.').and(focused(page)).waitFor()
    await page.getByText('The payment is not what was quoted').waitFor({ state: 'detached' })
    expect(await viewer.access.check.query({ entityId: seeded.film })).toMatchObject({ hasAccess: true })
    // The buyer's receipt says what was paid, not what was quoted.
    const receipt = await open(`/sign-in?next=/purchases/${purchaseId}`, size)
    await signIn(receipt.page, user)
    await receipt.page.getByText(/^\$1\.00, /).waitFor()
  },
)

test('the links of a purchase open its workflow in the Temporal UI, and its payment at Stripe', async () => {
  const { purchaseId } = await buyer('linked')
  const { page } = await open(`/sign-in?next=/admin/purchases/${purchaseId}`)
  await signIn(page, 'root', { admin: true })
  const follow = async (name: string) => {
    const opened = page.context().waitForEvent('page')
    await page.getByRole('link', { name }).click()
    return opened
  }
  const workflow = await follow('Workflow in Temporal')
  await workflow.getByRole('heading', { name: purchaseId }).waitFor()
  await workflow.getByText('Until no dispute can come any more').first().waitFor()
  const payment = await follow('Payment at Stripe')
  await payment.getByText(/pi_/).first().waitFor()
})

test('what is found is saved as CSV, without formulas, and for admins alone', async () => {
  const { purchaseId } = await buyer('=HYPERLINK("http://evil.example","x")')
  const { page } = await open('/sign-in?next=/admin')
  await signIn(page, 'root', { admin: true })
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export as CSV' }).click(),
  ])
  const [head, ...rows] = readFileSync(await download.path(), 'utf8')
    .trimEnd()
    .split('\r\n')
  expect(head).toMatch(/^purchaseId,status,user,/)
  const row = rows.find((line) => line.startsWith(purchaseId))
  expect(row).toContain(`,Completed,"'=HYPERLINK(""http://evil.example"",""x"")",${seeded.film},Nosferatu,`)
  const address = `${stack().stack.api}/admin/v1/pay-to-view/purchases.csv`
  expect((await fetch(address)).status).toBe(401)
})

test('what is in the fields is what is searched for, saved and cleared', async () => {
  const { purchaseId } = await buyer('searched')
  await buyer('another')
  const { page } = await open('/sign-in?next=/admin')
  await signIn(page, 'root', { admin: true })
  const user = page.getByLabel('User')
  await user.fill('searched')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export as CSV' }).click(),
  ])
  const [, ...rows] = readFileSync(await download.path(), 'utf8')
    .trimEnd()
    .split('\r\n')
  expect(rows.map((row) => row.split(',')[0])).toEqual([purchaseId])
  await user.press('Enter')
  await page.getByRole('link', { name: 'another · Nosferatu' }).waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'searched · Nosferatu' }).waitFor()
  await user.and(focused(page)).waitFor()
  await page.goBack()
  await page.getByRole('link', { name: 'another · Nosferatu' }).waitFor()
  expect(await user.inputValue()).toBe('')
  await user.fill('draft')
  await page.getByRole('button', { name: 'Clear' }).click()
  expect(await user.inputValue()).toBe('')
})

test('a viewer sees no way to the back office, and finds it closed', async () => {
  const { page } = await open('/sign-in?next=/admin')
  await signIn(page, 'viewer')
  await page.getByText('This is for operators').waitFor()
  expect(await page.getByRole('link', { name: 'Back office' }).count()).toBe(0)
  await look(page, 'admin-closed')
})

test('signed out, the address of a purchase leads to it by way of the sign-in', async () => {
  const { purchaseId } = await buyer('addressed')
  const { page } = await open(`/admin/purchases/${purchaseId}`)
  await page.getByRole('link', { name: 'Sign in as an operator' }).click()
  await signIn(page, 'root', { admin: true })
  await page.getByRole('heading', { name: 'addressed · Nosferatu' }).waitFor()
})
