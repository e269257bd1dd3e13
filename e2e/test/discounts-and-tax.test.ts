import { addOffers, closeDb, createDb, putProduct } from '@pay-to-view/db'
import { waitFor } from '@pay-to-view/devstack/wait'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { beforeAll, expect, test } from 'vitest'

const stack = useStack({ environment: { AUTOMATIC_TAX: 'on', INVOICES: 'on' } })
const productId = 'film-with-codes'

const withdrawnCodesId = 'film-whose-codes-were-withdrawn'

const putWithdrawnCodes = async (allowPromotionCodes: boolean) => {
  const db = createDb(stack().stack.databaseUrl)
  const prices = [{ currency: 'usd', amount: 999 }]
  await putProduct(db, { id: withdrawnCodesId, name: 'Film', prices, accessDurationDays: null, allowPromotionCodes }, 'test')
  await closeDb(db)
}

beforeAll(async () => {
  const { stack: services, emulator } = stack()
  const db = createDb(services.databaseUrl)
  await putWithdrawnCodes(true)
  await addOffers(db, withdrawnCodesId, [seedIds.film], 'test')
  const product = { id: productId, name: 'Film to keep', accessDurationDays: null, allowPromotionCodes: true }
  await putProduct(
    db,
    {
      ...{ ...product, taxBehavior: 'exclusive' },
      prices: [
        { currency: 'usd', amount: 999 },
        { currency: 'jpy', amount: 1_501 },
      ],
    },
    'test',
  )
  await addOffers(db, productId, [seedIds.film], 'test')
  await closeDb(db)
  expect(await emulator('promotion_codes', { code: 'FREE', percent_off: '100' })).toBe(200)
  expect(await emulator('promotion_codes', { code: 'HALF', percent_off: '50' })).toBe(200)
  expect(await emulator('tax', { registrations: ['DE'] })).toBe(200)
})

const create = async (user: string, terms: { promotionCode?: string; currency?: string; payToViewProductId?: string }) => {
  const client = await stack().client(user)
  const input = { payToViewProductId: productId, entityId: seedIds.film, returnUrl: 'https://yoursite.com/', ...terms }
  const created = await client.purchases.create.mutate(input)
  if (!created.success) throw new Error(`create returned no checkout: ${JSON.stringify(created)}`)
  return { client, purchaseId: created.purchaseId, sessionId: created.clientSecret.split('_secret_')[0] ?? '' }
}

test('a free order gives access without a payment, and a refund takes the access back once, without calling Stripe', async () => {
  const user = stack().newUser()
  const { client, purchaseId, sessionId } = await create(user, { promotionCode: 'free' })
  expect(await stack().pay(sessionId, { country: 'DE' })).toBe(200)
  const purchase = await stack().waitForStatus(client, purchaseId, 'Completed')
  expect(purchase).toMatchObject({
    ...{ amount: 999, amountSubtotal: 999, amountDiscount: 999, amountTax: 0, amountPaid: 0, amountRefunded: 0 },
    ...{ currency: 'usd', currencyPaid: 'usd', promotionCode: 'FREE', externalTransactionId: null, hasAccess: true },
  })
  const admin = await stack().client('root', { admin: true })
  for (const promotionCode of ['FREE', 'free']) {
    const { items } = await admin.admin.purchases.search.query({ promotionCode, userId: user })
    expect(items.map((item) => item.purchaseId)).toEqual([purchaseId])
  }
  await expect(admin.admin.purchases.refund.mutate({ id: purchaseId, amount: 1 })).rejects.toMatchObject({
    data: {
      problem: {
        code: 'amount_too_large',
        errors: [{ field: 'amount', message: 'Expected no amount: nothing was paid for this order' }],
      },
    },
  })
  const refund = { id: purchaseId, requestId: 'take-back' }
  const response = {
    success: true,
    purchaseId,
    status: 'Refunded',
    refundId: null,
    amount: 0,
    amountRefunded: 0,
    currency: 'usd',
  }
  expect(await admin.admin.purchases.refund.mutate(refund)).toEqual(response)
  expect(await admin.admin.purchases.refund.mutate(refund)).toEqual(response)
  await expect(admin.admin.purchases.refund.mutate({ id: purchaseId })).rejects.toMatchObject({
    data: { problem: { code: 'already_refunded' } },
  })
  expect(await client.purchases.get.query({ id: purchaseId })).toMatchObject({ status: 'Refunded', hasAccess: false })
  expect((await stack().stripe.refunds.list()).data).toEqual([])
})

test('a taxed, discounted purchase in another currency shows its price parts, code, country and invoice', async () => {
  const user = stack().newUser()
  const { client, purchaseId, sessionId } = await create(user, { promotionCode: 'HALF', currency: 'jpy' })
  expect(await stack().pay(sessionId, { card: '4242424242424242', country: 'DE' })).toBe(200)
  await stack().waitForStatus(client, purchaseId, 'Completed')
  const purchase = await waitFor(
    'the invoice',
    async () => {
      const found = await client.purchases.get.query({ id: purchaseId })
      return found.invoiceUrl === null ? null : found
    },
    { timeoutMs: 30_000 },
  )
  // Stripe rounds 50% of 1,501 to 751, and 19% of the remaining 750 to 143.
  expect(purchase).toMatchObject({
    ...{ amountSubtotal: 1_501, amountDiscount: 751, amountTax: 143, amountPaid: 893, currency: 'jpy', promotionCode: 'HALF' },
  })
  const admin = await stack().client('root', { admin: true })
  expect(await admin.admin.purchases.get.query({ id: purchaseId })).toMatchObject({
    country: 'DE',
    invoiceNumber: expect.any(String),
  })
  expect(await admin.admin.purchases.refund.mutate({ id: purchaseId })).toMatchObject({ amount: 893, currency: 'jpy' })
})

test('an invoice that Stripe creates after the checkout is complete is added to the purchase', async () => {
  const settings = (seconds: number) => stack().emulator('settings', { invoice_delay_seconds: seconds })
  expect(await settings(2)).toBe(200)
  const { client, purchaseId, sessionId } = await create(stack().newUser(), {})
  expect(await stack().pay(sessionId)).toBe(200)
  const purchase = await waitFor(
    'the invoice',
    async () => {
      const found = await client.purchases.get.query({ id: purchaseId })
      return found.invoiceUrl === null ? null : found
    },
    { timeoutMs: 30_000 },
  )
  const { invoice } = await stack().stripe.checkout.sessions.retrieve(sessionId, { expand: ['invoice'] })
  const invoiceUrl = typeof invoice === 'object' ? invoice?.hosted_invoice_url : null
  expect(purchase).toMatchObject({ invoiceUrl, status: 'Completed', hasAccess: true })
  expect(await settings(0)).toBe(200)
})

test.each([
  [{ currency: 'eur' }, { code: 'currency_not_offered', currencies: ['usd', 'jpy'] }],
  [{ promotionCode: 'NEVER' }, { code: 'promotion_code_invalid', reason: 'unknown' }],
])('%j is rejected with an error that gives the reason or the alternatives', async (terms, problem) => {
  await expect(create(stack().newUser(), terms)).rejects.toMatchObject({ data: { problem } })
})

test('the sums of the CSV file equal the balance in Stripe exactly, per currency', async () => {
  const { pay, waitForStatus, stripe, token, stack: services } = stack()
  const buys = [
    { terms: {}, method: { country: 'DE' }, refund: 100 },
    { terms: { promotionCode: 'HALF' }, method: { country: 'DE' }, refund: undefined },
    { terms: { currency: 'jpy' }, method: { country: 'DE', promotionCode: 'HALF' }, refund: null },
    { terms: { currency: 'jpy' }, method: {}, refund: null },
    { terms: { promotionCode: 'FREE' }, method: {}, refund: null },
  ]
  const admin = await stack().client('root', { admin: true })
  for (const { terms, method, refund } of buys) {
    const { client, purchaseId, sessionId } = await create(stack().newUser(), terms)
    expect(await pay(sessionId, { card: '4242424242424242', ...method })).toBe(200)
    await waitForStatus(client, purchaseId, 'Completed')
    if (refund !== null) await admin.admin.purchases.refund.mutate({ id: purchaseId, amount: refund })
  }
  const response = await fetch(`${services.api}/admin/v1/pay-to-view/purchases.csv`, {
    headers: { authorization: `Bearer ${await token('root', { admin: true })}` },
  })
  const [header = '', ...lines] = (await response.text()).trim().split('\r\n')
  // The values for these purchases contain no commas or quotation marks.
  const cells = (line: string) => line.split(',').map((cell) => cell.replace(/^"|"$/g, ''))
  const column = (line: string, name: string) => cells(line)[cells(header).indexOf(name)] ?? ''
  const sums: Record<string, number> = {}
  for (const line of lines) {
    const [subtotal = 0, discount = 0, tax = 0, paid = 0, refunded = 0] = [
      ...['amountSubtotal', 'amountDiscount', 'amountTax', 'amountPaid', 'amountRefunded'],
    ].map((name) => Number(column(line, name)))
    expect(subtotal - discount + tax).toBe(paid)
    const currency = column(line, 'currencyPaid')
    sums[currency] = (sums[currency] ?? 0) + paid - refunded
  }
  const balance: Record<string, number> = {}
  for await (const { currency, amount } of stripe.balanceTransactions.list({ limit: 100 }))
    balance[currency] = (balance[currency] ?? 0) + amount
  expect(sums).toEqual(balance)
})

test('a checkout is reused for the same code in upper or lower case, until the product no longer allows codes', async () => {
  const user = stack().newUser()
  const terms = { payToViewProductId: withdrawnCodesId, promotionCode: 'HALF' }
  const { sessionId } = await create(user, terms)
  expect(await create(user, { ...terms, promotionCode: 'half' })).toMatchObject({ sessionId })
  await putWithdrawnCodes(false)
  await expect(create(user, terms)).rejects.toMatchObject({
    data: { problem: { code: 'promotion_code_invalid', reason: 'not_applicable' } },
  })
})
