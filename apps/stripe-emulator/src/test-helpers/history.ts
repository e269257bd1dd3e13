import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { expireIfOpen } from '../model/checkout.ts'
import { createSession } from '../model/create-session.ts'
import { createCustomer } from '../model/customers.ts'
import { applyDisputeStep, openDispute } from '../model/disputes.ts'
import { pay } from '../model/payments.ts'
import { changeRefund, createRefund } from '../model/refunds.ts'
import { sessionParams } from '../model/session-params.ts'

/** The products of another, imaginary backend, with that backend's ids. */
const products = [
  { name: 'rent-30', amount: 499, currency: 'usd' },
  { name: 'own', amount: 1_299, currency: 'usd' },
  { name: 'rental-48h', amount: 399, currency: 'eur' },
] as const

const daySeconds = 86_400

/** The outcomes of sales, by the sale's number modulo the length of this list. Sales with the outcome `kept` are paid and not refunded. */
const outcomes = [
  ...([
    'expired',
    'refunded',
    'partly_refunded',
    'disputed',
    'refund_failed',
    'other_system',
    'charged_back',
    'dispute_won',
  ] as const),
  ...Array.from({ length: 12 }, () => 'kept' as const),
] as const
export type PastOutcome = (typeof outcomes)[number]

export interface PastSale {
  outcome: PastOutcome
  session: string
  purchaseId: string
  userId: string
  entityId: string
  productId: string
  charge: string | null
}

export interface HistoryOptions {
  purchases: number
  days: number
  /** The prefixes of product ids and entity ids. */
  product: string
  entity: string
}

/** Returns the id of a purchase. The other backend first used numbers as purchase ids and later used UUIDs. */
const purchaseIdOf = (number: number, total: number): string => {
  if (number < total / 2) return String(10_000 + number)
  const hex = createHash('sha256').update(String(number)).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const metadataOf = (number: number, { purchases, product, entity }: HistoryOptions, title: number) => {
  const userId = `user-${number % Math.max(1, Math.ceil(purchases / 4))}`
  return {
    payToViewPurchaseId: purchaseIdOf(number, purchases),
    payToViewProductId: `${product}${products[number % products.length]?.name}`,
    userId,
    entityType: String((title % 3) + 1),
    entityId: `${entity}${title}`,
  }
}

type Metadata = ReturnType<typeof metadataOf>

/** Returns the number of a sale's title. Each user buys about four titles, and rarely the same title twice. */
const titleOf = (number: number, { purchases }: HistoryOptions): number =>
  (number + Math.floor((number * 4) / purchases) * 7) % 50

const customerOf = (account: Account, customers: Map<string, string>, userId: string): string => {
  const known = customers.get(userId)
  if (known !== undefined) return known
  const { id } = createCustomer(account, { metadata: { userId } })
  customers.set(userId, id)
  return id
}

const sell = (account: Account, metadata: Record<string, string>, customer: string, number: number, title: number): string => {
  const { amount, currency } = products[number % products.length] ?? products[0]
  const params = z.object(sessionParams).parse({
    ...{ mode: 'payment', ui_mode: 'embedded_page', redirect_on_completion: 'never', customer, metadata },
    line_items: [{ quantity: 1, price_data: { currency, unit_amount: amount, product_data: { name: `Film no. ${title}` } } }],
  })
  return createSession(account, params).id
}

/**
 * The delays after a sale, in seconds. They are the same for all sales, so the objects of each type are created in order of time, as
 * Stripe's lists require.
 */
const delays = { payment: 60, refund: 2 * daySeconds, dispute: 4 * daySeconds, disputeEnd: 5 * daySeconds }

const reverse = (account: Account, charge: string, outcome: PastOutcome, at: (delay: number, run: () => void) => void): void => {
  if (outcome === 'refunded') at(delays.refund, () => createRefund(account, { charge }))
  if (outcome === 'partly_refunded') at(delays.refund, () => createRefund(account, { charge, amount: 100 }))
  if (outcome === 'refund_failed') at(delays.refund, () => changeRefund(account, createRefund(account, { charge }).id, 'failed'))
  if (!['disputed', 'charged_back', 'dispute_won'].includes(outcome)) return
  let dispute = ''
  at(delays.dispute, () => {
    dispute = openDispute(account, charge, {}).id
  })
  if (outcome !== 'disputed' && dispute !== '')
    at(delays.disputeEnd, () => applyDisputeStep(account, dispute, outcome === 'dispute_won' ? 'win' : 'lose'))
}

/**
 * Creates past sales as another backend that follows the integration guide would have created them: with numbers and UUIDs as purchase ids,
 * with metadata only on the sessions, and with refunds, disputes, expired sessions and sessions of other systems. Must be called in a
 * transaction. The account must not contain newer objects.
 */
export const createHistory = (account: Account, options: HistoryOptions): PastSale[] => {
  const { purchases, days } = options
  const endMs = account.nowMs() - 3_600_000
  const stepMs = Math.floor((days * daySeconds * 1_000) / purchases)
  const customers = new Map<string, string>()
  return Array.from({ length: purchases }, (_, number): PastSale => {
    const soldMs = endMs - (purchases - number) * stepMs
    const outcome = outcomes[number % outcomes.length] ?? 'kept'
    const title = titleOf(number, options)
    const metadata: Metadata = metadataOf(number, options, title)
    const at = (delay: number, run: () => void): void => {
      if (soldMs + delay * 1_000 <= endMs) account.inPast(soldMs + delay * 1_000, run)
    }
    let [session, charge]: [string, string | null] = ['', null]
    account.inPast(soldMs, () => {
      const customer = customerOf(account, customers, metadata.userId)
      session = sell(account, outcome === 'other_system' ? { order: String(number) } : metadata, customer, number, title)
    })
    if (outcome === 'expired') account.inPast(soldMs + 1_000, () => expireIfOpen(account, session))
    else {
      account.inPast(soldMs + Math.min(delays.payment * 1_000, stepMs - 1), () => {
        charge = pay(account, session, { method: 'card' }).payment_intent?.latest_charge ?? null
      })
      if (charge !== null) reverse(account, charge, outcome, at)
    }
    const { payToViewPurchaseId: purchaseId, payToViewProductId: productId, userId, entityId } = metadata
    return { outcome, session, purchaseId, userId, entityId, productId, charge }
  })
}
