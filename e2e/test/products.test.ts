import { seedIds, useSharedStack } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'

const stack = useSharedStack()

test('the quoted price is charged even if the product changes or is withdrawn before the payment', async () => {
  const { client, newUser, create, pay, waitForStatus } = stack()
  const admin = await client('root', { admin: true })
  const product = { name: 'A week', prices: [{ amount: 300, currency: 'usd' }], accessDurationDays: 7 }
  const { id } = await admin.admin.products.put.mutate(product)
  await admin.admin.products.offers.put.mutate({ id, entityId: seedIds.film })
  const user = await client(newUser())
  const { purchaseId, sessionId } = await create(user, id)
  const change = { prices: [{ amount: 900, currency: 'usd' }], accessDurationDays: 1, status: 'withdrawn' as const }
  await admin.admin.products.put.mutate({ ...product, id, ...change })
  await pay(sessionId)
  const { completedAt, expiresAt, ...paid } = await waitForStatus(user, purchaseId, 'Completed')
  expect(paid).toMatchObject({ amount: 300, hasAccess: true })
  expect(Date.parse(expiresAt ?? '') - Date.parse(completedAt ?? '')).toBe(7 * 86_400_000)
  const other = await client(newUser())
  await expect(create(other, id)).rejects.toMatchObject({ data: { problem: { code: 'product_not_on_sale' } } })
})

test('an open checkout is not reused after the length of access of its product has changed, even within five minutes', async () => {
  const { client, newUser, create, pay, waitForStatus } = stack()
  const { products } = (await client('root', { admin: true })).admin
  const day = { name: 'A day', prices: [{ amount: 300, currency: 'usd' }], accessDurationDays: 1 }
  const { id } = await products.put.mutate(day)
  await products.offers.put.mutate({ id, entityId: seedIds.film })
  const user = await client(newUser())
  const first = await create(user, id)
  await products.put.mutate({ ...day, id, name: 'A year', accessDurationDays: 365 })
  const year = await create(user, id)
  expect(year.purchaseId).not.toBe(first.purchaseId)
  await pay(year.sessionId)
  const { completedAt, expiresAt } = await waitForStatus(user, year.purchaseId, 'Completed')
  expect(Date.parse(expiresAt ?? '') - Date.parse(completedAt ?? '')).toBe(365 * 86_400_000)
})

test('an invalid price and an unknown product or entity are rejected with the field name', async () => {
  const { products } = (await stack().client('root', { admin: true })).admin
  const problem = (code: string, field: string) => ({ data: { problem: { code, errors: [{ field }] } } })
  const dinars = { name: 'A week in dinars', prices: [{ amount: 1_250, currency: 'kwd' }] }
  const { id } = await products.put.mutate(dinars)
  const withAmount = (amount: number) => products.put.mutate({ ...dinars, id, prices: [{ amount, currency: 'kwd' }] })
  await expect(withAmount(1_255)).rejects.toMatchObject(problem('validation', 'prices.0.amount'))
  const [film, unknownEntity, unknownProduct] = [seedIds.film, 'unknown-film', 'unknown-product']
  await expect(products.offers.put.mutate({ id, entityId: unknownEntity })).rejects.toMatchObject(
    problem('entity_not_found', 'entityId'),
  )
  await expect(products.offers.put.mutate({ id: unknownProduct, entityId: film })).rejects.toMatchObject(
    problem('product_not_found', 'id'),
  )
})

test('a price that Stripe rejects returns 409, is not in the history, and raises one alert', async () => {
  const { client, newUser, create, query } = stack()
  const admin = await client('root', { admin: true })
  const { id } = await admin.admin.products.put.mutate({ name: 'Ten cents', prices: [{ amount: 100, currency: 'usd' }] })
  // The amount is set in the database, because our API rejects an amount below Stripe's minimum.
  await query('update prices set amount = 10 where product_id = $1', [id])
  await admin.admin.products.offers.put.mutate({ id, entityId: seedIds.film })
  const user = await client(newUser())
  const rejected = { data: { problem: { code: 'checkout_refused', status: 409 } } }
  await expect(create(user, id)).rejects.toMatchObject(rejected)
  expect(await user.purchases.list.query({})).toMatchObject({ items: [], totalCount: 0 })
  await expect(create(user, id)).rejects.toMatchObject(rejected)
  const alerts = await admin.admin.alerts.list.query({ kind: 'checkout_refused' })
  expect(alerts.items).toMatchObject([{ detail: { productId: id, code: 'amount_too_small' } }])
})

test('the products of one entity name no other entity, even if they are offered for many', async () => {
  const { client, newUser } = stack()
  const user = await client(newUser())
  const { items } = await user.products.list.query({ entityId: seedIds.film })
  expect(items.length).toBeGreaterThan(0)
  for (const { entities } of items) expect(entities?.map(({ entityId }) => entityId)).toEqual([seedIds.film])
})
