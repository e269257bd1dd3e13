import Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { currentStripeApiText, stripeApiText } from '../scripts/stripe-api.ts'
import { rejection, startTestEmulator, startWebhookReceiver, waitFor } from './harness.ts'

const request = async (url: string, path: string, init: RequestInit = {}) => {
  const response = await fetch(url + path, { ...init, headers: { authorization: 'Bearer sk_test_1', ...init.headers } })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

describe('the content type', () => {
  test.each([
    ['application/json', '{"email":"a@example.com"}', /check that your POST content type is application\/x-www-form-urlencoded/],
    ['application/json', '{"email":', /check that your POST content type is application\/x-www-form-urlencoded/],
    ['text/plain; charset=utf-8', 'email=a', /unsupported Content-Type text\/plain; charset=utf-8/],
    ['multipart/form-data; boundary=x', '--x--', /multipart request is not supported by the emulator/],
  ])('%s with body %s is rejected on /v1', async (contentType, body, message) => {
    const { emulator, stripe } = await startTestEmulator()
    const response = await request(emulator.url, '/v1/customers', {
      method: 'POST',
      body,
      headers: { 'content-type': contentType },
    })
    expect(response).toMatchObject({ status: 400, body: { error: { type: 'invalid_request_error' } } })
    expect(JSON.stringify(response.body)).toMatch(message)
    expect((await stripe.customers.list()).data).toEqual([])
  })

  test('an invalid API key is reported before an invalid content type', async () => {
    const { emulator } = await startTestEmulator()
    const response = await fetch(`${emulator.url}/v1/customers`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
    expect(response.status).toBe(401)
  })
})

describe('the Stripe-Version header', () => {
  test('an unknown version is rejected', async () => {
    const { emulator } = await startTestEmulator()
    const response = await request(emulator.url, '/v1/customers', { headers: { 'stripe-version': '2022-08-02' } })
    expect(response).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_request_error', message: 'Invalid Stripe API version: 2022-08-02' } },
    })
  })

  test('a preview version, which Stripe accepts, is rejected as not supported', async () => {
    const { emulator } = await startTestEmulator()
    const response = await request(emulator.url, '/v1/customers', { headers: { 'stripe-version': '2026-10-28.preview' } })
    expect(response.body).toMatchObject({ error: { message: expect.stringContaining('not supported by the emulator') } })
  })

  test('any other Stripe version is accepted and returned', async () => {
    const { emulator } = await startTestEmulator()
    const response = await request(emulator.url, '/v1/customers', { headers: { 'stripe-version': '2024-06-20' } })
    expect([response.status, response.headers.get('stripe-version')]).toEqual([200, '2024-06-20'])
  })
})

test('a request for another account is rejected', async () => {
  const { stripe } = await startTestEmulator()
  expect(await rejection(stripe.customers.list({}, { stripeAccount: 'acct_other' }))).toMatchObject({
    statusCode: 403,
    code: 'account_invalid',
  })
})

describe('webhook endpoints', () => {
  const url = 'http://127.0.0.1:9/'

  test('an unknown event type is rejected', async () => {
    const { emulator } = await startTestEmulator()
    const form = new URLSearchParams([
      ['url', url],
      ['enabled_events[]', 'charge.succeeded'],
      ['enabled_events[]', 'charge.eaten'],
    ])
    expect(await request(emulator.url, '/v1/webhook_endpoints', { method: 'POST', body: form })).toMatchObject({
      status: 400,
      body: {
        error: {
          param: 'enabled_events[1]',
          message: expect.stringMatching(/^Invalid enabled_events\[1\]: must be one of \*, account\./),
        },
      },
    })
  })

  test('an unknown api_version is rejected', async () => {
    const { emulator } = await startTestEmulator()
    const form = new URLSearchParams({ url, 'enabled_events[]': '*', api_version: '2026-10-29.endive' })
    expect(await request(emulator.url, '/v1/webhook_endpoints', { method: 'POST', body: form })).toMatchObject({
      status: 400,
      body: { error: { param: 'api_version' } },
    })
  })

  test('an endpoint receives events with its own API version, by default the account’s', async () => {
    const receiver = await startWebhookReceiver()
    const { stripe } = await startTestEmulator()
    const post = async (api_version?: Stripe.WebhookEndpointCreateParams.ApiVersion) => {
      const endpoint = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'], api_version })
      receiver.secret = String(endpoint.secret)
      const customer = await stripe.customers.create()
      const event = await waitFor(() => receiver.events.find(({ data }) => 'id' in data.object && data.object.id === customer.id))
      await stripe.webhookEndpoints.del(endpoint.id)
      return [endpoint.api_version, event.api_version]
    }
    expect(await post()).toEqual([null, Stripe.API_VERSION])
    expect(await post('2024-06-20')).toEqual(['2024-06-20', '2024-06-20'])
  })

  test('an endpoint for connected accounts is not supported', async () => {
    const { stripe } = await startTestEmulator()
    const error = await rejection(stripe.webhookEndpoints.create({ url, enabled_events: ['*'], connect: true }))
    expect(error).toMatchObject({ statusCode: 400, param: 'connect', message: expect.stringContaining('not supported') })
  })
})

describe('a parameter that the emulator lacks', () => {
  test.each([
    ['optional_items', { optional_items: [{ price: 'price_1', quantity: 1 }] }, 'optional_items'],
    [
      'a nested one',
      { line_items: [{ price: 'price_1', quantity: 1, adjustable_quantity: { enabled: true } }] },
      'line_items[0][adjustable_quantity]',
    ],
  ])('%s is not called unknown', async (_case, params, param) => {
    const { newSession } = await startTestEmulator()
    expect(await rejection(newSession(params))).toMatchObject({
      statusCode: 400,
      code: undefined,
      param,
      message: `Stripe's parameter ${param} is not supported by the emulator.`,
    })
  })

  test('names such as constructor are unknown', async () => {
    const { emulator } = await startTestEmulator()
    const response = await request(emulator.url, '/v1/customers', {
      method: 'POST',
      body: new URLSearchParams({ constructor: '1' }),
    })
    expect(response.body).toMatchObject({ error: { code: 'parameter_unknown', param: 'constructor' } })
  })

  test('an endpoint that the emulator lacks is not called unrecognized', async () => {
    const { emulator } = await startTestEmulator()
    expect(await request(emulator.url, '/v1/subscriptions/sub_1')).toMatchObject({
      status: 404,
      body: { error: { message: 'GET /v1/subscriptions/sub_1 is not supported by the emulator.' } },
    })
  })

  test('src/http/stripe-api.txt is up to date with the installed stripe-node', () => {
    expect(currentStripeApiText()).toBe(stripeApiText())
  })
})

describe('idempotency keys', () => {
  const postTwice = async (first: string, second: string) => {
    const { emulator } = await startTestEmulator()
    const post = (body: string) =>
      request(emulator.url, '/v1/customers', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'idempotency-key': 'k1' },
      })
    return [await post(first), await post(second)]
  }

  test('the order of the parameters does not matter, at any depth', async () => {
    const [first, second] = await postTwice(
      'name=A&metadata[a]=1&metadata[b]=2&email=a@example.com',
      'email=a@example.com&metadata[b]=2&name=A&metadata[a]=1',
    )
    expect(second).toMatchObject({ status: 200, body: first?.body })
    expect(second?.headers.get('idempotent-replayed')).toBe('true')
  })

  test('the order of a list matters', async () => {
    const [, second] = await postTwice(
      'preferred_locales[]=en&preferred_locales[]=de',
      'preferred_locales[]=de&preferred_locales[]=en',
    )
    expect(second).toMatchObject({ status: 400, body: { error: { type: 'idempotency_error' } } })
  })
})

test('parameters in the query of a POST count like parameters in the form', async () => {
  const { emulator } = await startTestEmulator()
  const created = await request(emulator.url, '/v1/customers?name=A', { method: 'POST' })
  expect(created.body).toMatchObject({ name: 'A' })
  expect(await request(emulator.url, '/v1/customers?nama=A', { method: 'POST' })).toMatchObject({ status: 400 })
})
