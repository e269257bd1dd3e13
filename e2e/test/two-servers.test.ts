import { createPayToViewClient } from '@pay-to-view/client'
import { issueToken, type Stack, startStack } from '@pay-to-view/devstack'
import { withClient } from '@pay-to-view/devstack/postgres'
import Stripe from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newHome, remove } from '../../packages/devstack/test/command.ts'

const home = newHome()
let stack: Stack
let servers: string[]

beforeAll(async () => {
  // The reconciler stays away: what is mended here is mended by create.
  stack = await startStack(home, { ephemeral: true, web: false, workerEnvironment: { RECONCILE_EVERY: '3600' } })
  servers = [stack.api, await stack.startServer()]
}, 180_000)

afterAll(async () => {
  await stack?.stop()
  remove(home)
}, 60_000)

const wanted = {
  payToViewProductId: 'prod_01m85eetz6e8qthwvnjjs5zz41',
  entityId: 'vid_01m85eetz2e8qthwsqr5v0dh8g',
  returnUrl: 'https://yoursite.com/purchase/complete',
}

let users = 0
/** A new user's clients, one for each server. */
const newUser = async () => {
  const token = await issueToken(home, `user-${++users}`)
  const [one, other] = servers.map((url) => createPayToViewClient({ url, token }))
  if (!one || !other) throw new Error('not two servers')
  return [one, other] as const
}

type Client = ReturnType<typeof createPayToViewClient>
const create = async (client: Client) => {
  const created = await client.purchases.create.mutate(wanted)
  if (!created.success) throw new Error('not created')
  return { ...created, session: created.clientSecret.split('_secret_')[0] ?? '' }
}

const stripe = () => {
  const { hostname, port } = new URL(stack.stripeApi)
  return new Stripe('sk_test_two', { host: hostname, port, protocol: 'http' })
}

const helper = async (to: string, body: object) => {
  const answer = await fetch(`${stack.stripeApi}/_test/${to}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.ok).toBe(true)
}

/** As if it had been made six minutes ago. */
const age = (purchaseId: string) =>
  withClient(stack.databaseUrl, (client) =>
    client.query("update purchases set created_at = created_at - interval '6 minutes' where id = $1", [purchaseId]),
  )

test('twenty creates at once, ten at each server, make one checkout at Stripe', async () => {
  const clients = await newUser()
  const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => create(clients[at % 2 === 0 ? 0 : 1])))
  expect(new Set(answers.map(({ clientSecret }) => clientSecret)).size).toBe(1)
  const { data } = await stripe().checkout.sessions.list({ customer: answers[0]?.stripeCustomerId, limit: 100 })
  expect(data.map(({ id, status }) => ({ id, status }))).toEqual([{ id: answers[0]?.session, status: 'open' }])
})

test('a checkout older than five minutes is closed at Stripe before another is given out, also by another server', async () => {
  const [one, other] = await newUser()
  const first = await create(one)
  await age(first.purchaseId)
  const second = await create(other)
  expect(second.purchaseId).not.toBe(first.purchaseId)
  expect(await stripe().checkout.sessions.retrieve(first.session)).toMatchObject({ status: 'expired' })
  expect(await stripe().checkout.sessions.retrieve(second.session)).toMatchObject({ status: 'open' })
  expect(await one.purchases.get.query({ id: first.purchaseId })).toMatchObject({ status: 'Expired' })
})

test('a checkout older than five minutes that was paid, and no webhook told: create says that access is there', async () => {
  const [one, other] = await newUser()
  const first = await create(one)
  await helper('faults', { on: 'webhook', effect: 'drop' })
  await helper(`checkout/sessions/${first.session}/pay`, { card: '4242424242424242' })
  await age(first.purchaseId)
  expect(await other.purchases.create.mutate(wanted)).toEqual({ success: false, hasAccess: true })
  expect(await one.purchases.get.query({ id: first.purchaseId })).toMatchObject({ status: 'Completed', hasAccess: true })
})
