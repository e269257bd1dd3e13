import { describe, expect, test } from 'vitest'
import { createTestClient, rejection, startTestEmulator, waitFor } from './harness.ts'

const postForm = (url: string, path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url + path, {
    method: 'POST',
    body,
    headers: { authorization: 'Bearer sk_test_1', 'content-type': 'application/x-www-form-urlencoded', ...headers },
  })

describe('authentication', () => {
  const listCustomers = async (authorization?: string, secretKey?: string) => {
    const { emulator } = await startTestEmulator({ secretKey })
    const response = await fetch(`${emulator.url}/v1/customers`, { headers: authorization ? { authorization } : {} })
    return { status: response.status, body: await response.json() }
  }
  test('a request without an API key gets 401', async () => {
    expect(await listCustomers()).toMatchObject({
      status: 401,
      body: { error: { type: 'invalid_request_error', message: /did not provide an API key/ } },
    })
  })
  test('an invalid key gets 401, and the message masks its middle', async () => {
    const { status, body } = await listCustomers('Bearer sk_live_abcdefghijkl')
    expect(status).toBe(401)
    expect(body).toMatchObject({ error: { message: 'Invalid API Key provided: sk_live_********ijkl' } })
  })
  test('a publishable key gets 401', async () => {
    expect(await listCustomers('Bearer pk_test_1')).toMatchObject({
      status: 401,
      body: { error: { code: 'secret_key_required' } },
    })
  })
  test('bearer and basic authentication are accepted; with a configured key, any other key gets 401', async () => {
    expect((await listCustomers('Bearer sk_test_1')).status).toBe(200)
    expect((await listCustomers(`Basic ${Buffer.from('sk_test_1:').toString('base64')}`)).status).toBe(200)
    expect((await listCustomers('Bearer sk_test_1', 'sk_test_1')).status).toBe(200)
    expect((await listCustomers('Bearer sk_test_2', 'sk_test_1')).status).toBe(401)
  })
})

describe('requests and responses', () => {
  test('Stripe’s bracket notation is parsed', async () => {
    const { emulator } = await startTestEmulator()
    const good = await postForm(
      emulator.url,
      '/v1/checkout/sessions',
      'mode=payment&success_url=https://a.example/&line_items[0][price_data][currency]=USD&line_items[0][price_data][unit_amount]=499&line_items[0][price_data][product_data][name]=A%20%26%20B&line_items[0][quantity]=1&metadata[a%20b]=c&expand[]=line_items',
    )
    expect(await good.json()).toMatchObject({
      metadata: { 'a b': 'c' },
      currency: 'usd',
      line_items: { object: 'list', data: [{ description: 'A & B' }] },
    })
  })

  test('an unknown URL gets Stripe’s 404', async () => {
    const { emulator } = await startTestEmulator()
    const response = await postForm(emulator.url, '/v1/unknown', '')
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: /Unrecognized request URL \(POST: \/v1\/unknown\)/ },
    })
  })

  test('an error contains its code, the documentation of the code, and the URL of the request log', async () => {
    const { stripe } = await startTestEmulator()
    const error = await rejection(stripe.customers.retrieve('cus_unknown'))
    expect(error).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      param: 'id',
      doc_url: 'https://docs.stripe.com/error-codes/resource-missing',
    })
    expect(error.raw).toMatchObject({ request_log_url: expect.stringContaining(String(error.requestId)) })
  })

  test.each([
    ['latest_charge', /cannot be expanded \(latest_charge\)/],
    ['payment_intent.nothing', /cannot be expanded \(payment_intent.nothing\)/],
    ['payment_intent.latest_charge.payment_intent.latest_charge.customer', /more than 4 levels/],
  ])('expand %s is rejected, even if the property is still null', async (path, message) => {
    const { newSession } = await startTestEmulator()
    expect((await rejection(newSession({ expand: [path] }))).message).toMatch(message)
  })

  test('an invalid expand path is rejected for an empty list too', async () => {
    const { stripe } = await startTestEmulator()
    const error = await rejection(stripe.checkout.sessions.list({ expand: ['data.nothing'] }))
    expect(error.message).toMatch(/cannot be expanded \(data.nothing\)/)
    expect((await stripe.checkout.sessions.list({ expand: ['data.payment_intent'] })).data).toEqual([])
  })

  test('expand paths of a list start with data', async () => {
    const { stripe, createPaidSession } = await startTestEmulator()
    await createPaidSession()
    const error = await rejection(stripe.checkout.sessions.list({ expand: ['payment_intent'] }))
    expect(error.message).toContain("try expanding 'data.payment_intent'")
    const list = await stripe.checkout.sessions.list({ expand: ['data.payment_intent.latest_charge'] })
    expect(list.data[0]).toMatchObject({ payment_intent: { latest_charge: { status: 'succeeded' } } })
  })

  test('the current account can be retrieved', async () => {
    const { stripe } = await startTestEmulator()
    expect(await stripe.accounts.retrieveCurrent()).toMatchObject({ object: 'account', country: 'US' })
  })
})

describe('idempotency keys', () => {
  test('a repeated request gets the stored response with Idempotent-Replayed', async () => {
    const { stripe, eventTypes } = await startTestEmulator()
    const first = await stripe.customers.create({ name: 'Alice' }, { idempotencyKey: 'k1' })
    expect(first.lastResponse.headers).not.toHaveProperty('idempotent-replayed')
    await stripe.customers.update(first.id, { name: 'Bob' })
    const again = await stripe.customers.create({ name: 'Alice' }, { idempotencyKey: 'k1' })
    expect(again).toEqual(first)
    expect(again.lastResponse.headers).toMatchObject({ 'idempotent-replayed': 'true', 'idempotency-key': 'k1' })
    expect(await eventTypes()).toEqual(['customer.created', 'customer.updated'])
    const [event] = (await stripe.events.list({ type: 'customer.created' })).data
    expect(event?.request?.idempotency_key).toBe('k1')
  })

  test('a key is rejected with other parameters or at another endpoint', async () => {
    const { stripe } = await startTestEmulator()
    await stripe.customers.create({ name: 'Alice' }, { idempotencyKey: 'k1' })
    for (const call of [
      stripe.customers.create({ name: 'Bob' }, { idempotencyKey: 'k1' }),
      stripe.products.create({ name: 'Alice' }, { idempotencyKey: 'k1' }),
    ])
      expect(await rejection(call)).toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 })
  })

  test('the rejection of invalid parameters is not stored; the rejection of a valid request is stored', async () => {
    const { stripe, newSession, createPaidSession } = await startTestEmulator()
    await rejection(newSession({ customer_email: 'wrong' }, { idempotencyKey: 'k1' }))
    expect(await newSession({ customer_email: 'right@example.com' }, { idempotencyKey: 'k1' })).toMatchObject({ status: 'open' })
    const { charge } = await createPaidSession()
    const tooMuch = () => rejection(stripe.refunds.create({ charge: charge.id, amount: 999 }, { idempotencyKey: 'k2' }))
    const first = await tooMuch()
    const again = await tooMuch()
    expect(again.message).toBe(first.message)
    expect(again.headers).toMatchObject({ 'idempotent-replayed': 'true' })
  })

  test('a second request gets 409 while the first is in progress', async () => {
    const { stripe, helper } = await startTestEmulator()
    await helper('/faults', { on: 'api', effect: 'latency', ms: 500, times: 1 })
    const first = stripe.customers.create({}, { idempotencyKey: 'k1' })
    await waitFor(async () => {
      const { body } = await helper('/faults', {}, 'GET')
      return body.data?.[0]?.hits === 1
    })
    expect(await rejection(stripe.customers.create({}, { idempotencyKey: 'k1' }))).toMatchObject({
      statusCode: 409,
      code: 'idempotency_key_in_use',
    })
    expect(await stripe.customers.create({}, { idempotencyKey: 'k1', maxNetworkRetries: 5 })).toEqual(await first)
  })

  test('a key expires after a day', async () => {
    const { stripe, helper } = await startTestEmulator()
    const first = await stripe.customers.create({}, { idempotencyKey: 'k1' })
    await helper('/clock/advance', { seconds: 86_400 - 60 })
    expect((await stripe.customers.create({}, { idempotencyKey: 'k1' })).id).toBe(first.id)
    await helper('/clock/advance', { seconds: 120 })
    expect((await stripe.customers.create({}, { idempotencyKey: 'k1' })).id).not.toBe(first.id)
  })
})

describe('API faults', () => {
  test('rate_limit: two requests get 429 with Retry-After, and stripe-node’s retries succeed', async () => {
    const { emulator, helper } = await startTestEmulator()
    await helper('/faults', { on: 'api', effect: 'rate_limit', times: 2 })
    const { stripe } = createTestClient(emulator)
    const error = await rejection(stripe.customers.create({}, { idempotencyKey: 'k' }))
    expect(error).toMatchObject({ type: 'StripeRateLimitError', statusCode: 429, code: 'rate_limit' })
    expect(error.headers).toMatchObject({ 'retry-after': '1', 'stripe-should-retry': 'true' })
    expect(await stripe.customers.create({}, { idempotencyKey: 'k', maxNetworkRetries: 2 })).toMatchObject({ object: 'customer' })
  })

  test('error: the 500 is stored under the idempotency key, as in Stripe', async () => {
    const { stripe, helper } = await startTestEmulator()
    await helper('/faults', { on: 'api', effect: 'error', times: 1, method: 'POST', path: '/v1/customers' })
    await stripe.products.create({ name: 'not hit' })
    for (let i = 0; i < 2; i++)
      expect(await rejection(stripe.customers.create({}, { idempotencyKey: 'k' }))).toMatchObject({
        statusCode: 500,
        type: 'StripeAPIError',
      })
    expect(await stripe.customers.create({}, { idempotencyKey: 'k2' })).toMatchObject({ object: 'customer' })
    expect((await stripe.customers.list()).data).toHaveLength(1)
  })

  test('cut: the request is not executed; lost_response: the request is executed, and a retry with the key gets the response', async () => {
    const { stripe, helper } = await startTestEmulator()
    const count = async () => (await stripe.customers.list()).data.length
    // Two calls, because stripe-node retries once after a closed connection, regardless of maxNetworkRetries.
    await helper('/faults', { on: 'api', effect: 'cut', method: 'POST', times: 2 })
    expect(await rejection(stripe.customers.create({}, { idempotencyKey: 'k1' }))).toMatchObject({
      type: 'StripeConnectionError',
    })
    expect(await count()).toBe(0)
    await helper('/faults', { on: 'api', effect: 'lost_response', method: 'POST', times: 2 })
    expect(await rejection(stripe.customers.create({}, { idempotencyKey: 'k2' }))).toMatchObject({
      type: 'StripeConnectionError',
    })
    expect(await count()).toBe(1)
    const found = await stripe.customers.create({}, { idempotencyKey: 'k2' })
    expect(found.lastResponse.headers).toMatchObject({ 'idempotent-replayed': 'true' })
    expect(await count()).toBe(1)
  })

  test('timeout: the request hangs until the client disconnects, and is not executed', async () => {
    const { emulator, stripe, helper } = await startTestEmulator()
    await helper('/faults', { on: 'api', effect: 'timeout', times: 1 })
    expect(await rejection(createTestClient(emulator, { timeout: 100 }).stripe.customers.create())).toMatchObject({
      type: 'StripeConnectionError',
    })
    expect((await stripe.customers.list()).data).toEqual([])
  })

  test('faults can be listed, removed one by one or all together, and do not affect the helpers', async () => {
    const { helper, stripe } = await startTestEmulator()
    const { body } = await helper('/faults', { on: 'api', effect: 'error' })
    await helper('/faults', { on: 'api', effect: 'latency', ms: [1, 2], probability: 0.5, seed: 9 })
    expect((await helper('/faults', {}, 'GET')).body.data).toMatchObject([
      { id: body.id, effect: 'error', hits: 0 },
      { ms: [1, 2], seed: 9 },
    ])
    await helper(`/faults/${body.id}`, {}, 'DELETE')
    await helper('/faults', {}, 'DELETE')
    expect(await stripe.customers.create()).toMatchObject({ object: 'customer' })
    expect(await helper('/faults', { on: 'api', effect: 'earthquake' })).toMatchObject({ status: 400 })
    // The error names the missing field of the fault instead of reporting that no union member matched.
    expect(await helper('/faults', { on: 'webhook', effect: 'delay' })).toMatchObject({
      status: 400,
      body: { error: { message: 'Missing required param: ms.' } },
    })
    expect(await helper('/faults', { on: 'api', effect: 'cut', speed: 1 })).toMatchObject({
      status: 400,
      body: { error: { code: 'parameter_unknown' } },
    })
  })
})

test('a page from another origin cannot call a helper, even without a form', async () => {
  const { emulator, stripe } = await startTestEmulator()
  const customer = await stripe.customers.create()
  const reset = (origin: string) => fetch(`${emulator.url}/_test/reset`, { method: 'POST', headers: { origin } })
  expect((await reset('https://elsewhere.example')).status).toBe(403)
  expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ id: customer.id })
  expect((await reset(emulator.url)).status).toBe(200)
})

test('a form from another origin gets 403', async () => {
  const { emulator, newSession, stripe } = await startTestEmulator()
  const { id } = await newSession()
  const response = await fetch(`${emulator.url}/_test/checkout/sessions/${id}/expire`, {
    method: 'POST',
    headers: { origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' },
    body: '',
  })
  expect(response.status).toBe(403)
  expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ status: 'open' })
})

test('reset deletes everything and resets the clock', async () => {
  const { stripe, createPaidSession, helper } = await startTestEmulator()
  await createPaidSession()
  await helper('/clock/advance', { seconds: 5000 })
  await helper('/reset')
  expect((await stripe.events.list()).data).toEqual([])
  expect(Math.abs((await stripe.customers.create()).created - Date.now() / 1000)).toBeLessThan(5)
})
