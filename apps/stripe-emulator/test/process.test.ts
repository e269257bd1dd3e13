import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot } from '@pay-to-view/devstack'
import { programOf } from '@pay-to-view/testing/built'
import { expect, onTestFinished, test } from 'vitest'
import { createTestClient, startTestEmulator, startWebhookReceiver, WEBHOOK_SECRET, waitFor } from './harness.ts'

const spawnEmulator = (env: Record<string, string>, args: string[] = []) => {
  const child = spawn(process.execPath, [...programOf('stripe-emulator'), ...args], {
    cwd: repositoryRoot,
    env: { PATH: process.env.PATH, PORT: '0', ...env },
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const output = { text: '' }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output.text += chunk))
  return { child, output, exitCode: exitCodeOf(child) }
}

const exitCodeOf = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))

const startProcess = async (env: Record<string, string>) => {
  const { child, output, exitCode } = spawnEmulator(env)
  const url = await waitFor(() => /Stripe emulator: (\S+)/.exec(output.text)?.[1], 30_000)
  return { child, exitCode, url, ...createTestClient({ url }) }
}

const temporaryFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'stripe-emulator-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('objects, idempotency keys, scheduled tasks and pending webhooks survive kill -9', async () => {
  const DATA_FILE = join(temporaryFolder(), 'data', 'stripe.jsonl')
  let receiverIsUp = false
  const { webhook, events } = await startWebhookReceiver(() => (receiverIsUp ? 200 : 503))
  const env = { DATA_FILE, WEBHOOK_URL: webhook.url, WEBHOOK_SECRET, REFUND_DELAY: '3600' }
  const before = await startProcess(env)
  const customer = await before.stripe.customers.create({ email: 'alice@example.com' }, { idempotencyKey: 'k1' })
  const { session, charge } = await before.createPaidSession('4000000000007726', { customer: customer.id })
  const refund = await before.stripe.refunds.create({ charge: charge.id })
  const open = await before.newSession()
  await before.helper('/clock/advance', { seconds: 60 })
  const created = await before.eventTypes()
  before.child.kill('SIGKILL')
  await before.exitCode

  const after = await startProcess(env)
  expect(await after.eventTypes()).toEqual(created)
  expect(await after.stripe.checkout.sessions.retrieve(session, { expand: ['customer', 'line_items'] })).toMatchObject({
    status: 'complete',
    customer: { email: 'alice@example.com' },
    line_items: { data: [{ description: 'Nosferatu' }] },
  })
  const again = await after.stripe.customers.create({ email: 'alice@example.com' }, { idempotencyKey: 'k1' })
  expect(again.id).toBe(customer.id)
  expect((await after.stripe.refunds.list({ charge: charge.id })).data).toMatchObject([{ id: refund.id, status: 'pending' }])
  expect(events).toEqual([])
  receiverIsUp = true
  await waitFor(() => new Set(events.map(({ id }) => id)).size === created.length, 20_000)
  await after.helper('/clock/advance', { seconds: 86_400 })
  expect(await after.stripe.refunds.retrieve(refund.id)).toMatchObject({ status: 'succeeded' })
  expect(await after.stripe.checkout.sessions.retrieve(open.id)).toMatchObject({ status: 'expired' })
  expect(readFileSync(DATA_FILE, 'utf8')).not.toContain('4000000000007726')
}, 60_000)

test('an incomplete last line of the data file is ignored', async () => {
  const dataFile = join(temporaryFolder(), 'stripe.jsonl')
  const first = await startTestEmulator({ dataFile })
  await first.stripe.customers.create({ name: 'Alice' })
  await first.emulator.close()
  appendFileSync(dataFile, '[["customers","cus_torn",{"id":"cus_to')
  const second = await startTestEmulator({ dataFile })
  expect((await second.stripe.customers.list()).data).toMatchObject([{ name: 'Alice' }])
})

test('SIGTERM and SIGINT stop the process with exit code 0', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { child, exitCode } = await startProcess({})
    child.kill(signal)
    expect(await exitCode).toBe(0)
  }
}, 60_000)

test('an invalid environment variable is named, and the process exits', async () => {
  const { exitCode, output } = spawnEmulator({ PORT: 'eighty', WEBHOOK_URL: 'http://127.0.0.1/' })
  expect(await exitCode).toBe(1)
  expect(output.text).toContain('PORT: ')
  const second = spawnEmulator({ WEBHOOK_URL: 'http://127.0.0.1/' })
  expect(await second.exitCode).toBe(1)
  expect(second.output.text).toContain('WEBHOOK_SECRET: ')
}, 60_000)

test('--help lists the environment variables', async () => {
  const { exitCode, output } = spawnEmulator({}, ['--help'])
  expect(await exitCode).toBe(0)
  for (const name of ['PORT', 'DATA_FILE', 'WEBHOOK_URL', 'WEBHOOK_SECRET', 'SECRET_KEY', 'LOG_LEVEL'])
    expect(output.text).toContain(name)
}, 60_000)
