import { describe, expect, test } from 'vitest'
import { emulated, film, receiver, SECRET, until } from './harness.ts'

const signedAt = (header: string) => Number(/t=(\d+)/.exec(header)?.[1])

describe('delivering', () => {
  test('every event arrives, signed, as it was then', async () => {
    const { webhook, events } = await receiver()
    const { stripe, paid } = await emulated({ webhooks: [webhook] })
    const { session, charge } = await paid()
    await stripe.refunds.create({ charge: charge.id })
    await until(() => events.length === 6)
    const completed = events.find(({ type }) => type === 'checkout.session.completed')
    expect(completed).toMatchObject({ data: { object: { id: session, payment_status: 'paid' } }, pending_webhooks: 1 })
    expect(events.find(({ type }) => type === 'charge.succeeded')?.data.object).toMatchObject({ amount_refunded: 0 })
    await until(async () => (await stripe.events.list({ delivery_success: true })).data.length === 6)
    expect((await stripe.events.retrieve(String(completed?.id))).pending_webhooks).toBe(0)
  })

  test('an answer other than 2xx is tried again, with a new signature, and pending_webhooks says so', async () => {
    const { webhook, attempts, headers, events } = await receiver((_, attempt) => (attempt < 3 ? 503 : 200))
    const { stripe, helper } = await emulated({ webhooks: [webhook], retryDelaysMs: [50, 1100] })
    const before = Date.now()
    await stripe.customers.create()
    const [event] = (await stripe.events.list({ delivery_success: false })).data
    expect(event?.pending_webhooks).toBe(1)
    await until(() => events.length === 1)
    expect(attempts.get(String(event?.id))).toBe(3)
    expect(Date.now() - before).toBeGreaterThanOrEqual(1150)
    expect(signedAt(headers[2] ?? '')).toBeGreaterThan(signedAt(headers[0] ?? ''))
    await until(async () => (await stripe.events.list({ delivery_success: false })).data.length === 0)
    expect((await helper('/webhook_deliveries', {}, 'GET')).body.data).toMatchObject([
      { event: event?.id, status: 'succeeded', attempts: 3, response_status: 200 },
    ])
  })

  test('an endpoint that does not answer, or is not there, is tried again', async () => {
    const { stripe, helper } = await emulated({ webhooks: [{ url: 'http://127.0.0.1:9/', secret: SECRET }] })
    await stripe.customers.create()
    const delivery = await until(async () =>
      (await helper('/webhook_deliveries', {}, 'GET')).body.data?.find(({ attempts }) => Number(attempts) > 2),
    )
    expect(delivery).toMatchObject({ status: 'pending', response_status: null, error: expect.any(String) })
  })

  test('after three days it is given up, and still counts as not delivered', async () => {
    const { webhook } = await receiver(() => 500)
    const { stripe, helper } = await emulated({ webhooks: [webhook], retryDelaysMs: [86_400_000] })
    await stripe.customers.create()
    const attempted = (n: number) =>
      until(async () => (await helper('/webhook_deliveries', {}, 'GET')).body.data?.find(({ attempts }) => Number(attempts) >= n))
    for (let day = 1; day <= 3; day++) {
      await attempted(day)
      await helper('/clock/advance', { seconds: 86_400 })
    }
    await until(async () => (await helper('/webhook_deliveries', {}, 'GET')).body.data?.[0]?.status === 'failed')
    expect((await stripe.events.list({ delivery_success: false })).data).toMatchObject([
      { type: 'customer.created', pending_webhooks: 1 },
    ])
  })

  test('an endpoint made through the API gets the types it asked for, and its secret is shown once', async () => {
    const { url, events } = await receiver()
    const { stripe, paid } = await emulated()
    const endpoint = await stripe.webhookEndpoints.create({ url, enabled_events: ['checkout.session.completed'] })
    expect(endpoint.secret).toMatch(/^whsec_/)
    expect(await stripe.webhookEndpoints.retrieve(endpoint.id)).not.toHaveProperty('secret')
    expect((await stripe.webhookEndpoints.list()).data).toMatchObject([{ id: endpoint.id, status: 'enabled' }])
    expect(await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })).toMatchObject({ status: 'disabled' })
    await paid()
    expect((await stripe.events.list({ delivery_success: false })).data).toEqual([])
    expect(events).toEqual([])
    expect(await stripe.webhookEndpoints.del(endpoint.id)).toMatchObject({ deleted: true })
    expect((await stripe.webhookEndpoints.list()).data).toEqual([])
  })

  test('only the types asked for are sent', async () => {
    const { webhook, events } = await receiver()
    const { stripe, paid, helper } = await emulated({ webhooks: [webhook] })
    await stripe.webhookEndpoints.update('we_configured_1', { enabled_events: ['checkout.session.completed'] })
    await paid()
    await until(() => events.length === 1)
    expect((await helper('/webhook_deliveries', {}, 'GET')).body.data).toHaveLength(1)
    expect(events[0]?.type).toBe('checkout.session.completed')
  })

  test('an event can be sent again', async () => {
    const { webhook, events } = await receiver()
    const { stripe, helper } = await emulated({ webhooks: [webhook] })
    await stripe.customers.create()
    await until(() => events.length === 1)
    await helper(`/events/${events[0]?.id}/resend`)
    await until(() => events.length === 2)
    expect(events[1]?.id).toBe(events[0]?.id)
  })
})

describe('the list of events', () => {
  test('by type, types, prefix and created, a page at a time', async () => {
    const { stripe, paid, helper } = await emulated()
    await paid()
    await helper('/clock/advance', { seconds: 1000 })
    const customer = await stripe.customers.create()
    const types = async (params: object) => (await stripe.events.list(params)).data.map(({ type }) => type)
    expect(await types({ type: 'charge.succeeded' })).toEqual(['charge.succeeded'])
    expect(await types({ type: 'charge.*' })).toEqual(['charge.succeeded'])
    expect(await types({ types: ['customer.created', 'charge.succeeded'] })).toEqual(['customer.created', 'charge.succeeded'])
    expect(await types({ created: { gte: customer.created } })).toEqual(['customer.created'])
    expect(await types({ created: { lt: customer.created, gt: 0 } })).toHaveLength(4)
    expect(await types({ created: { lte: customer.created }, limit: 1 })).toEqual(['customer.created'])
    expect(await types({ created: customer.created })).toEqual(['customer.created'])
    const all: string[] = []
    for await (const event of stripe.events.list({ limit: 2 })) all.push(event.id)
    expect(new Set(all).size).toBe(5)
  })

  test('events are answered for 30 days', async () => {
    const { stripe, helper } = await emulated()
    await stripe.customers.create()
    const [event] = (await stripe.events.list()).data
    await helper('/clock/advance', { seconds: 30 * 86_400 - 60 })
    expect((await stripe.events.list()).data).toHaveLength(1)
    await helper('/clock/advance', { seconds: 120 })
    expect((await stripe.events.list()).data).toEqual([])
    await expect(stripe.events.retrieve(String(event?.id))).rejects.toMatchObject({ code: 'resource_missing' })
  })
})

describe('faults of webhooks', () => {
  test('drop: the next two of a type never come, and Stripe’s list says so', async () => {
    const { webhook, events } = await receiver()
    const { stripe, helper } = await emulated({ webhooks: [webhook] })
    await helper('/faults', { on: 'webhook', effect: 'drop', types: ['customer.created'], times: 2 })
    for (let i = 0; i < 3; i++) await stripe.customers.create({ name: String(i) })
    await stripe.checkout.sessions.expire(
      (await stripe.checkout.sessions.create({ mode: 'payment', success_url: 'https://a.example/', line_items: [film] })).id,
    )
    await until(() => events.length === 2)
    expect(events.map(({ data }) => ('name' in data.object ? data.object.name : data.object.object)).sort()).toEqual([
      '2',
      'checkout.session',
    ])
    const lost = (await stripe.events.list({ delivery_success: false })).data
    expect(lost).toHaveLength(2)
    await helper(`/events/${lost[0]?.id}/resend`)
    await until(async () => (await stripe.events.list({ delivery_success: false })).data.length === 1)
  })

  test('repeat: the same event comes again', async () => {
    const { webhook, attempts } = await receiver()
    const { stripe, helper } = await emulated({ webhooks: [webhook] })
    await helper('/faults', { on: 'webhook', effect: 'repeat', count: 2, times: 1 })
    await stripe.customers.create()
    await until(() => [...attempts.values()][0] === 3)
  })

  test('delay: it comes later', async () => {
    const { webhook, events } = await receiver()
    const { stripe, helper } = await emulated({ webhooks: [webhook] })
    await helper('/faults', { on: 'webhook', effect: 'delay', ms: [300, 400] })
    const before = Date.now()
    await stripe.customers.create()
    await until(() => events.length === 1)
    expect(Date.now() - before).toBeGreaterThanOrEqual(290)
  })

  test('reorder: they come in another order', async () => {
    const { webhook, events } = await receiver()
    const { paid, helper, eventTypes } = await emulated({ webhooks: [webhook] })
    await helper('/faults', { on: 'webhook', effect: 'reorder', window: 4, seed: 7 })
    await paid()
    await until(() => events.length === 4)
    const made = await eventTypes()
    expect(events.map(({ type }) => type)).not.toEqual(made)
    expect(events.map(({ type }) => type).sort()).toEqual([...made].sort())
  })

  test('the same seed drops the same events', async () => {
    const run = async () => {
      const { webhook } = await receiver()
      const { stripe, helper } = await emulated({ webhooks: [webhook] })
      await helper('/faults', { on: 'webhook', effect: 'drop', probability: 0.5, seed: 42 })
      for (let i = 0; i < 12; i++) await stripe.customers.create()
      return (await helper('/webhook_deliveries', {}, 'GET')).body.data?.map(({ status }) => status === 'dropped')
    }
    const first = await run()
    expect(first).toEqual(await run())
    expect(new Set(first).size).toBe(2)
  })
})
