import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { call } from './http.ts'
import type { Target } from './stack.ts'
import type { User } from './users.ts'

/** A film from the seed data and a product that is offered for it. */
export const film = 'vid_01m85eetz2e8qthwsqr5v0dh8g'
export const product = 'prod_01m85eetz6e8qthwvnjjs5zz41'

const purchasesPath = '/client/v1/pay-to-view/purchases'

const Created = z.object({ success: z.literal(true), purchaseId: z.string(), clientSecret: z.string() })
type Created = z.infer<typeof Created>
const History = z.object({ items: z.array(z.object({ purchaseId: z.string(), status: z.string() })) })

const createInput = JSON.stringify({ payToViewProductId: product, entityId: film, returnUrl: 'https://yoursite.com/done' })

export const postPurchase = (target: Target, { headers }: User): Promise<string> =>
  call(`${target.url}${purchasesPath}`, { method: 'POST', headers, body: createInput })

export const getHistory = (target: Target, { headers }: User): Promise<string> =>
  call(`${target.url}${purchasesPath}?page=1&pageSize=10`, { headers })

export interface SignedWebhook {
  body: string
  headers: { 'stripe-signature': string }
}

/** Returns Stripe's `checkout.session.completed` event for a paid checkout. */
const paidWebhook = ({ purchaseId, clientSecret }: Created, { id: userId }: User, secret: string): SignedWebhook => {
  const created = Math.floor(Date.now() / 1000)
  const [session = ''] = clientSecret.split('_secret_')
  const object = {
    id: session,
    object: 'checkout.session',
    created,
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

export const postWebhook = (target: Target, webhook: SignedWebhook): Promise<string> =>
  call(`${target.url}/client/v1/webhooks/stripe`, { method: 'POST', ...webhook })

/** The durations of the steps in milliseconds. */
export interface LifecycleResult {
  create: number
  webhook: number
  /** The time from sending the webhook to the first history response that shows Completed. */
  access: number
  signedWebhook: SignedWebhook
}

/** Creates a purchase, delivers its webhook, and polls the history every `pollMs` until it shows Completed. */
export const runLifecycle = async (target: Target, user: User, secret: string, pollMs: number): Promise<LifecycleResult> => {
  const start = performance.now()
  const purchase = Created.parse(JSON.parse(await postPurchase(target, user)))
  const createdAt = performance.now()
  const signedWebhook = paidWebhook(purchase, user, secret)
  const sentAt = performance.now()
  await postWebhook(target, signedWebhook)
  const acknowledgedAt = performance.now()
  for (;;) {
    const { items } = History.parse(JSON.parse(await getHistory(target, user)))
    if (items[0]?.status === 'Completed') break
    if (performance.now() - sentAt > 30_000) throw new Error(`${purchase.purchaseId} is ${items[0]?.status} after 30 s`)
    await sleep(pollMs)
  }
  return {
    create: createdAt - start,
    webhook: acknowledgedAt - sentAt,
    access: performance.now() - sentAt,
    signedWebhook,
  }
}
