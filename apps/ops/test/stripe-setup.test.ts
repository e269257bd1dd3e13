import { eventTypes } from '@pay-to-view/ingestion'
import { createStripe, stripeApiVersion } from '@pay-to-view/stripe'
import { startStripeEmulator } from '@pay-to-view/stripe-emulator'
import { expect, onTestFinished, test } from 'vitest'
import { runOps } from './run-ops.ts'

test('stripe:setup creates the webhook endpoint once', async () => {
  const account = await startStripeEmulator({ secretKey: 'sk_test_operator' })
  onTestFinished(() => account.close())
  const setUp = () =>
    runOps(['stripe:setup', '--url', 'https://api.example.com'], {
      STRIPE_SECRET_KEY: 'sk_test_operator',
      STRIPE_API_BASE: account.url,
    })
  const first = await setUp()
  expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/STRIPE_WEBHOOK_SECRET=whsec_\w+/) })
  const second = await setUp()
  expect(second).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining('whsec_') })
})

test('stripe:setup prints the mode, updates a changed endpoint, and replaces an endpoint with a different API version', async () => {
  const secretKey = 'sk_live_operator'
  const account = await startStripeEmulator({ secretKey })
  onTestFinished(() => account.close())
  const setup = (key: string) =>
    runOps(['stripe:setup', '--url', 'https://api.example.com'], { STRIPE_SECRET_KEY: key, STRIPE_API_BASE: account.url })
  const stripe = createStripe({ secretKey, apiBase: account.url })
  const url = 'https://api.example.com/client/v1/webhooks/stripe'
  const oldEndpoint = await stripe.webhookEndpoints.create({ url, enabled_events: ['*'], api_version: '2024-06-20' })
  const result = await setup(secretKey)
  expect(result).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/\(live\): it sends .*\n\nSTRIPE_WEBHOOK_SECRET=whsec_/),
  })
  expect(result.stdout).toContain(`${oldEndpoint.id} has API version 2024-06-20`)
  const newEndpoints = async () => (await stripe.webhookEndpoints.list()).data.filter(({ id }) => id !== oldEndpoint.id)
  const [endpoint] = await newEndpoints()
  const expected = { url, status: 'enabled', api_version: stripeApiVersion, enabled_events: [...eventTypes] }
  expect(endpoint).toMatchObject(expected)
  await stripe.webhookEndpoints.update(endpoint?.id ?? '', { enabled_events: ['charge.refunded'], disabled: true })
  expect(await setup(secretKey)).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining('whsec_') })
  expect(await newEndpoints()).toMatchObject([expected])

  for (const wrongKey of ['sk_live_other_account', 'sk_test_operator']) {
    const { exitCode, stdout, stderr } = await setup(wrongKey)
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toContain('Invalid API Key provided')
    expect(stderr).not.toContain(wrongKey)
  }
  expect(await setup('pk_live_operator')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('STRIPE_SECRET_KEY') })
  expect(await newEndpoints()).toHaveLength(1)
}, 180_000)
