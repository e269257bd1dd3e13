import { describe, expect, test } from 'vitest'
import { filmItem, startTestEmulator, startWebhookReceiver, WEBHOOK_SECRET, waitFor } from './harness.ts'

const signedAt = (header: string) => Number(/t=(\d+)/.exec(header)?.[1])

describe('webhook delivery', () => {
  test('every event arrives, signed, with a snapshot of its object', async () => {
    const { webhook, events } = await startWebhookReceiver()
    const { stripe, createPaidSession } = await startTestEmulator({ webhooks: [webhook] })
    const { session, charge } = await createPaidSession()
    await stripe.refunds.create({ charge: charge.id })
    await waitFor(() => events.length === 6)
    const completed = events.find(({ type }) => type === 'checkout.session.completed')
    expect(completed).toMatchObject({ data: { object: { id: session, payment_status: 'paid' } }, pending_webhooks: 1 })
    expect(events.find(({ type }) => type === 'charge.succeeded')?.data.object).toMatchObject({ amount_refunded: 0 })
    await waitFor(async () => (await stripe.events.list({ delivery_success: true })).data.length === 6)
    expect((await stripe.events.retrieve(String(completed?.id))).pending_webhooks).toBe(0)
  })

  test('a response other than 2xx is retried with a new signature, and pending_webhooks counts the endpoint until the delivery succeeds', async () => {
    const { webhook, attempts, headers, events } = await startWebhookReceiver((_, attempt) => (attempt < 3 ? 503 : 200))
    const { stripe, helper } = await startTestEmulator({ webhooks: [webhook], retryDelaysMs: [50, 1100] })
    const before = Date.now()
    await stripe.customers.create()
    const [event] = (await stripe.events.list({ delivery_success: false })).data
    expect(event?.pending_webhooks).toBe(1)
    await waitFor(() => events.length === 1)
    expect(attempts.get(String(event?.id))).toBe(3)
    expect(Date.now() - before).toBeGreaterThanOrEqual(1150)
    expect(signedAt(headers[2] ?? '')).toBeGreaterThan(signedAt(headers[0] ?? ''))
    await waitFor(async () => (await stripe.events.list({ delivery_success: false })).data.length === 0)
    expect((await helper('/webhook_deliveries', {}, 'GET')).body.data).toMatchObject([
      { event: event?.id, status: 'succeeded', attempts: 3, response_status: 200 },
    ])
  })

  test('an unreachable endpoint is retried', async () => {
    const { stripe, helper } = await startTestEmulator({ webhooks: [{ url: 'http://127.0.0.1:9/', secret: WEBHOOK_SECRET }] })
    await stripe.customers.create()
    const delivery = await waitFor(async () =>
      (await helper('/webhook_deliveries', {}, 'GET')).body.data?.find(({ attempts }) => Number(attempts) > 2),
    )
    expect(delivery).toMatchObject({ status: 'pending', response_status: null, error: expect.any(String) })
  })

  test('after three days the delivery fails, and the event still counts as undelivered', async () => {
    const { webhook } = await startWebhookReceiver(() => 500)
    const { stripe, helper } = await startTestEmulator({ webhooks: [webhook], retryDelaysMs: [86_400_000] })
    await stripe.customers.create()
    const attempted = (n: number) =>
      waitFor(async () =>
        (await helper('/webhook_deliveries', {}, 'GET')).body.data?.find(({ attempts }) => Number(attempts) >= n),
      )
    for (let day = 1; day <= 3; day++) {
      await attempted(day)
      await helper('/clock/advance', { seconds: 86_400 })
    }
    await waitFor(async () => (await helper('/webhook_deliveries', {}, 'GET')).body.data?.[0]?.status === 'failed')
    expect((await stripe.events.list({ delivery_success: false })).data).toMatchObject([
      { type: 'customer.created', pending_webhooks: 1 },
    ])
  })

  test('an endpoint created through the API can be updated and deleted, and its secret is returned only at creation', async () => {
    const { url, events } = await startWebhookReceiver()
    const { stripe, createPaidSession } = await startTestEmulator()
    const endpoint = await stripe.webhookEndpoints.create({ url, enabled_events: ['checkout.session.completed'] })
    expect(endpoint.secret).toMatch(/^whsec_/)
    expect(await stripe.webhookEndpoints.retrieve(endpoint.id)).not.toHaveProperty('secret')
    expect((await stripe.webhookEndpoints.list()).data).toMatchObject([{ id: endpoint.id, status: 'enabled' }])
    expect(await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })).toMatchObject({ status: 'disabled' })
    await createPaidSession()
    expect((await stripe.events.list({ delivery_success: false })).data).toEqual([])
    expect(events).toEqual([])
    expect(await stripe.webhookEndpoints.del(endpoint.id)).toMatchObject({ deleted: true })
    expect((await stripe.webhookEndpoints.list()).data).toEqual([])
  })

  test('an endpoint receives only its enabled events', async () => {
    const { webhook, events } = await startWebhookReceiver()
    const { stripe, createPaidSession, helper } = await startTestEmulator({ webhooks: [webhook] })
    await stripe.webhookEndpoints.update('we_configured_1', { enabled_events: ['checkout.session.completed'] })
    await createPaidSession()
    await waitFor(() => events.length === 1)
    expect((await helper('/webhook_deliveries', {}, 'GET')).body.data).toHaveLength(1)
    expect(events[0]?.type).toBe('checkout.session.completed')
  })

  test('an event can be resent', async () => {
    const { webhook, events } = await startWebhookReceiver()
    const { stripe, helper } = await startTestEmulator({ webhooks: [webhook] })
    await stripe.customers.create()
    await waitFor(() => events.length === 1)
    await helper(`/events/${events[0]?.id}/resend`)
    await waitFor(() => events.length === 2)
    expect(events[1]?.id).toBe(events[0]?.id)
  })
})

describe('listing events', () => {
  test('events are filtered by type, types, prefix and created, in pages', async () => {
    const { stripe, createPaidSession, helper } = await startTestEmulator()
    await createPaidSession()
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

  test('events are available for 30 days', async () => {
    const { stripe, helper } = await startTestEmulator()
    await stripe.customers.create()
    const [event] = (await stripe.events.list()).data
    await helper('/clock/advance', { seconds: 30 * 86_400 - 60 })
    expect((await stripe.events.list()).data).toHaveLength(1)
    await helper('/clock/advance', { seconds: 120 })
    expect((await stripe.events.list()).data).toEqual([])
    await expect(stripe.events.retrieve(String(event?.id))).rejects.toMatchObject({ code: 'resource_missing' })
  })
})

describe('webhook faults', () => {
  test('drop: two events of a type are not delivered, and are listed as undelivered', async () => {
    const { webhook, events } = await startWebhookReceiver()
    const { stripe, helper } = await startTestEmulator({ webhooks: [webhook] })
    await helper('/faults', { on: 'webhook', effect: 'drop', types: ['customer.created'], times: 2 })
    for (let i = 0; i < 3; i++) await stripe.customers.create({ name: String(i) })
    await stripe.checkout.sessions.expire(
      (await stripe.checkout.sessions.create({ mode: 'payment', success_url: 'https://a.example/', line_items: [filmItem] })).id,
    )
    await waitFor(() => events.length === 2)
    expect(events.map(({ data }) => ('name' in data.object ? data.object.name : data.object.object)).sort()).toEqual([
      '2',
      'checkout.session',
    ])
    const lost = (await stripe.events.list({ delivery_success: false })).data
    expect(lost).toHaveLength(2)
    await helper(`/events/${lost[0]?.id}/resend`)
    await waitFor(async () => (await stripe.events.list({ delivery_success: false })).data.length === 1)
  })

  test('repeat: the same event is delivered several times', async () => {
    const { webhook, attempts } = await startWebhookReceiver()
    const { stripe, helper } = await startTestEmulator({ webhooks: [webhook] })
    await helper('/faults', { on: 'webhook', effect: 'repeat', count: 2, times: 1 })
    await stripe.customers.create()
    await waitFor(() => [...attempts.values()][0] === 3)
  })

  test('delay: the event is delivered later', async () => {
    const { webhook, events } = await startWebhookReceiver()
    const { stripe, helper } = await startTestEmulator({ webhooks: [webhook] })
    await helper('/faults', { on: 'webhook', effect: 'delay', ms: [300, 400] })
    const before = Date.now()
    await stripe.customers.create()
    await waitFor(() => events.length === 1)
    expect(Date.now() - before).toBeGreaterThanOrEqual(290)
  })

  test('reorder: events are delivered in a different order', async () => {
    const { webhook, events } = await startWebhookReceiver()
    const { createPaidSession, helper, eventTypes } = await startTestEmulator({ webhooks: [webhook] })
    await helper('/faults', { on: 'webhook', effect: 'reorder', window: 4, seed: 7 })
    await createPaidSession()
    await waitFor(() => events.length === 4)
    const created = await eventTypes()
    expect(events.map(({ type }) => type)).not.toEqual(created)
    expect(events.map(({ type }) => type).sort()).toEqual([...created].sort())
  })

  test('the same seed drops the same events', async () => {
    const run = async () => {
      const { webhook } = await startWebhookReceiver()
      const { stripe, helper } = await startTestEmulator({ webhooks: [webhook] })
      await helper('/faults', { on: 'webhook', effect: 'drop', probability: 0.5, seed: 42 })
      for (let i = 0; i < 12; i++) await stripe.customers.create()
      return (await helper('/webhook_deliveries', {}, 'GET')).body.data?.map(({ status }) => status === 'dropped')
    }
    const first = await run()
    expect(first).toEqual(await run())
    expect(new Set(first).size).toBe(2)
  })
})
