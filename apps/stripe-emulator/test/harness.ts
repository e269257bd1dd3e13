import { createServer } from 'node:http'
import Stripe from 'stripe'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { type StripeEmulatorOptions, startStripeEmulator } from '../src/index.ts'

const Answer = z.looseObject({
  outcome: z.string().optional(),
  session: z.looseObject({ payment_intent: z.string().nullable() }).optional(),
  data: z
    .array(z.looseObject({ id: z.string(), status: z.string().optional() }))
    .optional()
    .catch(undefined),
})

export const SECRET = 'whsec_test'

/** An emulator of this test's own, and stripe-node set to it. Closed when the test ends. */
export const emulated = async (options: StripeEmulatorOptions = {}) => {
  const emulator = await startStripeEmulator({ refundDelaySeconds: 0, retryDelaysMs: [20, 40, 60], ...options })
  onTestFinished(() => emulator.close())
  return { emulator, ...clientOf(emulator) }
}

export const clientOf = ({ url }: { url: string }, settings: { maxNetworkRetries?: number; timeout?: number } = {}) => {
  const { hostname, port } = new URL(url)
  const stripe = new Stripe('sk_test_emulated', {
    host: hostname,
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    ...settings,
  })

  /** A `_test` helper: its status and JSON. */
  const helper = async (path: string, body: object = {}, method = 'POST') => {
    const response = await fetch(`${url}/_test${path}`, {
      method,
      ...(method === 'POST' && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    return { status: response.status, body: Answer.parse(await response.json()) }
  }

  const newSession = (params: Stripe.Checkout.SessionCreateParams = {}, options: Stripe.RequestOptions = {}) =>
    stripe.checkout.sessions.create(
      { mode: 'payment', ui_mode: 'embedded_page', redirect_on_completion: 'never', line_items: [film], ...params },
      options,
    )

  const pay = (session: string, body: object = {}) => helper(`/checkout/sessions/${session}/pay`, body)

  /** A session that was paid, with its payment intent and charge. */
  const paid = async (card = '4242424242424242', params: Stripe.Checkout.SessionCreateParams = {}) => {
    const { id } = await newSession(params)
    const { body } = await pay(id, { card })
    const intent = await stripe.paymentIntents.retrieve(String(body.session?.payment_intent), { expand: ['latest_charge'] })
    if (typeof intent.latest_charge !== 'object' || !intent.latest_charge) throw new Error('no charge')
    return { session: id, intent, charge: intent.latest_charge }
  }

  const eventTypes = async () => {
    const types: string[] = []
    for await (const event of stripe.events.list({ limit: 100 })) types.unshift(event.type)
    return types
  }

  return { stripe, helper, newSession, pay, paid, eventTypes }
}

export const film: Stripe.Checkout.SessionCreateParams.LineItem = {
  quantity: 1,
  price_data: { currency: 'usd', unit_amount: 499, product_data: { name: 'Nosferatu' } },
}

/** A webhook endpoint that checks every signature; `answer` may say another status than 200. */
export const receiver = async (answer: (event: Stripe.Event, attempt: number) => number = () => 200) => {
  const events: Stripe.Event[] = []
  const attempts = new Map<string, number>()
  const headers: string[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const header = String(request.headers['stripe-signature'])
      const event = Stripe.webhooks.constructEvent(Buffer.concat(parts), header, SECRET)
      const attempt = (attempts.get(event.id) ?? 0) + 1
      attempts.set(event.id, attempt)
      headers.push(header)
      const status = answer(event, attempt)
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
  return {
    url: `http://127.0.0.1:${port}/`,
    webhook: { url: `http://127.0.0.1:${port}/`, secret: SECRET },
    events,
    attempts,
    headers,
  }
}

/** Waits for a condition, not for a time. */
export const until = async <T>(what: () => T | Promise<T>, timeout = 10_000): Promise<NonNullable<T>> => {
  const end = Date.now() + timeout
  for (;;) {
    const value = await what()
    if (value) return value
    if (Date.now() > end) throw new Error(`it did not happen within ${timeout} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** What a call is refused with. */
export const refusal = async (call: Promise<unknown>): Promise<InstanceType<typeof Stripe.errors.StripeError>> => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof Stripe.errors.StripeError) return error
  throw new Error(`not refused by Stripe: ${error}`)
}
