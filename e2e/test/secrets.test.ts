import { appendFileSync } from 'node:fs'
import path from 'node:path'
import { createPayToViewClient } from '@pay-to-view/client'
import { startServer } from '@pay-to-view/testing/app-process'
import { findSecrets, findSecretsInFiles } from '@pay-to-view/testing/secrets'
import { openStack, seedIds, type TestStack } from '@pay-to-view/testing/stack'
import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, test } from 'vitest'

// Everything that can be said is said: a secret has the most ways out.
process.env.LOG_LEVEL = 'trace'

let stack: TestStack
beforeAll(async () => {
  stack = await openStack()
}, 180_000)
afterAll(() => stack?.close().catch(() => undefined), 60_000)

const made = (...parts: string[]) => parts.join('')

test.each([
  made('sk_', 'test_4eC39HqLyjWD'),
  made('rk_', 'live_4eC39HqLyjWD'),
  made('whsec_', 'MfKQ9r8GKYqrTwjUPD8I'),
  made('cs_test_a1b2_', 'secret_fidwbEhqYWAnPydm'),
  made('Bearer ', 'eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl'),
  made('4242 ', '4242 4242 4242'),
  made('40000', '00000000259'),
  made('postgresql://', 'pay_to_view:hunter2@postgres:5432/pay_to_view'),
])('%s would be found in a log', (secret) => {
  expect(findSecrets('a.log', `first line\n{"msg":"${secret}"}`)).toContainEqual(expect.stringContaining('a.log:2 holds'))
})

test('ids, amounts and times are none', () => {
  const text =
    'ptv_01m85eetz2e8qthwsqr5v0dh8g cs_test_a1b2 pi_3 499 1732406400000 0.4242178459014263 Bearer error postgresql://me:[secret]@host/db'
  expect(findSecrets('a.log', text)).toEqual([])
})

test('no recorded history holds one', () => {
  expect(findSecretsInFiles('temporal/histories')).toEqual([])
})

test('purchases, refunds, playback tokens and everything that is refused leave no secret in a log, a history or a metric', async () => {
  const { client, newUser, token, create, pay, waitForStatus, stack: at, logFolder: logs, emulator } = stack
  const viewer = await client(newUser())
  const { purchaseId, sessionId } = await create(viewer)
  expect(await pay(sessionId, { card: '4000000000000002' })).toBe(402)
  expect(await pay(sessionId)).toBe(200)
  await waitForStatus(viewer, purchaseId, 'Completed')
  const { token: playback } = await viewer.access.playbackToken.mutate({ entityId: seedIds.film })
  expect(playback).toMatch(/^ey/)
  const admin = await client('root', { admin: true })
  await admin.admin.purchases.refund.mutate({ id: purchaseId })
  await waitForStatus(viewer, purchaseId, 'Refunded')

  // What is refused: a token that has been changed, a webhook with the secret where the signature belongs, an input that holds a token.
  const bearer = await token(newUser())
  const changed = createPayToViewClient({ url: at.api, token: () => `${bearer}x` })
  await expect(changed.purchases.list.query({})).rejects.toThrow('bearer token')
  const webhook = `${at.api}/client/v1/webhooks/stripe`
  expect((await fetch(webhook, { method: 'POST', body: '{}', headers: { 'stripe-signature': at.webhookSecret } })).status).toBe(
    400,
  )
  const asked = await fetch(`${at.api}/client/v1/pay-to-view/access?entityId=${bearer}`, {
    headers: { authorization: `Bearer ${bearer}` },
  })
  expect(asked.status).toBe(400)

  // A Stripe that answers 500 and one that answers slowly; a server whose keys and password are wrong.
  await emulator('faults', { on: 'api', effect: 'error', path: '/v1/checkout/sessions' })
  const other = await client(newUser())
  await other.purchases.create
    .mutate({ payToViewProductId: seedIds.thirtyDayProduct, entityId: seedIds.film, returnUrl: 'https://yoursite.com/' })
    .catch(() => null)
  const wrong = { password: made('wrong-', 'password-of-postgres'), key: made('sk_', 'live_wrongwrongwrong') }
  const database = new URL(at.databaseUrl)
  database.password = wrong.password
  for (const env of [{ STRIPE_SECRET_KEY: wrong.key }, { DATABASE_URL: database.href }]) {
    const log = path.join(logs, `wrong-${Object.keys(env)[0]}.log`)
    const server = await startServer(at, { ready: '/healthz', env: { ...env, LOG_LEVEL: 'trace' }, log })
    const buyer = createPayToViewClient({ url: server.url, token: await token(newUser()) })
    const wanted = { payToViewProductId: seedIds.permanentProduct, entityId: seedIds.film, returnUrl: 'https://yoursite.com/' }
    await expect(buyer.purchases.create.mutate(wanted)).rejects.toThrow()
    expect(await server.stop()).toBe(0)
  }
  expect(await stack.findLeakedSecrets(Object.values(wrong))).toEqual([])
}, 120_000)

test('a secret that gets into a log or a history fails the suite', async () => {
  const { stack: at, logFolder: logs, close } = stack
  appendFileSync(path.join(logs, 'server.log'), `{"msg":"paid with ${made('4242', '424242424242')}"}\n`)
  const connection = await Connection.connect({ address: at.temporalAddress })
  const { workflow } = new Client({ connection, namespace: at.temporalNamespace })
  await workflow.start('planted', { workflowId: 'planted', taskQueue: 'nobody', args: [{ secret: at.webhookSecret }] })
  await connection.close()
  await expect(close()).rejects.toThrow(/planted:1 holds a webhook secret[\s\S]*server\.log:\d+ holds a card number/)
}, 60_000)
