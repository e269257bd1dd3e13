import { createPayToViewClient } from '@pay-to-view/client'
import {
  createTemporaryDataFolder,
  type DataFolder,
  issueToken,
  removeDataFolder,
  type Stack,
  startStack,
} from '@pay-to-view/devstack'
import { waitFor } from '@pay-to-view/devstack/wait'
import { createStripe } from '@pay-to-view/stripe'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runOps } from './run-ops.ts'

let home: DataFolder
let stack: Stack
const entityId = 'vid_01m85eetz2e8qthwsqr5v0dh8g'

beforeAll(async () => {
  home = createTemporaryDataFolder()
  stack = await startStack(home, { ephemeral: true, web: false })
}, 180_000)

afterAll(async () => {
  await stack?.stop()
  removeDataFolder(home)
}, 60_000)

const ops = (...args: string[]) =>
  runOps(args, {
    DATABASE_URL: stack.databaseUrl,
    TEMPORAL_ADDRESS: stack.temporalAddress,
    STRIPE_SECRET_KEY: 'sk_test_operator',
    STRIPE_API_BASE: stack.stripeApi,
  })

/** Calls a test helper of the emulator. */
const emulator = async (method: string, to: string, body?: object) => {
  const response = await fetch(`${stack.stripeApi}/_test/${to}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  expect(response.ok).toBe(true)
}

const createClient = async (user: string) => createPayToViewClient({ url: stack.api, token: await issueToken(home, user) })

/** Creates a purchase and pays its checkout, without waiting for the webhook. */
const payFor = async (
  client: Awaited<ReturnType<typeof createClient>>,
  method: object = { card: '4242424242424242' },
): Promise<string> => {
  const created = await client.purchases.create.mutate({
    payToViewProductId: 'prod_01m85eetz6e8qthwvnjjs5zz41',
    entityId,
    returnUrl: 'https://yoursite.com/purchase/complete',
  })
  if (!created.success) throw new Error('Expected a checkout')
  await emulator('POST', `checkout/sessions/${created.clientSecret.split('_secret_')[0]}/pay`, method)
  return created.purchaseId
}

const waitForAccess = (client: Awaited<ReturnType<typeof createClient>>) =>
  waitFor('access', async () => (await client.access.check.query({ entityId })).hasAccess, { timeoutMs: 20_000 })

test('reconcile reports a lost webhook, repairs it, and then finds no drift', async () => {
  await emulator('POST', 'faults', { on: 'webhook', effect: 'drop' })
  const client = await createClient('alice')
  await payFor(client)
  const dryRun = await ops('reconcile', '--since', '24h', '--dry-run')
  expect(dryRun).toMatchObject({
    exitCode: 1,
    stdout: expect.stringMatching(/would repair {2}missing_event {2}evt_\w+ {2}checkout\.session\.completed/),
  })
  expect((await client.access.check.query({ entityId })).hasAccess).toBe(false)
  expect(await ops('reconcile')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('repaired  missing_event') })
  await waitForAccess(client)
  expect(await ops('reconcile', '--dry-run')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('0 to repair') })
  await emulator('DELETE', 'faults')
})

test('the doctor finds nothing in consistent data, and reports manual changes', async () => {
  const client = await createClient('bob')
  const purchaseId = await payFor(client)
  await waitForAccess(client)
  expect(await ops('doctor', '--stripe')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('No problems found.') })

  const database = new Client({ connectionString: stack.databaseUrl })
  await database.connect()
  try {
    await database.query("UPDATE purchases SET status = 'Expired' WHERE id = $1", [purchaseId])
    await database.query('UPDATE grants SET revoked_at = now() WHERE purchase_id = $1', [purchaseId])
    const findings = await ops('doctor')
    expect(findings.exitCode).toBe(1)
    expect(findings.stdout).toContain(
      `broken  row_follows_from_facts  ${purchaseId}  status is Expired, but the facts say Completed`,
    )
    expect(findings.stdout).toContain(`broken  no_payment_without_access  ${purchaseId}`)
    expect(findings.stdout).toContain(`broken  status_changes_are_audited  ${purchaseId}`)
    expect(await ops('reconcile', '--purchase', purchaseId)).toMatchObject({ exitCode: 0 })
    await waitForAccess(client)
    expect((await ops('doctor')).exitCode).toBe(0)
    expect(await ops('reconcile', '--purchase', 'ptv_01m85eetz2e8qthwsqr5v0dh8g')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('not found'),
    })

    // Resets the purchase to its state before the payment, as after a restore from an older dump.
    await database.query(
      `UPDATE purchases SET facts = '{}', status = 'Pending', open = true, external_transaction_id = NULL, amount_paid = 0,
         currency_paid = NULL, completed_at = NULL WHERE id = $1`,
      [purchaseId],
    )
    expect((await ops('doctor', '--stripe')).stdout).toContain(`purchase_matches_stripe  ${purchaseId}  status is Pending`)
    expect(await ops('reconcile', '--purchase', purchaseId)).toMatchObject({ exitCode: 0 })
    await waitFor(
      'the payment to be fetched',
      async () => (await client.purchases.get.query({ id: purchaseId })).status === 'Completed',
      { timeoutMs: 20_000 },
    )
    expect((await ops('doctor', '--stripe')).exitCode).toBe(0)

    const mux = { provider: 'mux', playbackId: 'a' }
    await database.query('UPDATE entities SET playback = $2 WHERE id = $1', [entityId, mux])
    const missing = "MUX_SIGNING_KEY_ID, MUX_SIGNING_PRIVATE_KEY \\(not set in this command's shell\\)"
    expect(await ops('doctor')).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(
        `playback_providers_have_keys {2}${entityId} {2}1 entity needs ${missing}\nWarning: .*\n1 problem found: `,
      ),
    })
    await database.query('UPDATE entities SET playback = NULL WHERE id = $1', [entityId])
    const withoutKeys = await ops('doctor')
    expect(withoutKeys.stdout).toMatch(
      /^Warning: to play \d+ videos? without `playback`, such as \S+, set PLAYBACK_KEYS \(not set/m,
    )
    expect(withoutKeys.exitCode).toBe(0)

    await database.query('DROP INDEX grants_reference')
    expect(await ops('doctor')).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('constraints_exist  grants_reference'),
    })
  } finally {
    await database.end()
  }
}, 180_000)

test('the doctor compares each payment in the ledger with Stripe: its existence, amount and refunds', async () => {
  const client = await createClient('carol')
  const purchaseId = await payFor(client)
  await waitForAccess(client)
  const { externalTransactionId: payment } = await client.purchases.get.query({ id: purchaseId })
  const database = new Client({ connectionString: stack.databaseUrl })
  await database.connect()
  const replaceInFacts = (from: string, to: string) =>
    database.query('UPDATE purchases SET facts = replace(facts::text, $2, $3)::jsonb WHERE id = $1', [purchaseId, from, to])
  const expectFinding = async (finding: string) => {
    const { exitCode, stdout } = await ops('doctor', '--stripe', '--since', '1h')
    expect(stdout).toContain(`broken  ${finding}`)
    expect(exitCode).toBe(1)
  }
  try {
    await replaceInFacts(`${payment}`, 'pi_missing')
    await expectFinding(`payment_exists_at_stripe  ${purchaseId}  pi_missing does not exist in Stripe`)
    await replaceInFacts('pi_missing', `${payment}`)

    await replaceInFacts('"amount": 499', '"amount": 500')
    await expectFinding(`payment_amount_matches_stripe  ${purchaseId}  ${payment} is 500 usd, but 499 usd in Stripe`)
    await replaceInFacts('"amount": 500', '"amount": 499')
    // Checks only this rule, because changing the facts directly also makes the doctor report the sales entries.
    expect((await ops('doctor', '--stripe', '--since', '1h')).stdout).not.toContain('payment_amount_matches_stripe')

    await emulator('POST', 'faults', { on: 'webhook', effect: 'drop' })
    const charge = await fetch(`${stack.stripeApi}/v1/payment_intents/${payment}`, {
      headers: { authorization: 'Bearer sk_test_operator' },
    })
    await emulator('POST', `charges/${Object(await charge.json()).latest_charge}/refund`, { amount: 100 })
    await expectFinding(`refunded_amount_matches_stripe  ${purchaseId}  0 of ${payment} is refunded, but 100 in Stripe`)

    const dora = await createClient('dora')
    const unpaid = await payFor(dora, { method: 'us_bank_account' })
    await emulator('DELETE', 'faults')
    expect(await ops('reconcile')).toMatchObject({ exitCode: 0 })
    await waitFor('processing', async () => (await dora.purchases.get.query({ id: unpaid })).processing, { timeoutMs: 20_000 })
    await database.query(
      `UPDATE purchases SET completed_at = now(), facts = replace(facts::text, '"processing"', '"paid"')::jsonb WHERE id = $1`,
      [unpaid],
    )
    await expectFinding(`payment_exists_at_stripe  ${unpaid}`)
    await database.query("UPDATE purchases SET completed_at = now() - interval '2 hours' WHERE id = $1", [unpaid])
    await emulator('POST', 'faults', { on: 'api', path: '/v1/payment_intents', effect: 'latency', ms: 2_200 })
    const slow = await ops('doctor', '--stripe', '--since', '1h')
    await emulator('DELETE', 'faults')
    expect(slow.stdout).not.toContain(`payment_exists_at_stripe  ${unpaid}`)
    expect(slow.stderr).toMatch(/… \d+ payments compared with Stripe/)
  } finally {
    await database.end()
  }
}, 180_000)

test('without a SITE_ID, a checkout of a site that has one is neither reported as broken nor restored', async () => {
  const account = createStripe({ secretKey: 'sk_test_operator', apiBase: stack.stripeApi })
  const metadata = {
    ...{ payToViewPurchaseId: 'ptv_01m85eetz2e8qthwsqr5v0dh8h', payToViewProductId: 'prod_01m85eetz6e8qthwvnjjs5zz41' },
    ...{ userId: 'erin', entityType: '1', entityId },
  }
  const createSession = (site: object) =>
    account.checkout.sessions.create({
      ...{ mode: 'payment', success_url: 'https://example.com/', metadata: { ...metadata, ...site } },
      line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 499, product_data: { name: 'Nosferatu' } } }],
    })
  const commands = () =>
    Promise.all([
      ops('doctor', '--stripe', '--since', '1h'),
      ops('import:purchases', '--from-stripe', '--since', '1h', '--dry-run', '--list'),
    ])
  await createSession({ payToViewSite: 'shop-a' })
  for (const { stdout } of await commands()) expect(stdout).not.toContain(metadata.payToViewPurchaseId)
  await createSession({})
  for (const { stdout } of await commands()) expect(stdout).toContain(metadata.payToViewPurchaseId)
})

test('api-key creates a key that works, lists it without its secret, and revokes it', async () => {
  const scopes = ['--scope', 'access:read', 'purchases:read', '--scope', 'catalog:read']
  const created = await ops('api-key', 'create', '--name', 'site', ...scopes, '--expires-in', '30d', '--rate-limit', '100')
  expect(created).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^ptvk_[0-9A-Za-z]{43}\n$/) })
  const key = created.stdout.trim()
  const [id = ''] = /key_\w+/.exec(created.stderr) ?? []
  const client = createPayToViewClient({ url: stack.api, token: key })
  expect((await client.admin.purchases.list.query({})).nextCursor).toBeNull()
  const listed = await ops('api-key', 'list')
  expect(listed.stdout).toMatch(
    new RegExp(`^${id}  ptvk_\\w{4}…  site  access:read purchases:read catalog:read  expires 20`, 'm'),
  )
  expect(listed.stdout).not.toContain(key.slice(0, 12))
  expect(await ops('api-key', 'revoke', id, '--by', 'olga')).toMatchObject({ exitCode: 0 })
  expect(await ops('api-key', 'list')).toMatchObject({ stdout: '' })
  const isRejected = () =>
    client.admin.purchases.list.query({}).then(
      () => false,
      () => true,
    )
  await waitFor('the key to be rejected', isRejected, { timeoutMs: 10_000 })
  expect(await ops('api-key', 'revoke', 'key_01m85eetz2e8qthwsqr5v0dh8g')).toMatchObject({ exitCode: 1 })
  for (const wrong of [['--scope', 'admin'], [], ['--scope', 'access:read', '--expires-in', 'soon']])
    expect(await ops('api-key', 'create', '--name', 'site', ...wrong)).toMatchObject({ exitCode: 2, stdout: '' })
}, 120_000)

test('an invalid option or a missing variable is reported, and the command does not run', async () => {
  expect(await ops('reconcile', '--since', 'yesterday')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('such as 24h'),
  })
  expect(await ops('reconcile', '--since', '31d')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('at most 30d') })
  const halfSet = await runOps(['doctor'], { DATABASE_URL: stack.databaseUrl, MUX_SIGNING_KEY_ID: 'a' })
  expect(halfSet).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('MUX_SIGNING_PRIVATE_KEY: Expected a value, because MUX_SIGNING_KEY_ID is set'),
  })
  const withoutEnvironment = await runOps(['doctor'], {})
  expect(withoutEnvironment).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('DATABASE_URL') })
})
