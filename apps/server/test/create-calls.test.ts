import { createEmailHash, createPurchaseCommands } from '@pay-to-view/api'
import { addOffers, closeDb, createDb, putProduct } from '@pay-to-view/db'
import { createGateway, createStripe } from '@pay-to-view/stripe'
import { seedIds, useSharedStack } from '@pay-to-view/testing/stack'
import { createPurchaseClient } from '@pay-to-view/workflow-client/client'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

const stack = useSharedStack()
const productId = 'film-with-codes'
/** The method and path of each Stripe API call that `create` has made. */
const calls: string[] = []
let commands: ReturnType<typeof createPurchaseCommands>
let close: () => Promise<void>

beforeAll(async () => {
  const { databaseUrl, stripeApi, temporalAddress, temporalNamespace } = stack().stack
  const db = createDb(databaseUrl)
  const client = createTemporalClient({ address: temporalAddress, namespace: temporalNamespace, tls: false })
  const onCall = ({ operation }: { operation: string }): void => void calls.push(operation)
  commands = createPurchaseCommands({
    db,
    stripe: createGateway(createStripe({ secretKey: 'sk_test_server', apiBase: stripeApi, onCall })),
    purchases: createPurchaseClient({ client, taskQueue: 'pay-to-view' }),
    checkoutOptions: { redirect: 'never', automaticTax: false, collectTaxIds: false, createInvoices: true },
    consent: null,
    hashEmail: createEmailHash('key'),
    isReturnUrlAllowed: () => true,
  })
  close = async () => {
    await client.connection.close()
    await closeDb(db)
  }
  const product = { id: productId, name: 'Film', prices: [{ currency: 'usd', amount: 999 }], accessDurationDays: 30 }
  await putProduct(db, { ...product, allowPromotionCodes: true }, 'test')
  await addOffers(db, productId, [seedIds.film, seedIds.channelFilm], 'test')
  expect(await stack().emulator('promotion_codes', { code: 'HALF', percent_off: '50' })).toBe(200)
})
afterAll(() => close())
beforeEach(() => {
  calls.length = 0
})

const create = async (
  id: string,
  terms: { entityId?: string; promotionCode?: string; returnUrl?: string; email?: string } = {},
) => {
  const { email = null, ...input } = terms
  const required = { payToViewProductId: productId, entityId: seedIds.film, returnUrl: 'https://yoursite.com/' }
  const created = await commands.create({ ...required, ...input }, { id, email })
  if (!created.success) throw new Error(`create returned no checkout: ${JSON.stringify(created)}`)
  return created
}

const newCheckout = 'POST /v1/checkout/sessions'

test('create calls Stripe once for a known user, and once more with a promotion code', async () => {
  const user = stack().newUser()
  await create(user)
  expect(calls).toEqual(['POST /v1/customers', newCheckout])
  calls.length = 0
  await create(user, { entityId: seedIds.channelFilm })
  expect(calls).toEqual([newCheckout])
  const other = stack().newUser()
  await create(other)
  calls.length = 0
  await create(other, { entityId: seedIds.channelFilm, promotionCode: 'half' })
  expect(calls).toEqual(['GET /v1/promotion_codes', newCheckout])
})

test('an open checkout is reused only with the same promotion code, in upper or lower case', async () => {
  const user = stack().newUser()
  const first = await create(user, { promotionCode: 'HALF' })
  expect((await create(user, { promotionCode: 'half' })).purchaseId).toBe(first.purchaseId)
  // A code that cannot be used leaves the open checkout as it is.
  await expect(create(user, { promotionCode: 'NEVER' })).rejects.toMatchObject({ code: 'promotion_code_invalid' })
  expect((await create(user, { promotionCode: 'HALF' })).purchaseId).toBe(first.purchaseId)
  expect((await create(user)).purchaseId).not.toBe(first.purchaseId)
})

test('an open checkout is reused only with the same return URL, even if the checkout does not redirect', async () => {
  const user = stack().newUser()
  const first = await create(user)
  expect((await create(user)).purchaseId).toBe(first.purchaseId)
  expect((await create(user, { returnUrl: 'https://yoursite.com/other' })).purchaseId).not.toBe(first.purchaseId)
})

test('a code that takes off an amount in another currency leaves the open checkout as it is', async () => {
  const user = stack().newUser()
  const first = await create(user)
  const code = { code: 'EUROS', amount_off: '300', currency: 'eur' }
  expect(await stack().emulator('promotion_codes', code)).toBe(200)
  await expect(create(user, { promotionCode: 'EUROS' })).rejects.toMatchObject({ code: 'promotion_code_invalid' })
  expect((await create(user)).purchaseId).toBe(first.purchaseId)
})

test('Stripe gets the e-mail address from the token, even after a change; the database stores only a keyed hash', async () => {
  const user = stack().newUser()
  const { stripe, query } = stack()
  const emailOf = async (customer: string) => {
    const found = await stripe.customers.retrieve(customer)
    return found.deleted ? null : found.email
  }
  const { stripeCustomerId } = await create(user, { email: 'ada@example.com' })
  expect(await emailOf(stripeCustomerId)).toBe('ada@example.com')
  calls.length = 0
  await create(user, { entityId: seedIds.channelFilm, email: 'ada@example.com' })
  expect(calls).toEqual([newCheckout])
  await query('update purchases set open = false where user_id = $1', [user])
  calls.length = 0
  await create(user, { email: 'lovelace@example.com' })
  expect(calls.toSorted()).toEqual([newCheckout, 'POST /v1/customers/{id}'].toSorted())
  expect(await emailOf(stripeCustomerId)).toBe('lovelace@example.com')
  // The open checkout is reused, also if the address changes back.
  for (const email of ['ada@example.com', 'lovelace@example.com']) {
    for (const expected of [['GET /v1/checkout/sessions/{id}', 'POST /v1/customers/{id}'], ['GET /v1/checkout/sessions/{id}']]) {
      calls.length = 0
      await create(user, { email })
      expect(calls.toSorted()).toEqual(expected)
    }
    expect(await emailOf(stripeCustomerId)).toBe(email)
  }
  // Stripe rejects this address, so the customer keeps the previous address, and the address is not sent again.
  for (const expected of [['POST /v1/customers/{id}', newCheckout], [newCheckout]]) {
    await query('update purchases set open = false where user_id = $1', [user])
    calls.length = 0
    await create(user, { email: 'no address' })
    expect(calls.toSorted()).toEqual(expected.toSorted())
  }
  expect(await emailOf(stripeCustomerId)).toBe('lovelace@example.com')
  const stored = await query('select customers::text as row from customers where user_id = $1', [user])
  expect(JSON.stringify(stored)).not.toMatch(/example.com|no address/)
})
