import { appendFileSync } from 'node:fs'
import path from 'node:path'
import { createPayToViewClient } from '@pay-to-view/client'
import { startServer } from '@pay-to-view/testing/app-process'
import { findSecrets, findSecretsInFiles } from '@pay-to-view/testing/secrets'
import { openStack, seedIds, type TestStack } from '@pay-to-view/testing/stack'
import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, test } from 'vitest'

// Secrets are most likely to leak at the most verbose log level.
process.env.LOG_LEVEL = 'trace'

let stack: TestStack
beforeAll(async () => {
  stack = await openStack()
}, 180_000)
afterAll(() => stack?.close().catch(() => undefined), 60_000)

/** Joins strings. This file contains only parts of secrets, so no secret scanner reports it. */
const join = (...parts: string[]) => parts.join('')

test.each([
  join('sk_', 'test_4eC39HqLyjWD'),
  join('rk_', 'live_4eC39HqLyjWD'),
  join('whsec_', 'MfKQ9r8GKYqrTwjUPD8I'),
  join('ptvk_', '3kTqZ0aB1cD2eF3gH4iJ'),
  join('cs_test_a1b2_', 'secret_fidwbEhqYWAnPydm'),
  join('Bearer ', 'eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl'),
  join('4242 ', '4242 4242 4242'),
  join('40000', '00000000259'),
  join('postgresql://', 'pay_to_view:hunter2@postgres:5432/pay_to_view'),
])('%s is found in a log', (secret) => {
  expect(findSecrets('a.log', `first line\n{"msg":"${secret}"}`)).toContainEqual(expect.stringContaining('a.log:2 contains'))
})

test('ids, amounts and times are not secrets', () => {
  const text =
    'ptv_01m85eetz2e8qthwsqr5v0dh8g cs_test_a1b2 ptvk_3kTq pi_3 499 1732406400000 0.4242178459014263 Bearer error postgresql://me:[secret]@host/db'
  expect(findSecrets('a.log', text)).toEqual([])
})

test('no recorded history contains a secret', () => {
  expect(findSecretsInFiles('temporal/histories')).toEqual([])
})

test('purchases, refunds, playback tokens and rejected requests leave no secret in a log, a history or a metric', async () => {
  const { client, newUser, token, create, pay, waitForStatus, stack: addresses, dataFolder, emulator } = stack
  const user = await client(newUser())
  const { purchaseId, sessionId } = await create(user)
  expect(await pay(sessionId, { card: '4000000000000002' })).toBe(402)
  expect(await pay(sessionId)).toBe(200)
  await waitForStatus(user, purchaseId, 'Completed')
  const { token: playback } = await user.access.playbackToken.mutate({ entityId: seedIds.film })
  expect(playback).toMatch(/^ey/)
  const admin = await client('root', { admin: true })
  await admin.admin.purchases.refund.mutate({ id: purchaseId })
  await waitForStatus(user, purchaseId, 'Refunded')

  // The server rejects a modified token, a webhook with the secret as its signature, and input that contains a token.
  const bearer = await token(newUser())
  const withModifiedToken = createPayToViewClient({ url: addresses.api, token: () => `${bearer}x` })
  await expect(withModifiedToken.purchases.list.query({})).rejects.toThrow('bearer token')
  const webhook = `${addresses.api}/client/v1/webhooks/stripe`
  expect(
    (await fetch(webhook, { method: 'POST', body: '{}', headers: { 'stripe-signature': addresses.webhookSecret } })).status,
  ).toBe(400)
  const withTokenInInput = await fetch(`${addresses.api}/client/v1/pay-to-view/access?entityId=${bearer}`, {
    headers: { authorization: `Bearer ${bearer}` },
  })
  expect(withTokenInInput.status).toBe(400)

  // First, Stripe's API returns 500. Then, servers are started with a wrong Stripe key or a wrong database password.
  await emulator('faults', { on: 'api', effect: 'error', path: '/v1/checkout/sessions' })
  const other = await client(newUser())
  await other.purchases.create
    .mutate({ payToViewProductId: seedIds.thirtyDayProduct, entityId: seedIds.film, returnUrl: 'https://yoursite.com/' })
    .catch(() => null)
  const invalid = { password: join('wrong-', 'password-of-postgres'), key: join('sk_', 'live_wrongwrongwrong') }
  const database = new URL(addresses.databaseUrl)
  database.password = invalid.password
  for (const env of [{ STRIPE_SECRET_KEY: invalid.key }, { DATABASE_URL: database.href }]) {
    const log = path.join(dataFolder.logs, `invalid-${Object.keys(env)[0]}.log`)
    const server = await startServer(addresses, { ready: '/healthz', env: { ...env, LOG_LEVEL: 'trace' }, log })
    const buyer = createPayToViewClient({ url: server.url, token: await token(newUser()) })
    const input = { payToViewProductId: seedIds.permanentProduct, entityId: seedIds.film, returnUrl: 'https://yoursite.com/' }
    await expect(buyer.purchases.create.mutate(input)).rejects.toThrow()
    expect(await server.stop()).toBe(0)
  }
  expect(await stack.findLeakedSecrets(Object.values(invalid))).toEqual([])
}, 120_000)

test('a secret in a log or a history fails the suite', async () => {
  const { stack: addresses, dataFolder, close } = stack
  appendFileSync(path.join(dataFolder.logs, 'server.log'), `{"msg":"paid with ${join('4242', '424242424242')}"}\n`)
  const connection = await Connection.connect({ address: addresses.temporalAddress })
  const { workflow } = new Client({ connection, namespace: addresses.temporalNamespace })
  await workflow.start('planted', { workflowId: 'planted', taskQueue: 'unused', args: [{ secret: addresses.webhookSecret }] })
  await connection.close()
  await expect(close()).rejects.toThrow(/planted:1 contains a webhook secret[\s\S]*server\.log:\d+ contains a card number/)
}, 60_000)
