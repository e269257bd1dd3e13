import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { clientOf, emulated, receiver, SECRET, until } from './harness.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

const run = (env: Record<string, string>, args: string[] = []) => {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], {
    env: { PATH: process.env.PATH, PORT: '0', ...env },
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const output = { text: '' }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output.text += part))
  return { child, output, ended: ended(child) }
}

const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))

const started = async (env: Record<string, string>) => {
  const { child, output, ended } = run(env)
  const url = await until(() => /Stripe emulator: (\S+)/.exec(output.text)?.[1], 30_000)
  return { child, ended, url, ...clientOf({ url }) }
}

const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'stripe-emulator-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('after kill -9 everything is there: objects, idempotency keys, plans, and webhooks that wait', async () => {
  const DATA_FILE = join(folder(), 'data', 'stripe.jsonl')
  let up = false
  const { webhook, events } = await receiver(() => (up ? 200 : 503))
  const env = { DATA_FILE, WEBHOOK_URL: webhook.url, WEBHOOK_SECRET: SECRET, REFUND_DELAY: '3600' }
  const before = await started(env)
  const customer = await before.stripe.customers.create({ email: 'alice@example.com' }, { idempotencyKey: 'k1' })
  const { session, charge } = await before.paid('4000000000007726', { customer: customer.id })
  const refund = await before.stripe.refunds.create({ charge: charge.id })
  const open = await before.newSession()
  await before.helper('/clock/advance', { seconds: 60 })
  const made = await before.eventTypes()
  before.child.kill('SIGKILL')
  await before.ended

  const after = await started(env)
  expect(await after.eventTypes()).toEqual(made)
  expect(await after.stripe.checkout.sessions.retrieve(session, { expand: ['customer', 'line_items'] })).toMatchObject({
    status: 'complete',
    customer: { email: 'alice@example.com' },
    line_items: { data: [{ description: 'Nosferatu' }] },
  })
  const again = await after.stripe.customers.create({ email: 'alice@example.com' }, { idempotencyKey: 'k1' })
  expect(again.id).toBe(customer.id)
  expect((await after.stripe.refunds.list({ charge: charge.id })).data).toMatchObject([{ id: refund.id, status: 'pending' }])
  expect(events).toEqual([])
  up = true
  await until(() => new Set(events.map(({ id }) => id)).size === made.length, 20_000)
  await after.helper('/clock/advance', { seconds: 86_400 })
  expect(await after.stripe.refunds.retrieve(refund.id)).toMatchObject({ status: 'succeeded' })
  expect(await after.stripe.checkout.sessions.retrieve(open.id)).toMatchObject({ status: 'expired' })
  expect(readFileSync(DATA_FILE, 'utf8')).not.toContain('4000000000007726')
}, 60_000)

test('a last line that was cut off in the middle is left out', async () => {
  const dataFile = join(folder(), 'stripe.jsonl')
  const first = await emulated({ dataFile })
  await first.stripe.customers.create({ name: 'Alice' })
  await first.emulator.close()
  appendFileSync(dataFile, '[["customers","cus_torn",{"id":"cus_to')
  const second = await emulated({ dataFile })
  expect((await second.stripe.customers.list()).data).toMatchObject([{ name: 'Alice' }])
})

test('SIGTERM and SIGINT end it cleanly', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { child, ended } = await started({})
    child.kill(signal)
    expect(await ended).toBe(0)
  }
}, 60_000)

test('a wrong variable is named, and nothing starts', async () => {
  const { ended, output } = run({ PORT: 'eighty', WEBHOOK_URL: 'http://127.0.0.1/' })
  expect(await ended).toBe(1)
  expect(output.text).toContain('PORT: ')
  const second = run({ WEBHOOK_URL: 'http://127.0.0.1/' })
  expect(await second.ended).toBe(1)
  expect(second.output.text).toContain('WEBHOOK_SECRET: ')
}, 60_000)

test('--help says every variable', async () => {
  const { ended, output } = run({}, ['--help'])
  expect(await ended).toBe(0)
  for (const name of ['PORT', 'DATA_FILE', 'WEBHOOK_URL', 'WEBHOOK_SECRET', 'SECRET_KEY', 'LOG_LEVEL'])
    expect(output.text).toContain(name)
}, 60_000)

test('Stripe’s own CLI drives it', async () => {
  const { webhook, events } = await receiver()
  const { emulator, paid } = await emulated({ webhooks: [webhook] })
  const cli = async (...args: string[]): Promise<unknown> => {
    const bin = createRequire(import.meta.url).resolve('@stripe/cli/bin/shim.js')
    const child = spawn(process.execPath, [bin, ...args, '--api-base', emulator.url, '--api-key', 'sk_test_cli1234567890'], {
      env: { PATH: process.env.PATH, XDG_CONFIG_HOME: folder(), HOME: folder() },
    })
    let text = ''
    child.stdout.on('data', (part: Buffer) => (text += part))
    await ended(child)
    return JSON.parse(text)
  }
  const customer = await cli('customers', 'create', '--email', 'alice@example.com', '-d', 'metadata[a]=1')
  expect(customer).toMatchObject({ object: 'customer', email: 'alice@example.com', metadata: { a: '1' } })
  const { charge } = await paid()
  expect(await cli('refunds', 'create', '--charge', charge.id, '--amount', '100')).toMatchObject({
    object: 'refund',
    amount: 100,
  })
  expect(await cli('events', 'list', '--limit', '1')).toMatchObject({ has_more: true, data: [{ type: 'charge.refunded' }] })
  expect(await cli('get', `/v1/charges/${charge.id}`)).toMatchObject({ amount_refunded: 100 })
  await until(() => events.length === 7)
  await cli('events', 'resend', String(events[0]?.id))
  await until(() => events.length === 8)
  expect(events[7]?.id).toBe(events[0]?.id)
}, 60_000)
