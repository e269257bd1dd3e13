import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
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
import { eventTypes } from '@pay-to-view/ingestion'
import { createStripe, stripeApiVersion } from '@pay-to-view/stripe'
import { startStripeEmulator } from '@pay-to-view/stripe-emulator'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

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

const run = async (args: string[], env: NodeJS.ProcessEnv) => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'apps/ops/src/main.ts', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exit])
  return { exitCode, stdout, stderr }
}

const ops = (...args: string[]) =>
  run(args, {
    PATH: process.env.PATH,
    DATABASE_URL: stack.databaseUrl,
    TEMPORAL_ADDRESS: stack.temporalAddress,
    STRIPE_SECRET_KEY: 'sk_test_operator',
    STRIPE_API_BASE: stack.stripeApi,
  })

const helper = async (method: string, to: string, body?: object) => {
  const answer = await fetch(`${stack.stripeApi}/_test/${to}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  expect(answer.ok).toBe(true)
}

const viewer = async (user: string) => createPayToViewClient({ url: stack.api, token: await issueToken(home, user) })

/** Creates a purchase and pays for it; whether anybody hears of it is another matter. */
const payFor = async (
  client: Awaited<ReturnType<typeof viewer>>,
  how: object = { card: '4242424242424242' },
): Promise<string> => {
  const created = await client.purchases.create.mutate({
    payToViewProductId: 'prod_01m85eetz6e8qthwvnjjs5zz41',
    entityId,
    returnUrl: 'https://yoursite.com/purchase/complete',
  })
  if (!created.success) throw new Error('not created')
  await helper('POST', `checkout/sessions/${created.clientSecret.split('_secret_')[0]}/pay`, how)
  return created.purchaseId
}

const whenAccess = (client: Awaited<ReturnType<typeof viewer>>) =>
  waitFor('access', async () => (await client.access.check.query({ entityId })).hasAccess, { timeoutMs: 20_000 })

test('reconcile shows a lost webhook, mends it, and has nothing more to do', async () => {
  await helper('POST', 'faults', { on: 'webhook', effect: 'drop' })
  const client = await viewer('alice')
  await payFor(client)
  const look = await ops('reconcile', '--since', '24h', '--dry-run')
  expect(look).toMatchObject({
    exitCode: 1,
    stdout: expect.stringMatching(/would mend {2}missing_event {2}evt_\w+ {2}checkout\.session\.completed/),
  })
  expect((await client.access.check.query({ entityId })).hasAccess).toBe(false)
  expect(await ops('reconcile')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('mended  missing_event') })
  await whenAccess(client)
  expect(await ops('reconcile', '--dry-run')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('0 to mend') })
  await helper('DELETE', 'faults')
})

test('the doctor finds nothing amiss in a good ledger, and names what somebody changed behind it', async () => {
  const client = await viewer('bob')
  const purchaseId = await payFor(client)
  await whenAccess(client)
  expect(await ops('doctor', '--stripe')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Everything holds.') })

  const database = new Client({ connectionString: stack.databaseUrl })
  await database.connect()
  try {
    await database.query("UPDATE purchases SET status = 'Expired' WHERE id = $1", [purchaseId])
    await database.query('UPDATE grants SET ended_at = now() WHERE purchase_id = $1', [purchaseId])
    const sick = await ops('doctor')
    expect(sick.exitCode).toBe(1)
    expect(sick.stdout).toContain(`broken  row_follows_from_facts  ${purchaseId}  status is Expired, the facts say Completed`)
    expect(sick.stdout).toContain(`broken  no_payment_without_access  ${purchaseId}`)
    expect(sick.stdout).toContain(`broken  status_changes_are_audited  ${purchaseId}`)
    expect(await ops('reconcile', '--purchase', purchaseId)).toMatchObject({ exitCode: 0 })
    await whenAccess(client)
    expect((await ops('doctor')).exitCode).toBe(0)
    expect(await ops('reconcile', '--purchase', 'ptv_01m85eetz2e8qthwsqr5v0dh8g')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('There is no purchase'),
    })

    await database.query('DROP INDEX one_active_grant')
    expect(await ops('doctor')).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('constraints_exist  one_active_grant'),
    })
  } finally {
    await database.end()
  }
})

test('the doctor goes from the ledger to Stripe as well: each payment has to be there, as much as we say, and given back as much', async () => {
  const client = await viewer('carol')
  const purchaseId = await payFor(client)
  await whenAccess(client)
  const { externalTransactionId: payment } = await client.purchases.get.query({ id: purchaseId })
  const database = new Client({ connectionString: stack.databaseUrl })
  await database.connect()
  const rewrite = (from: string, to: string) =>
    database.query('UPDATE purchases SET facts = replace(facts::text, $2, $3)::jsonb WHERE id = $1', [purchaseId, from, to])
  const finds = async (finding: string) => {
    const { exitCode, stdout } = await ops('doctor', '--stripe', '--since', '1h')
    expect(stdout).toContain(`broken  ${finding}`)
    expect(exitCode).toBe(1)
  }
  try {
    await rewrite(`${payment}`, 'pi_gone')
    await finds(`stripe_has_the_payment  ${purchaseId}  Stripe does not know pi_gone`)
    await rewrite('pi_gone', `${payment}`)

    await rewrite('"amount": 499', '"amount": 500')
    await finds(`stripe_received_as_much  ${purchaseId}  Stripe received 499 usd by ${payment}, we say 500 usd`)
    await rewrite('"amount": 500', '"amount": 499')
    expect((await ops('doctor', '--stripe', '--since', '1h')).stdout).not.toContain(purchaseId)

    await helper('POST', 'faults', { on: 'webhook', effect: 'drop' })
    const charge = await fetch(`${stack.stripeApi}/v1/payment_intents/${payment}`, {
      headers: { authorization: 'Bearer sk_test_operator' },
    })
    await helper('POST', `charges/${Object(await charge.json()).latest_charge}/refund`, { amount: 100 })
    await finds(`stripe_refunded_as_much  ${purchaseId}  Stripe refunded 100 of ${payment}, we say 0`)

    const late = await viewer('dora')
    const unpaid = await payFor(late, { method: 'us_bank_account' })
    await helper('DELETE', 'faults')
    expect(await ops('reconcile')).toMatchObject({ exitCode: 0 })
    await waitFor('processing', async () => (await late.purchases.get.query({ id: unpaid })).processing, { timeoutMs: 20_000 })
    await database.query(
      `UPDATE purchases SET completed_at = now(), facts = replace(facts::text, '"processing"', '"paid"')::jsonb WHERE id = $1`,
      [unpaid],
    )
    await finds(`stripe_has_the_payment  ${unpaid}`)
    // What was paid before that time is not looked up.
    await database.query("UPDATE purchases SET completed_at = now() - interval '2 hours' WHERE id = $1", [unpaid])
    await helper('POST', 'faults', { on: 'api', path: '/v1/payment_intents', effect: 'latency', ms: 2_200 })
    const slow = await ops('doctor', '--stripe', '--since', '1h')
    await helper('DELETE', 'faults')
    expect(slow.stdout).not.toContain(`stripe_has_the_payment  ${unpaid}`)
    // It takes long: how far it is goes to standard error.
    expect(slow.stderr).toMatch(/… \d+ of the ledger's payments looked up at Stripe/)
  } finally {
    await database.end()
  }
}, 180_000)

test('stripe:setup makes the webhook endpoint once', async () => {
  const made = await ops('stripe:setup', '--url', 'https://api.example.com')
  expect(made).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/STRIPE_WEBHOOK_SECRET=whsec_\w+/) })
  const again = await ops('stripe:setup', '--url', 'https://api.example.com')
  expect(again).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining('whsec_') })
})

test('stripe:setup says of which mode the endpoint is, mends one that was changed, and replaces one of another version', async () => {
  const secretKey = 'sk_live_operator'
  const account = await startStripeEmulator({ secretKey })
  onTestFinished(() => account.close())
  const setup = (key: string) =>
    run(['stripe:setup', '--url', 'https://api.example.com'], {
      ...{ PATH: process.env.PATH, STRIPE_SECRET_KEY: key, STRIPE_API_BASE: account.url },
    })
  const stripe = createStripe({ secretKey, apiBase: account.url })
  const url = 'https://api.example.com/client/v1/webhooks/stripe'
  const old = await stripe.webhookEndpoints.create({ url, enabled_events: ['*'], api_version: '2024-06-20' })
  const made = await setup(secretKey)
  expect(made).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/\(live\) tells .*\n\nSTRIPE_WEBHOOK_SECRET=whsec_/) })
  expect(made.stdout).toContain(`${old.id} speaks API version 2024-06-20`)
  const ours = async () => (await stripe.webhookEndpoints.list()).data.filter(({ id }) => id !== old.id)
  const [endpoint] = await ours()
  const right = { url, status: 'enabled', api_version: stripeApiVersion, enabled_events: [...eventTypes] }
  expect(endpoint).toMatchObject(right)
  await stripe.webhookEndpoints.update(endpoint?.id ?? '', { enabled_events: ['charge.refunded'], disabled: true })
  expect(await setup(secretKey)).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining('whsec_') })
  expect(await ours()).toMatchObject([right])

  for (const wrong of ['sk_live_of_somebody_else', 'sk_test_operator']) {
    const { exitCode, stdout, stderr } = await setup(wrong)
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toContain('Invalid API Key provided')
    expect(stderr).not.toContain(wrong)
  }
  expect(await setup('pk_live_operator')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('STRIPE_SECRET_KEY') })
  expect(await ours()).toHaveLength(1)
}, 180_000)

test('a wrong option or a missing variable is named, and nothing is done', async () => {
  expect(await ops('reconcile', '--since', 'yesterday')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('such as 24h'),
  })
  expect(await ops('reconcile', '--since', '31d')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('at most 30d') })
  const bare = await run(['doctor'], { PATH: process.env.PATH })
  expect(bare).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('DATABASE_URL') })
})
