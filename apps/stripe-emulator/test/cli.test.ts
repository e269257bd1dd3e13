import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startTestEmulator, startWebhookReceiver, waitFor } from './harness.ts'

/** Runs Stripe's CLI and returns its exit code and output. */
const runCli = async (url: string, ...args: string[]) => {
  const home = mkdtempSync(join(tmpdir(), 'stripe-cli-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const bin = createRequire(import.meta.url).resolve('@stripe/cli/bin/shim.js')
  const child = spawn(process.execPath, [bin, ...args, '--api-base', url, '--api-key', 'sk_test_cli1234567890'], {
    env: { PATH: process.env.PATH, XDG_CONFIG_HOME: home, HOME: home },
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk))
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, ...output }
}

test('commands of Stripe’s CLI work', async () => {
  const { webhook, events } = await startWebhookReceiver()
  const { emulator, createPaidSession } = await startTestEmulator({ webhooks: [webhook] })
  const cli = async (...args: string[]): Promise<unknown> => JSON.parse((await runCli(emulator.url, ...args)).stdout)
  const customer = await cli('customers', 'create', '--email', 'alice@example.com', '-d', 'metadata[a]=1')
  expect(customer).toMatchObject({ object: 'customer', email: 'alice@example.com', metadata: { a: '1' } })
  const { charge } = await createPaidSession()
  expect(await cli('refunds', 'create', '--charge', charge.id, '--amount', '100')).toMatchObject({
    object: 'refund',
    amount: 100,
  })
  expect(await cli('events', 'list', '--limit', '1')).toMatchObject({ has_more: true, data: [{ type: 'charge.refunded' }] })
  expect(await cli('get', `/v1/charges/${charge.id}`)).toMatchObject({ amount_refunded: 100 })
  await waitFor(() => events.length === 7)
  await cli('events', 'resend', String(events[0]?.id))
  await waitFor(() => events.length === 8)
  expect(events[7]?.id).toBe(events[0]?.id)
}, 60_000)

/** The events that the README lists as supported by `stripe trigger`. */
const TRIGGERS = [
  'charge.dispute.closed',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.failed',
  'charge.refund.updated',
  'charge.refunded',
  'charge.succeeded',
  'checkout.session.completed',
  'checkout.session.expired',
  'coupon.created',
  'coupon.deleted',
  'coupon.updated',
  'customer.created',
  'customer.deleted',
  'customer.updated',
  'payment_intent.canceled',
  'payment_intent.created',
  'payment_intent.payment_failed',
  'payment_intent.requires_action',
  'payment_intent.succeeded',
  'product.created',
  'product.deleted',
  'product.updated',
] as const

test('stripe trigger causes the event', async () => {
  const { emulator, stripe } = await startTestEmulator()
  for (const type of TRIGGERS) {
    const { code, stdout, stderr } = await runCli(emulator.url, 'trigger', type)
    expect([type, code, stderr], stdout).toEqual([type, 0, ''])
    expect((await stripe.events.list({ type, limit: 1 })).data, type).toHaveLength(1)
  }
}, 120_000)

test('stripe trigger checkout.session.completed pays the session', async () => {
  const { emulator, stripe } = await startTestEmulator()
  await runCli(emulator.url, 'trigger', 'checkout.session.completed')
  const [event] = (await stripe.events.list({ type: 'checkout.session.completed' })).data
  expect(event?.data.object).toMatchObject({
    status: 'complete',
    payment_status: 'paid',
    amount_total: 3000,
    customer_details: { email: 'stripe@example.com', name: 'Jenny Rosen' },
  })
}, 60_000)

test('a trigger that needs a feature that the emulator lacks fails, and says so', async () => {
  const { emulator } = await startTestEmulator()
  const { code, stdout, stderr } = await runCli(emulator.url, 'trigger', 'invoice.paid')
  expect(code).toBe(1)
  expect(stdout + stderr).toContain('not supported by the emulator')
}, 60_000)
