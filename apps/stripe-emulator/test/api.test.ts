import { describe, expect, test } from 'vitest'
import { clientOf, emulated, refusal, until } from './harness.ts'

const form = (url: string, path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url + path, {
    method: 'POST',
    body,
    headers: { authorization: 'Bearer sk_test_1', 'content-type': 'application/x-www-form-urlencoded', ...headers },
  })

describe('the secret key', () => {
  const ask = async (authorization?: string, secretKey?: string) => {
    const { emulator } = await emulated({ secretKey })
    const response = await fetch(`${emulator.url}/v1/customers`, { headers: authorization ? { authorization } : {} })
    return { status: response.status, body: await response.json() }
  }
  test('none: 401', async () => {
    expect(await ask()).toMatchObject({
      status: 401,
      body: { error: { type: 'invalid_request_error', message: /did not provide an API key/ } },
    })
  })
  test('a wrong one: 401, and only its ends are said', async () => {
    const { status, body } = await ask('Bearer sk_live_abcdefghijkl')
    expect(status).toBe(401)
    expect(body).toMatchObject({ error: { message: 'Invalid API Key provided: sk_live_********ijkl' } })
  })
  test('a publishable one: refused', async () => {
    expect(await ask('Bearer pk_test_1')).toMatchObject({ status: 401, body: { error: { code: 'secret_key_required' } } })
  })
  test('bearer and basic let in; another key than the one set does not', async () => {
    expect((await ask('Bearer sk_test_1')).status).toBe(200)
    expect((await ask(`Basic ${Buffer.from('sk_test_1:').toString('base64')}`)).status).toBe(200)
    expect((await ask('Bearer sk_test_1', 'sk_test_1')).status).toBe(200)
    expect((await ask('Bearer sk_test_2', 'sk_test_1')).status).toBe(401)
  })
})

describe('the form of requests and answers', () => {
  test('brackets of every kind are read', async () => {
    const { emulator } = await emulated()
    const good = await form(
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

  test('an address that does not exist is Stripe’s 404', async () => {
    const { emulator } = await emulated()
    const response = await form(emulator.url, '/v1/nowhere', '')
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: /Unrecognized request URL \(POST: \/v1\/nowhere\)/ },
    })
  })

  test('errors carry a code, its page, and the request in the log', async () => {
    const { stripe } = await emulated()
    const error = await refusal(stripe.customers.retrieve('cus_nobody'))
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
  ])('expand %s is refused, even when nothing is there yet', async (path, message) => {
    const { newSession } = await emulated()
    expect((await refusal(newSession({ expand: [path] }))).message).toMatch(message)
  })

  test('a path that cannot be expanded is refused in an empty list as well', async () => {
    const { stripe } = await emulated()
    const error = await refusal(stripe.checkout.sessions.list({ expand: ['data.nothing'] }))
    expect(error.message).toMatch(/cannot be expanded \(data.nothing\)/)
    expect((await stripe.checkout.sessions.list({ expand: ['data.payment_intent'] })).data).toEqual([])
  })

  test('in a list, expand begins with data', async () => {
    const { stripe, paid } = await emulated()
    await paid()
    const error = await refusal(stripe.checkout.sessions.list({ expand: ['payment_intent'] }))
    expect(error.message).toContain("try expanding 'data.payment_intent'")
    const list = await stripe.checkout.sessions.list({ expand: ['data.payment_intent.latest_charge'] })
    expect(list.data[0]).toMatchObject({ payment_intent: { latest_charge: { status: 'succeeded' } } })
  })

  test('the account is there', async () => {
    const { stripe } = await emulated()
    expect(await stripe.accounts.retrieveCurrent()).toMatchObject({ object: 'account', country: 'US' })
  })
})

describe('an idempotency key', () => {
  test('the same request again is answered the same, and says so', async () => {
    const { stripe, eventTypes } = await emulated()
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

  test('other parameters or another endpoint are refused', async () => {
    const { stripe } = await emulated()
    await stripe.customers.create({ name: 'Alice' }, { idempotencyKey: 'k1' })
    for (const call of [
      stripe.customers.create({ name: 'Bob' }, { idempotencyKey: 'k1' }),
      stripe.products.create({ name: 'Alice' }, { idempotencyKey: 'k1' }),
    ])
      expect(await refusal(call)).toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 })
  })

  test('a refusal of the parameters is not kept, a refusal of the thing itself is', async () => {
    const { stripe, newSession, paid } = await emulated()
    await refusal(newSession({ customer_email: 'wrong' }, { idempotencyKey: 'k1' }))
    expect(await newSession({ customer_email: 'right@example.com' }, { idempotencyKey: 'k1' })).toMatchObject({ status: 'open' })
    const { charge } = await paid()
    const tooMuch = () => refusal(stripe.refunds.create({ charge: charge.id, amount: 999 }, { idempotencyKey: 'k2' }))
    const first = await tooMuch()
    const again = await tooMuch()
    expect(again.message).toBe(first.message)
    expect(again.headers).toMatchObject({ 'idempotent-replayed': 'true' })
  })

  test('while the first is under way, a second is told so with 409', async () => {
    const { stripe, helper } = await emulated()
    await helper('/faults', { on: 'api', effect: 'latency', ms: 500, times: 1 })
    const first = stripe.customers.create({}, { idempotencyKey: 'k1' })
    await until(async () => {
      const { body } = await helper('/faults', {}, 'GET')
      return body.data?.[0]?.hits === 1
    })
    expect(await refusal(stripe.customers.create({}, { idempotencyKey: 'k1' }))).toMatchObject({
      statusCode: 409,
      code: 'idempotency_key_in_use',
    })
    expect(await stripe.customers.create({}, { idempotencyKey: 'k1', maxNetworkRetries: 5 })).toEqual(await first)
  })

  test('it is forgotten after a day', async () => {
    const { stripe, helper } = await emulated()
    const first = await stripe.customers.create({}, { idempotencyKey: 'k1' })
    await helper('/clock/advance', { seconds: 86_400 - 60 })
    expect((await stripe.customers.create({}, { idempotencyKey: 'k1' })).id).toBe(first.id)
    await helper('/clock/advance', { seconds: 120 })
    expect((await stripe.customers.create({}, { idempotencyKey: 'k1' })).id).not.toBe(first.id)
  })
})

describe('faults of the API', () => {
  test('429 with Retry-After, twice; stripe-node’s retries get through', async () => {
    const { emulator, helper } = await emulated()
    await helper('/faults', { on: 'api', effect: 'rate_limit', times: 2 })
    const { stripe } = clientOf(emulator)
    const error = await refusal(stripe.customers.create({}, { idempotencyKey: 'k' }))
    expect(error).toMatchObject({ type: 'StripeRateLimitError', statusCode: 429, code: 'rate_limit' })
    expect(error.headers).toMatchObject({ 'retry-after': '1', 'stripe-should-retry': 'true' })
    expect(await stripe.customers.create({}, { idempotencyKey: 'k', maxNetworkRetries: 2 })).toMatchObject({ object: 'customer' })
  })

  test('500 is kept under the key, as Stripe does', async () => {
    const { stripe, helper } = await emulated()
    await helper('/faults', { on: 'api', effect: 'error', times: 1, method: 'POST', path: '/v1/customers' })
    await stripe.products.create({ name: 'not hit' })
    for (let i = 0; i < 2; i++)
      expect(await refusal(stripe.customers.create({}, { idempotencyKey: 'k' }))).toMatchObject({
        statusCode: 500,
        type: 'StripeAPIError',
      })
    expect(await stripe.customers.create({}, { idempotencyKey: 'k2' })).toMatchObject({ object: 'customer' })
    expect((await stripe.customers.list()).data).toHaveLength(1)
  })

  test('cut: nothing was done. lost_response: it was done, and the key finds it', async () => {
    const { stripe, helper } = await emulated()
    const count = async () => (await stripe.customers.list()).data.length
    // Twice: stripe-node asks again by itself once when the connection was closed, whatever maxNetworkRetries says.
    await helper('/faults', { on: 'api', effect: 'cut', method: 'POST', times: 2 })
    expect(await refusal(stripe.customers.create({}, { idempotencyKey: 'k1' }))).toMatchObject({ type: 'StripeConnectionError' })
    expect(await count()).toBe(0)
    await helper('/faults', { on: 'api', effect: 'lost_response', method: 'POST', times: 2 })
    expect(await refusal(stripe.customers.create({}, { idempotencyKey: 'k2' }))).toMatchObject({ type: 'StripeConnectionError' })
    expect(await count()).toBe(1)
    const found = await stripe.customers.create({}, { idempotencyKey: 'k2' })
    expect(found.lastResponse.headers).toMatchObject({ 'idempotent-replayed': 'true' })
    expect(await count()).toBe(1)
  })

  test('timeout: it hangs until the client gives up, and does nothing', async () => {
    const { emulator, stripe, helper } = await emulated()
    await helper('/faults', { on: 'api', effect: 'timeout', times: 1 })
    expect(await refusal(clientOf(emulator, { timeout: 100 }).stripe.customers.create())).toMatchObject({
      type: 'StripeConnectionError',
    })
    expect((await stripe.customers.list()).data).toEqual([])
  })

  test('they are listed, removed one by one or all, and do not touch the helpers', async () => {
    const { helper, stripe } = await emulated()
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
    // Of what was meant it says what is missing.
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

test('a page of another site reaches no helper, also without a form', async () => {
  const { emulator, stripe } = await emulated()
  const customer = await stripe.customers.create()
  const reset = (origin: string) => fetch(`${emulator.url}/_test/reset`, { method: 'POST', headers: { origin } })
  expect((await reset('https://elsewhere.example')).status).toBe(403)
  expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ id: customer.id })
  expect((await reset(emulator.url)).status).toBe(200)
})

test('reset forgets everything, and the clock is right again', async () => {
  const { stripe, paid, helper } = await emulated()
  await paid()
  await helper('/clock/advance', { seconds: 5000 })
  await helper('/reset')
  expect((await stripe.events.list()).data).toEqual([])
  expect(Math.abs((await stripe.customers.create()).created - Date.now() / 1000)).toBeLessThan(5)
})
