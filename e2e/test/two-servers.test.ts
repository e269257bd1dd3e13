import { createPayToViewClient, type PayToViewClient } from '@pay-to-view/client'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { beforeAll, expect, test } from 'vitest'

// The reconciler does not run during the tests, so only `create` repairs missing state.
const stack = useStack({ workerEnvironment: { RECONCILE_EVERY: '3600' } })
let urls: [string, string]

beforeAll(async () => {
  urls = [stack().stack.api, await stack().stack.startServer()]
}, 60_000)

/** Creates clients for a new user, one for each server. */
const newClients = async (): Promise<[PayToViewClient, PayToViewClient]> => {
  const token = await stack().token(stack().newUser())
  return [createPayToViewClient({ url: urls[0], token }), createPayToViewClient({ url: urls[1], token })]
}

const input = {
  payToViewProductId: seedIds.thirtyDayProduct,
  entityId: seedIds.film,
  returnUrl: 'https://yoursite.com/purchase/complete',
}

/** Backdates the creation of a purchase by six minutes. */
const age = (purchaseId: string) =>
  stack().query("update purchases set created_at = created_at - interval '6 minutes' where id = $1", [purchaseId])

test('twenty parallel creates on two servers create one checkout session', async () => {
  const clients = await newClients()
  const responses = await Promise.all(
    Array.from({ length: 20 }, (_, index) => clients[index % 2 === 0 ? 0 : 1].purchases.create.mutate(input)),
  )
  const created = responses.flatMap((response) => (response.success ? [response] : []))
  expect(created).toHaveLength(20)
  expect(new Set(created.map(({ clientSecret }) => clientSecret)).size).toBe(1)
  const { data } = await stack().stripe.checkout.sessions.list({ customer: created[0]?.stripeCustomerId, limit: 100 })
  const sessionId = created[0]?.clientSecret.split('_secret_')[0]
  expect(data.map(({ id, status }) => ({ id, status }))).toEqual([{ id: sessionId, status: 'open' }])
})

test('twelve parallel creates for different products on two servers are all answered, and one checkout stays open', async () => {
  const clients = await newClients()
  const products = [seedIds.thirtyDayProduct, seedIds.permanentProduct]
  const responses = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      clients[index < 6 ? 0 : 1].purchases.create.mutate({
        ...input,
        payToViewProductId: products[index % 2] ?? '',
        renew: index % 4 > 1,
      }),
    ),
  )
  const [customer] = responses.flatMap((response) => (response.success ? [response.stripeCustomerId] : []))
  expect(responses.filter(({ success }) => success)).toHaveLength(12)
  expect(await stack().stripe.checkout.sessions.list({ customer, status: 'open', limit: 100 })).toMatchObject({
    data: [{ status: 'open' }],
  })
})

test('a checkout older than five minutes is closed in Stripe before another one is created, even by another server', async () => {
  const { create, stripe } = stack()
  const [client, clientOfOtherServer] = await newClients()
  const first = await create(client)
  await age(first.purchaseId)
  const second = await create(clientOfOtherServer)
  expect(second.purchaseId).not.toBe(first.purchaseId)
  expect(await stripe.checkout.sessions.retrieve(first.sessionId)).toMatchObject({ status: 'expired' })
  expect(await stripe.checkout.sessions.retrieve(second.sessionId)).toMatchObject({ status: 'open' })
  expect(await client.purchases.get.query({ id: first.purchaseId })).toMatchObject({ status: 'Expired' })
})

test('create returns hasAccess if a checkout older than five minutes was paid and its webhook was lost', async () => {
  const { create, emulator, pay } = stack()
  const [client, clientOfOtherServer] = await newClients()
  const first = await create(client)
  expect(await emulator('faults', { on: 'webhook', effect: 'drop' })).toBe(200)
  expect(await pay(first.sessionId)).toBe(200)
  await age(first.purchaseId)
  expect(await clientOfOtherServer.purchases.create.mutate(input)).toEqual({ success: false, hasAccess: true })
  expect(await client.purchases.get.query({ id: first.purchaseId })).toMatchObject({ status: 'Completed', hasAccess: true })
})
