import { createServer } from 'node:http'
import Stripe from 'stripe'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { type StripeEmulatorOptions, startStripeEmulator } from '../src/index.ts'

const HelperResponse = z.looseObject({
  outcome: z.string().optional(),
  return_url: z.string().nullable().optional(),
  key: z.string().optional(),
  session: z.looseObject({ payment_intent: z.string().nullable() }).nullish(),
  data: z
    .array(z.looseObject({ id: z.string(), status: z.string().optional() }))
    .optional()
    .catch(undefined),
})

export const WEBHOOK_SECRET = 'whsec_test'

/** Starts an emulator for one test, with a stripe-node client. The emulator is closed when the test ends. */
export const startTestEmulator = async (options: StripeEmulatorOptions = {}) => {
  const emulator = await startStripeEmulator({
    refundDelaySeconds: 0,
    embeddedCheckoutDelayMs: 0,
    retryDelaysMs: [20, 40, 60],
    ...options,
  })
  onTestFinished(() => emulator.close())
  return { emulator, ...createTestClient(emulator) }
}

export const createTestClient = ({ url }: { url: string }, settings: { maxNetworkRetries?: number; timeout?: number } = {}) => {
  const { hostname, port } = new URL(url)
  const stripe = new Stripe('sk_test_emulated', {
    host: hostname,
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    ...settings,
  })

  /** Calls a `/_test` helper and returns the HTTP status and the JSON. */
  const helper = async (path: string, body: object = {}, method = 'POST') => {
    const response = await fetch(`${url}/_test${path}`, {
      method,
      ...(method === 'POST' && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    return { status: response.status, body: HelperResponse.parse(await response.json()) }
  }

  const newSession = (params: Stripe.Checkout.SessionCreateParams = {}, options: Stripe.RequestOptions = {}) =>
    stripe.checkout.sessions.create(
      { mode: 'payment', ui_mode: 'embedded_page', redirect_on_completion: 'never', line_items: [filmItem], ...params },
      options,
    )

  const pay = (session: string, body: object = {}) => helper(`/checkout/sessions/${session}/pay`, body)

  /** Creates and pays a session. Returns the session with its payment intent and charge. */
  const createPaidSession = async (card = '4242424242424242', params: Stripe.Checkout.SessionCreateParams = {}) => {
    const { id } = await newSession(params)
    const { body } = await pay(id, { card })
    const intent = await stripe.paymentIntents.retrieve(String(body.session?.payment_intent), { expand: ['latest_charge'] })
    if (typeof intent.latest_charge !== 'object' || !intent.latest_charge) throw new Error('the payment intent has no charge')
    return { session: id, intent, charge: intent.latest_charge }
  }

  const eventTypes = async () => {
    const types: string[] = []
    for await (const event of stripe.events.list({ limit: 100 })) types.unshift(event.type)
    return types
  }

  return { stripe, helper, newSession, pay, createPaidSession, eventTypes }
}

export const filmItem: Stripe.Checkout.SessionCreateParams.LineItem = {
  quantity: 1,
  price_data: { currency: 'usd', unit_amount: 499, product_data: { name: 'Nosferatu' } },
}

/**
 * Starts a webhook endpoint that verifies every signature. `respond` returns the HTTP status. `events` contains only the events for which
 * `respond` returned 200.
 */
export const startWebhookReceiver = async (respond: (event: Stripe.Event, attempt: number) => number = () => 200) => {
  const events: Stripe.Event[] = []
  const attempts = new Map<string, number>()
  const headers: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const header = String(request.headers['stripe-signature'])
      const event = Stripe.webhooks.constructEvent(Buffer.concat(chunks), header, receiver.secret)
      const attempt = (attempts.get(event.id) ?? 0) + 1
      attempts.set(event.id, attempt)
      headers.push(header)
      const status = respond(event, attempt)
      if (status === 200) events.push(event)
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const receiver = {
    /** The secret that verifies the signatures. An endpoint created through the API has its own secret. */
    secret: WEBHOOK_SECRET,
    url: `http://127.0.0.1:${port}/`,
    webhook: { url: `http://127.0.0.1:${port}/`, secret: WEBHOOK_SECRET },
    events,
    attempts,
    headers,
  }
  return receiver
}

/** Polls until the condition returns a truthy value, and returns this value. */
export const waitFor = async <T>(condition: () => T | Promise<T>, timeoutMs = 10_000): Promise<NonNullable<T>> => {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await condition()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`not true within ${timeoutMs} ms: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Returns the Stripe error with which a call fails. */
export const rejection = async (call: Promise<unknown>): Promise<InstanceType<typeof Stripe.errors.StripeError>> => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof Stripe.errors.StripeError) return error
  throw new Error(`expected a Stripe error, got: ${error}`)
}
