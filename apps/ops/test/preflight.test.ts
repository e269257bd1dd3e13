import { readFileSync } from 'node:fs'
import { parseEnvironment } from '@pay-to-view/environment'
import { eventTypes } from '@pay-to-view/ingestion'
import { createStripe, stripeApiVersion } from '@pay-to-view/stripe'
import { startStripeEmulator } from '@pay-to-view/stripe-emulator'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { environments } from '../src/env.ts'
import { permissions } from '../src/preflight/permissions.ts'
import { checkAccount, type Line } from '../src/preflight/preflight.ts'
import { runOps } from './run-ops.ts'

let database: Database

beforeAll(async () => {
  database = await startDatabase()
}, 120_000)

afterAll(() => database?.stop())

const serverUrl = 'https://api.example.com'
const webhookUrl = `${serverUrl}/client/v1/webhooks/stripe`

/** A separate account, with the webhook endpoint that `stripe:setup` creates. */
const startAccount = async ({ live = false, endpoint = {} as object | null } = {}) => {
  const secretKey = live ? 'sk_live_operator' : 'sk_test_operator'
  const account = await startStripeEmulator({ secretKey })
  onTestFinished(() => account.close())
  const stripe = createStripe({ secretKey, apiBase: account.url })
  if (endpoint !== null)
    await stripe.webhookEndpoints.create({
      ...{ url: webhookUrl, enabled_events: [...eventTypes], api_version: stripeApiVersion },
      ...endpoint,
    })
  const helper = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${account.url}/_test/${path}`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    })
    expect(response.status).toBe(200)
    return response.json()
  }
  const restrictedKey = async (grants: Record<string, 'read' | 'write'>): Promise<string> =>
    z.object({ key: z.string() }).parse(await helper('restricted_keys', { permissions: grants })).key
  const env = { STRIPE_SECRET_KEY: secretKey, STRIPE_API_BASE: account.url, DATABASE_URL: database.databaseUrl }
  const preflight = async (variables: Record<string, string> = {}) => {
    const found: Line[] = []
    const parsed = parseEnvironment(environments.preflight, { ...env, ...variables })
    for await (const line of checkAccount(parsed, serverUrl)) found.push(line)
    return {
      all: found,
      errors: found.filter(({ level }) => level === 'error').length,
      lines: (level: string, name: string): string[] =>
        found.filter((line) => line.level === level && line.name === name).map(({ detail }) => detail),
    }
  }
  return { stripe, helper, restrictedKey, preflight, env }
}

test('an account that is ready has no errors, and nothing remains in Stripe', async () => {
  const { helper, preflight, stripe } = await startAccount({ live: true })
  await helper('tax', { registrations: ['DE', 'FR'] })
  await helper('settings', { terms_url: 'https://example.com/terms' })
  const { errors, lines } = await preflight({ AUTOMATIC_TAX: 'on' })
  expect(errors).toBe(0)
  expect(lines('ok', 'key')).toEqual(['live mode, secret key', expect.stringContaining('(US, usd) can take payments')])
  expect(lines('warning', 'key')).toEqual([expect.stringContaining('unset STRIPE_API_BASE')])
  expect(lines('ok', 'webhooks')).toHaveLength(3)
  expect(lines('ok', 'managed payments')).toEqual(['Managed Payments are off by default'])
  expect(lines('ok', 'currencies')).toContainEqual(expect.stringMatching(/^usd: Stripe accepts a checkout of \d+,/))
  expect(lines('ok', 'tax')).toEqual(['the tax origin is DE', 'tax is collected in DE, FR'])
  expect(lines('ok', 'terms')).toHaveLength(1)
  expect(lines('warning', 'receipts')).toEqual([expect.stringContaining('https://dashboard.stripe.com/settings/emails')])
  expect(lines('ok', 'statement descriptor')).toEqual(['bank statements show PAY TO VIEW'])
  const sessions = await stripe.checkout.sessions.list({ limit: 100 })
  expect(new Set(sessions.data.map(({ status }) => status))).toEqual(new Set(['expired']))
  // Stripe does not replay responses from the first run in the second run.
  expect((await preflight()).errors).toBe(0)
})

test('a test mode key is a warning, and a key that Stripe rejects is an error that does not show the key', async () => {
  const { preflight } = await startAccount()
  const ready = await preflight()
  expect(ready.errors).toBe(0)
  expect(ready.lines('warning', 'key')).toContainEqual(expect.stringContaining('test mode, secret key: no real money moves'))
  const rejected = await preflight({ STRIPE_SECRET_KEY: 'sk_test_of_another_account' })
  expect(rejected.all).toEqual([
    { name: 'key', level: 'error', detail: expect.stringContaining('Stripe rejects STRIPE_SECRET_KEY') },
  ])
  expect(JSON.stringify(rejected.all)).not.toContain('another_account')
})

test('a missing webhook endpoint is an error, and an endpoint at another address does not count', async () => {
  const { preflight, stripe } = await startAccount({ endpoint: null })
  await stripe.webhookEndpoints.create({
    ...{ url: 'https://old.example.com/client/v1/webhooks/stripe', enabled_events: [...eventTypes] },
  })
  const { errors, lines } = await preflight()
  expect(errors).toBe(1)
  expect(lines('error', 'webhooks')).toEqual([
    expect.stringMatching(/no webhook endpoint for https:\/\/api\.example\.com.*npm run stripe:setup -- --url https:\/\/api/),
  ])
})

test.each([
  ['lacks an event', { enabled_events: eventTypes.slice(1) }, 'error', `does not send ${eventTypes[0]}.`],
  ['sends every event', { enabled_events: ['*'] }, 'warning', 'sends every event type'],
  ['sends another event', { enabled_events: [...eventTypes, 'payout.paid'] }, 'warning', 'also sends payout.paid'],
  ['has an old API version', { api_version: '2024-06-20' }, 'error', 'has API version 2024-06-20'],
  ['has no API version', { api_version: undefined }, 'warning', "the account's default API version"],
])('a webhook endpoint that %s is reported', async (_, endpoint, level, detail) => {
  const { preflight } = await startAccount({ endpoint })
  const { errors, lines } = await preflight()
  expect(errors).toBe(level === 'error' ? 1 : 0)
  expect(lines(level, 'webhooks')).toEqual([expect.stringContaining(detail)])
})

test('a disabled endpoint is an error, and an old endpoint next to its replacement is a warning', async () => {
  const { preflight, stripe } = await startAccount()
  const old = await stripe.webhookEndpoints.create({
    ...{ url: webhookUrl, enabled_events: [...eventTypes], api_version: '2024-06-20' },
  })
  const replaced = await preflight()
  expect(replaced.errors).toBe(0)
  expect(replaced.lines('warning', 'webhooks')).toEqual([
    expect.stringContaining(`${old.id} has API version 2024-06-20 and has been replaced`),
  ])
  const { data } = await stripe.webhookEndpoints.list()
  for (const { id } of data) await stripe.webhookEndpoints.update(id, { disabled: true })
  const disabled = await preflight()
  expect(disabled.errors).toBe(2)
  expect(disabled.lines('error', 'webhooks')).toHaveLength(2)
})

test("Managed Payments that are on by default are a warning: pay-to-view's checkouts turn them off", async () => {
  const { preflight, helper } = await startAccount()
  await helper('settings', { managed_payments: true })
  const { errors, lines } = await preflight()
  expect(errors).toBe(0)
  expect(lines('warning', 'managed payments')).toEqual([expect.stringContaining('on by default')])
  expect(lines('error', 'currencies')).toEqual([])
})

test('with AUTOMATIC_TAX=on, a missing tax origin is an error and missing registrations are a warning', async () => {
  const { preflight, helper } = await startAccount()
  const withoutOrigin = await preflight({ AUTOMATIC_TAX: 'on' })
  expect(withoutOrigin.errors).toBe(1)
  expect(withoutOrigin.lines('error', 'tax')).toEqual([expect.stringContaining('https://dashboard.stripe.com/settings/tax')])
  await helper('tax', { head_office: 'US' })
  const withoutRegistrations = await preflight({ AUTOMATIC_TAX: 'on' })
  expect(withoutRegistrations.errors).toBe(0)
  expect(withoutRegistrations.lines('warning', 'tax')).toEqual([expect.stringContaining('no active tax registrations')])
  expect((await preflight()).lines('ok', 'tax')).toEqual([expect.stringContaining('AUTOMATIC_TAX is off')])
})

test('a missing terms URL and a missing statement descriptor are warnings', async () => {
  const { preflight, helper } = await startAccount()
  await helper('settings', { terms_url: '', statement_descriptor: '' })
  const { errors, lines } = await preflight()
  expect(errors).toBe(0)
  expect(lines('warning', 'terms')).toEqual([expect.stringContaining('no terms of service URL')])
  expect(lines('warning', 'statement descriptor')).toEqual([expect.stringContaining('has no statement descriptor')])
})

const serverPermissions: Record<string, 'read' | 'write'> = {
  ...{ checkout_session: 'write', customer: 'write', payment_intent: 'read', charge: 'write', dispute: 'write', event: 'read' },
  ...{ promotion_code: 'read', coupon: 'read', balance_transaction_source: 'read', payout: 'read' },
}

test("a restricted key with the server's permissions has no errors; a missing permission that only commands need is a warning", async () => {
  const { preflight, restrictedKey } = await startAccount()
  const key = await restrictedKey({ ...serverPermissions, webhook: 'read' })
  const { errors, lines, all } = await preflight({ STRIPE_SECRET_KEY: key })
  expect(errors).toBe(0)
  expect(JSON.stringify(all)).not.toContain(key)
  expect(lines('ok', 'permissions')).toHaveLength(11)
  expect(lines('warning', 'permissions')).toHaveLength(5)
  // The account cannot be read, but the other checks still run.
  expect(lines('warning', 'key')).toContainEqual(expect.stringContaining('the account cannot be read'))
  expect(lines('ok', 'currencies')).not.toEqual([])
  const withInvoices = await preflight({ STRIPE_SECRET_KEY: key, INVOICES: 'on' })
  expect(withInvoices.lines('error', 'permissions')).toEqual([expect.stringContaining('the key lacks Invoices read')])
})

test.each([
  ['checkout_session', 'Checkout Sessions write'],
  ['customer', 'Customers write'],
  ['payment_intent', 'PaymentIntents read'],
  ['charge', 'Charges and Refunds write'],
  ['dispute', 'Disputes write'],
  ['event', 'Events read'],
  ['promotion_code', 'Promotion Codes read'],
  ['coupon', 'Coupons read'],
])('a restricted key without %s is an error', async (resource, name) => {
  const { preflight, restrictedKey } = await startAccount()
  const { [resource]: _, ...others } = serverPermissions
  const { errors, lines } = await preflight({ STRIPE_SECRET_KEY: await restrictedKey(others) })
  expect(errors).toBe(1)
  expect(lines('error', 'permissions')).toEqual([expect.stringContaining(`the key lacks ${name}`)])
  // If the key may not read webhook endpoints, the endpoints are not reported as missing.
  expect(lines('warning', 'webhooks')).toEqual([expect.stringContaining('the key lacks rak_webhook_read')])
})

test('without the permission to read tax settings, a checkout with tax shows whether there is a tax origin', async () => {
  const { preflight, restrictedKey, helper } = await startAccount()
  const variables = { STRIPE_SECRET_KEY: await restrictedKey(serverPermissions), AUTOMATIC_TAX: 'on' }
  const without = await preflight(variables)
  expect(without.lines('error', 'tax')).toEqual([expect.stringContaining('head office address')])
  await helper('tax', { head_office: 'DE' })
  const complete = await preflight(variables)
  expect(complete.lines('ok', 'tax')).toEqual(['Stripe accepts a checkout with tax'])
  expect(complete.lines('warning', 'tax')).toEqual([expect.stringContaining('cannot read tax registrations')])
})

test('a price that Stripe rejects is an error, and without a database the currencies are not checked', async () => {
  const { preflight } = await startAccount()
  const price = await database.db.price.findFirstOrThrow({ orderBy: { productId: 'asc' } })
  await database.db.price.create({ data: { productId: price.productId, currency: 'xyz', amount: 100, position: 9 } })
  onTestFinished(async () => {
    await database.db.price.deleteMany({ where: { currency: 'xyz' } })
  })
  const { errors, lines } = await preflight()
  expect(errors).toBe(1)
  expect(lines('error', 'currencies')).toEqual([expect.stringContaining('xyz: Stripe rejects a checkout of 100')])
  const withoutDatabase = await preflight({ DATABASE_URL: '' })
  expect(withoutDatabase.errors).toBe(0)
  expect(withoutDatabase.lines('warning', 'currencies')).toEqual([expect.stringContaining('set DATABASE_URL')])
})

test('a failed call to Stripe is reported as an error of its check, and the other checks still run', async () => {
  const { preflight, helper } = await startAccount()
  await helper('faults', { on: 'api', path: '/v1/webhook_endpoints', effect: 'error' })
  const { errors, lines } = await preflight()
  expect(errors).toBe(1)
  expect(lines('error', 'webhooks')).toEqual([expect.stringContaining('not checked')])
  expect(lines('ok', 'statement descriptor')).toHaveLength(1)
})

test('the command prints a line for each result, exits with 1 if there are errors, and rejects the other options of the doctor', async () => {
  const { env, stripe } = await startAccount()
  const doctor = (...args: string[]) => runOps(['doctor', ...args], env)
  expect(await doctor('--preflight')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(
      /^ok {7}webhooks {2}we_\w+ sends to https:.*^warning {2}receipts {2}.*^0 errors, 4 warnings\.$/ms,
    ),
  })
  for (const { id } of (await stripe.webhookEndpoints.list()).data) await stripe.webhookEndpoints.del(id)
  expect(await doctor('--preflight', '--url', serverUrl)).toMatchObject({
    exitCode: 1,
    stdout: expect.stringMatching(/^error {4}webhooks {2}.*^1 error,/ms),
  })
  expect(await doctor('--preflight', '--stripe')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--preflight') })
  expect(await doctor('--url', serverUrl)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--preflight') })
  expect(await doctor('--help')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('before going live') })
})

test('docs/deployment.md lists every permission with its reason', () => {
  const docs = readFileSync(new URL('../../../docs/deployment.md', import.meta.url), 'utf8')
  for (const { name, reason } of permissions) {
    const row = docs.split('\n').find((line) => line.startsWith(`| ${name} `))
    expect(row ?? `no row for ${name}`).toContain(reason)
  }
})
