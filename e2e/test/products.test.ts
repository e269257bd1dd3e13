import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'

const stack = useStack()

test('the quoted price is charged even if the product changes or is withdrawn before the payment', async () => {
  const { client, newUser, create, pay, waitForStatus } = stack()
  const admin = await client('root', { admin: true })
  const { payToViewProductId } = await admin.admin.products.create.mutate({
    ...{ name: 'A week', amount: 300, currency: 'usd', accessDurationDays: 7 },
  })
  await admin.admin.products.offer.mutate({ payToViewProductId, entityId: seedIds.film, offered: true })
  const user = await client(newUser())
  const { purchaseId, sessionId } = await create(user, payToViewProductId)
  await admin.admin.products.change.mutate({ payToViewProductId, amount: 900, accessDurationDays: 1, active: false })
  await pay(sessionId)
  const { completedAt, expiresAt, ...paid } = await waitForStatus(user, purchaseId, 'Completed')
  expect(paid).toMatchObject({ amount: 300, hasAccess: true })
  expect(Date.parse(expiresAt ?? '') - Date.parse(completedAt ?? '')).toBe(7 * 86_400_000)
  const other = await client(newUser())
  await expect(create(other, payToViewProductId)).rejects.toMatchObject({ data: { problem: { code: 'product_not_on_sale' } } })
})

test('a product with another access length gets a new checkout, also within five minutes', async () => {
  const { client, newUser, create, pay, waitForStatus } = stack()
  const { products } = (await client('root', { admin: true })).admin
  const { payToViewProductId } = await products.create.mutate({
    ...{ name: 'A day', amount: 300, currency: 'usd', accessDurationDays: 1 },
  })
  await products.offer.mutate({ payToViewProductId, entityId: seedIds.film, offered: true })
  const user = await client(newUser())
  const day = await create(user, payToViewProductId)
  await products.change.mutate({ payToViewProductId, name: 'A year', accessDurationDays: 365 })
  const year = await create(user, payToViewProductId)
  expect(year.purchaseId).not.toBe(day.purchaseId)
  await pay(year.sessionId)
  const { completedAt, expiresAt } = await waitForStatus(user, year.purchaseId, 'Completed')
  expect(Date.parse(expiresAt ?? '') - Date.parse(completedAt ?? '')).toBe(365 * 86_400_000)
})

test('an invalid price and an unknown product or entity are rejected with the name of the field', async () => {
  const { products } = (await stack().client('root', { admin: true })).admin
  const { payToViewProductId } = await products.create.mutate({
    ...{ name: 'A week in dinars', amount: 1_250, currency: 'kwd', accessDurationDays: 7 },
  })
  const problem = (code: string, field: string) => ({ data: { problem: { code, errors: [{ field }] } } })
  const unknown = 'prod_01m85eetz6e8qthwvnjjs5zz4z'
  const change = { payToViewProductId }
  await expect(products.change.mutate({ ...change, amount: 1_255 })).rejects.toMatchObject(problem('validation', 'amount'))
  await products.change.mutate({ ...change, amount: 1_255, currency: 'usd' })
  await expect(products.change.mutate({ ...change, currency: 'kwd' })).rejects.toMatchObject(problem('validation', 'amount'))
  await expect(products.change.mutate({ payToViewProductId: unknown, name: 'None' })).rejects.toMatchObject(
    problem('product_not_found', 'payToViewProductId'),
  )
  await expect(
    products.offer.mutate({ payToViewProductId, entityId: 'vid_01m85eetz2e8qthwsqr5v0dh8z', offered: true }),
  ).rejects.toMatchObject(problem('entity_not_found', 'entityId'))
  await expect(
    products.offer.mutate({ payToViewProductId: unknown, entityId: seedIds.film, offered: true }),
  ).rejects.toMatchObject(problem('product_not_found', 'payToViewProductId'))
})

test('a price that Stripe rejects answers 409, creates one expired purchase and raises one alert', async () => {
  const { client, newUser, create, query } = stack()
  const admin = await client('root', { admin: true })
  const { payToViewProductId } = await admin.admin.products.create.mutate({
    ...{ name: 'Ten cents', amount: 100, currency: 'usd', accessDurationDays: 7 },
  })
  // Our API rejects an amount below Stripe's minimum.
  await query('update products set amount = 10 where id = $1', [payToViewProductId])
  await admin.admin.products.offer.mutate({ payToViewProductId, entityId: seedIds.film, offered: true })
  const user = await client(newUser())
  const rejected = { data: { problem: { code: 'checkout_refused', status: 409 } } }
  await expect(create(user, payToViewProductId)).rejects.toMatchObject(rejected)
  const { items } = await user.purchases.list.query({})
  expect(items).toMatchObject([{ status: 'Expired' }])
  await expect(create(user, payToViewProductId)).rejects.toMatchObject(rejected)
  const alerts = await admin.admin.alerts.list.query({ kind: 'checkout_refused' })
  expect(alerts.items).toMatchObject([{ detail: { productId: payToViewProductId, code: 'amount_too_small' } }])
})

test('the products of one entity name no other entity, however many they are offered for', async () => {
  const { client, newUser } = stack()
  const user = await client(newUser())
  const { items } = await user.products.list.query({ entityId: seedIds.film })
  expect(items.length).toBeGreaterThan(0)
  for (const { entities } of items) expect(entities.map(({ entityId }) => entityId)).toEqual([seedIds.film])
})
