import { createServer, type IncomingMessage } from 'node:http'
import { freePort } from '@pay-to-view/devstack/ports'
import { createGateway, createStripe, verifyWebhook } from '@pay-to-view/stripe'
import { startStripeEmulator } from '@pay-to-view/stripe-emulator'
import type Stripe from 'stripe'
import { z } from 'zod'

const webhookSecret = 'whsec_of_the_workflow_tests'
const secretKey = 'sk_test_of_the_workflow_tests'

/** What no history may hold, beside what each checkout brings. */
export const secrets = [webhookSecret, secretKey]

const Deliveries = z.object({ data: z.array(z.object({ status: z.string() })) })

const Faults = z.object({ data: z.array(z.object({ effect: z.string(), hits: z.number() })) })

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

export type LocalStripe = Awaited<ReturnType<typeof startLocalStripe>>

/** The emulator with a clock that we move, and a webhook endpoint that hands what Stripe signed to `receive`. */
export const startLocalStripe = async (receive: (event: Stripe.Event) => Promise<unknown>) => {
  const endpoint = createServer(async (request, response) => {
    const event = verifyWebhook(await bodyOf(request), String(request.headers['stripe-signature']), [webhookSecret])
    // Whatever went wrong, Stripe sends it again.
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
  let ahead = 0
  const emulator = await startStripeEmulator({
    now: () => Date.now() + ahead,
    webhooks: [{ url: `http://127.0.0.1:${port}/`, secret: webhookSecret }],
    retryDelaysMs: [100],
  })
  const post = async (to: string, body: object = {}): Promise<unknown> => {
    const answer = await fetch(`${emulator.url}/_test/${to}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const told: unknown = await answer.json()
    if (!answer.ok) throw new Error(`${to}: ${JSON.stringify(told)}`)
    return told
  }
  const get = async (what: string): Promise<unknown> => (await fetch(`${emulator.url}/_test/${what}`)).json()
  const node = createStripe({ secretKey, apiBase: emulator.url, timeoutMs: 500, maxRetries: 0 })
  const intentOf = async (sessionId: string): Promise<Stripe.PaymentIntent> => {
    const { payment_intent } = await node.checkout.sessions.retrieve(sessionId, { expand: ['payment_intent'] })
    if (payment_intent === null || typeof payment_intent === 'string') throw new Error(`${sessionId} has no payment`)
    return payment_intent
  }
  return {
    /** As Stripe's dashboard would call it. */
    node,
    gateway: createGateway(node),
    /** The emulator's helpers (its README). */
    post,
    pay: (sessionId: string, how: object = {}) => post(`checkout/sessions/${sessionId}/pay`, how),
    paymentOf: async (sessionId: string) => (await intentOf(sessionId)).id,
    chargeOf: async (sessionId: string) => String((await intentOf(sessionId)).latest_charge),
    refunds: async (sessionId: string) => (await node.refunds.list({ payment_intent: (await intentOf(sessionId)).id })).data,
    /** A second checkout with the same metadata, made by hand in the dashboard, is paid. Its id. */
    payByHand: async (sessionId: string, how: object = {}): Promise<string> => {
      const { metadata, customer, amount_total } = await node.checkout.sessions.retrieve(sessionId)
      const { id } = await node.checkout.sessions.create({
        mode: 'payment',
        ui_mode: 'embedded_page',
        redirect_on_completion: 'never',
        line_items: [
          { quantity: 1, price_data: { currency: 'usd', unit_amount: amount_total ?? 0, product_data: { name: 'by hand' } } },
        ],
        metadata: metadata ?? undefined,
        customer: typeof customer === 'string' ? customer : undefined,
      })
      await post(`checkout/sessions/${id}/pay`, how)
      return id
    },
    settle: async (sessionId: string, outcome: 'succeeded' | 'failed') =>
      post(`payment_intents/${(await intentOf(sessionId)).id}/settle`, { outcome }),
    /** Its clock goes to this time, unless it is past it: sessions end, and what was planned happens. */
    moveClock: async (to: number) => {
      if (to <= Date.now() + ahead) return
      ahead = to - Date.now()
      await post('clock/advance', { seconds: 0 })
    },
    /** Whether a fault with this effect has done something. */
    isHit: async (effect: string): Promise<boolean> => {
      const { data } = Faults.parse(await get('faults'))
      return data.some((fault) => fault.effect === effect && fault.hits > 0)
    },
    healed: () => post('faults/clear'),
    /** Whether some webhook is still on its way. */
    isTelling: async (): Promise<boolean> => {
      return Deliveries.parse(await get('webhook_deliveries')).data.some(({ status }) => status === 'pending')
    },
    stop: async () => {
      await emulator.close()
      endpoint.closeAllConnections()
      await new Promise<void>((resolve) => endpoint.close(() => resolve()))
    },
  }
}
