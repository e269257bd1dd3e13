import { createServer, type IncomingMessage } from 'node:http'
import { freePort } from '@pay-to-view/devstack/ports'
import { createGateway, createStripe, isSigned, parseWebhookEvent } from '@pay-to-view/stripe'
import { startStripeEmulator } from '@pay-to-view/stripe-emulator'
import type Stripe from 'stripe'
import { z } from 'zod'

const webhookSecret = 'whsec_of_the_workflow_tests'
const secretKey = 'sk_test_of_the_workflow_tests'

const Deliveries = z.object({ data: z.array(z.object({ status: z.string() })) })

const Faults = z.object({ data: z.array(z.object({ effect: z.string(), hits: z.number() })) })

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

/** Starts a webhook endpoint that verifies events and passes them to `receive`. */
const startWebhookEndpoint = async (receive: (event: Stripe.Event) => Promise<unknown>) => {
  const endpoint = createServer(async (request, response) => {
    const body = await readBody(request)
    const signed = isSigned(body, String(request.headers['stripe-signature']), [webhookSecret])
    const event = signed ? parseWebhookEvent(body) : null
    // After any failure, Stripe sends the event again.
    const status = event
      ? await receive(event).then(
          () => 200,
          () => 503,
        )
      : 400
    response.writeHead(status).end()
  })
  const port = await freePort()
  await new Promise<void>((resolve) => endpoint.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: async () => {
      endpoint.closeAllConnections()
      await new Promise<void>((resolve) => endpoint.close(() => resolve()))
    },
  }
}

/** Starts the Stripe emulator with a clock that the tests set. Verified webhooks are passed to `receive`. */
export const startTestStripe = async (receive: (event: Stripe.Event) => Promise<unknown>) => {
  const endpoint = await startWebhookEndpoint(receive)
  let clockOffsetMs = 0
  const emulator = await startStripeEmulator({
    now: () => Date.now() + clockOffsetMs,
    webhooks: [{ url: endpoint.url, secret: webhookSecret }],
    retryDelaysMs: [100],
  })
  const control = async (path: string, body: object = {}): Promise<unknown> => {
    const response = await fetch(`${emulator.url}/_test/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const result: unknown = await response.json()
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(result)}`)
    return result
  }
  const inspect = async (path: string): Promise<unknown> => (await fetch(`${emulator.url}/_test/${path}`)).json()
  const client = createStripe({ secretKey, apiBase: emulator.url, timeoutMs: 1_500, maxRetries: 0 })
  const retrievePaymentIntent = async (sessionId: string): Promise<Stripe.PaymentIntent> => {
    const { payment_intent } = await client.checkout.sessions.retrieve(sessionId, { expand: ['payment_intent'] })
    if (payment_intent === null || typeof payment_intent === 'string') throw new Error(`${sessionId} has no payment intent`)
    return payment_intent
  }
  /** `options` choose the card or payment method. */
  const pay = (sessionId: string, options: object = {}) => control(`checkout/sessions/${sessionId}/pay`, options)

  return {
    /** A client for actions that a person would take in the Stripe dashboard. */
    client,
    gateway: createGateway(client),
    /** Calls the emulator's control API, which its README describes. */
    control,
    pay,
    paymentIntentId: async (sessionId: string) => (await retrievePaymentIntent(sessionId)).id,
    chargeId: async (sessionId: string) => String((await retrievePaymentIntent(sessionId)).latest_charge),
    listRefunds: async (sessionId: string) =>
      (await client.refunds.list({ payment_intent: (await retrievePaymentIntent(sessionId)).id })).data,
    /** Creates a second session with the same metadata, as in the dashboard, and pays it. Returns its id. */
    payDashboardSession: async (sessionId: string, options: object = {}): Promise<string> => {
      const { metadata, customer, amount_total } = await client.checkout.sessions.retrieve(sessionId)
      const product_data = { name: 'Created in the dashboard' }
      const { id } = await client.checkout.sessions.create({
        mode: 'payment',
        ui_mode: 'embedded_page',
        redirect_on_completion: 'never',
        line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: amount_total ?? 0, product_data } }],
        metadata: metadata ?? undefined,
        customer: typeof customer === 'string' ? customer : undefined,
      })
      await pay(id, options)
      return id
    },
    settle: async (sessionId: string, outcome: 'succeeded' | 'failed') =>
      control(`payment_intents/${(await retrievePaymentIntent(sessionId)).id}/settle`, { outcome }),
    /** Moves Stripe's clock forward to this time, so that sessions expire and scheduled events happen. */
    setClock: async (to: number) => {
      if (to <= Date.now() + clockOffsetMs) return
      clockOffsetMs = to - Date.now()
      await control('clock/advance', { seconds: 0 })
    },
    wasFaultTriggered: async (effect: string): Promise<boolean> => {
      const { data } = Faults.parse(await inspect('faults'))
      return data.some((fault) => fault.effect === effect && fault.hits > 0)
    },
    clearFaults: () => control('faults/clear'),
    hasPendingWebhooks: async (): Promise<boolean> =>
      Deliveries.parse(await inspect('webhook_deliveries')).data.some(({ status }) => status === 'pending'),
    stop: async () => {
      await emulator.close()
      await endpoint.stop()
    },
  }
}
