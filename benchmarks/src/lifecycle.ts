import { createHmac } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { call } from './http.ts'
import type { Target } from './parts.ts'
import type { Viewer } from './viewers.ts'

/** Of the seed. */
export const film = 'vid_01m85eetz2e8qthwsqr5v0dh8g'
export const product = 'prod_01m85eetz6e8qthwvnjjs5zz41'

export const purchasesPath = '/client/v1/pay-to-view/purchases'

const Created = z.object({ success: z.literal(true), purchaseId: z.string(), clientSecret: z.string() })
type Created = z.infer<typeof Created>
const History = z.object({ items: z.array(z.object({ purchaseId: z.string(), status: z.string() })) })

const wanted = JSON.stringify({ payToViewProductId: product, entityId: film, returnUrl: 'https://yoursite.com/done' })

export const askToBuy = (target: Target, { headers }: Viewer): Promise<string> =>
  call(`${target.url}${purchasesPath}`, { method: 'POST', headers, body: wanted })

export const create = async (target: Target, viewer: Viewer): Promise<Created> =>
  Created.parse(JSON.parse(await askToBuy(target, viewer)))

/** Stripe's `checkout.session.completed` of a paid checkout, and its signature's header. */
export const paidEvent = ({ purchaseId, clientSecret }: Created, { id: userId }: Viewer, secret: string) => {
  const created = Math.floor(Date.now() / 1000)
  const [session = ''] = clientSecret.split('_secret_')
  const object = {
    id: session,
    object: 'checkout.session',
    status: 'complete',
    payment_status: 'paid',
    payment_intent: `pi_${purchaseId}`,
    amount_total: 499,
    currency: 'usd',
    metadata: { payToViewPurchaseId: purchaseId, payToViewProductId: product, userId, entityType: '1', entityId: film },
  }
  const body = JSON.stringify({
    id: `evt_${purchaseId}`,
    object: 'event',
    type: 'checkout.session.completed',
    created,
    livemode: false,
    data: { object },
  })
  const signature = createHmac('sha256', secret).update(`${created}.${body}`).digest('hex')
  return { body, headers: { 'stripe-signature': `t=${created},v1=${signature}` } }
}

export type Delivery = ReturnType<typeof paidEvent>

export const deliver = (target: Target, delivery: Delivery): Promise<string> =>
  call(`${target.url}/client/v1/webhooks/stripe`, { method: 'POST', ...delivery })

export const readHistory = (target: Target, { headers }: Viewer): Promise<string> =>
  call(`${target.url}${purchasesPath}?page=1&pageSize=10`, { headers })

/** Milliseconds of the parts of one life: `access` is from sending the webhook to the answer that says Completed. */
export interface Life {
  create: number
  webhook: number
  access: number
  delivery: Delivery
}

/** Create, the paid event, and the history until it says Completed. The viewer asks every `every` milliseconds. */
export const live = async (target: Target, viewer: Viewer, secret: string, every: number): Promise<Life> => {
  const start = performance.now()
  const created = await create(target, viewer)
  const made = performance.now()
  const delivery = paidEvent(created, viewer, secret)
  const sent = performance.now()
  await deliver(target, delivery)
  const told = performance.now()
  for (;;) {
    const { items } = History.parse(JSON.parse(await readHistory(target, viewer)))
    if (items[0]?.status === 'Completed') break
    if (performance.now() - sent > 30_000) throw new Error(`${created.purchaseId} is ${items[0]?.status} after 30 s`)
    await pause(every)
  }
  return { create: made - start, webhook: told - sent, access: performance.now() - sent, delivery }
}
