import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { int, text } from '../http/params.ts'
import { expireIfOpen } from '../model/checkout.ts'
import { createCoupon, createPromotionCode } from '../model/coupons.ts'
import { createSession } from '../model/create-session.ts'
import { createCustomer } from '../model/customers.ts'
import { applyDisputeStep, openDispute } from '../model/disputes.ts'
import { pay } from '../model/payments.ts'
import { payOut } from '../model/payouts.ts'
import { createRefund } from '../model/refunds.ts'
import { sessionParams } from '../model/session-params.ts'

const item = z.strictObject({
  entityId: text(128),
  entityType: z.enum(['1', '2', '3']),
  title: text(200),
  productId: text(128),
  currency: text(3),
  amount: int(1, 99_999_999),
})

export const salesYearParams = z.strictObject({
  purchases: int(1, 20_000).default(2_000),
  days: int(1, 3_650).default(365),
  /** The titles for sale, most popular first. */
  items: z.array(item).min(1).max(500),
})

type SalesYear = z.output<typeof salesYearParams>

const dayMs = 86_400_000
const hourMs = 3_600_000

/**
 * Returns a generator of random numbers from 0 to 1 (mulberry32). The numbers are the same in every run, so that runs of the demo can be
 * compared.
 */
const createRandom = (): (() => number) => {
  let state = 20_261_130
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Chooses one of the values at random, according to their weights. */
const chooseBy = <T>(
  values: readonly T[],
  weightOf: (value: T, index: number) => number,
  random: () => number,
): T | undefined => {
  const weights = values.map(weightOf)
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0)
  return (
    values.find((_, index) => {
      left -= weights[index] ?? 0
      return left < 0
    }) ?? values.at(-1)
  )
}

const countries = ['US', 'US', 'US', 'DE', 'DE', 'GB', 'FR', 'AT', 'CH', 'NL', 'CA', 'JP'] as const

/** Returns the relative sales volume of a day. Sales are higher on weekends and in winter, and grow over time. */
const weightOfDay = (timeMs: number, progress: number): number => {
  const date = new Date(timeMs)
  const isWeekend = [0, 5, 6].includes(date.getUTCDay())
  const isWinter = [0, 10, 11].includes(date.getUTCMonth())
  return (0.5 + progress) * (isWeekend ? 1.8 : 1) * (isWinter ? 1.4 : 1)
}

interface Step {
  at: number
  run: () => void
}

/** Returns the steps after a payment: few payments are refunded, and even fewer are disputed. */
const laterSteps = (account: Account, charge: () => string | null, soldMs: number, random: () => number): Step[] => {
  const withCharge = (run: (id: string) => void) => () => {
    const id = charge()
    if (id !== null) run(id)
  }
  const fate = random()
  if (fate < 0.03) return [{ at: soldMs + random() * 5 * dayMs, run: withCharge((id) => createRefund(account, { charge: id })) }]
  if (fate < 0.04)
    return [{ at: soldMs + random() * 9 * dayMs, run: withCharge((id) => createRefund(account, { charge: id, amount: 100 })) }]
  if (fate > 0.006 + 0.04) return []
  let dispute = ''
  const openedMs = soldMs + (5 + random() * 20) * dayMs
  const isWon = random() < 0.4
  return [
    {
      at: openedMs,
      run: withCharge((id) => {
        dispute = openDispute(account, id, {}).id
      }),
    },
    { at: openedMs + 30 * dayMs, run: () => dispute !== '' && applyDisputeStep(account, dispute, isWon ? 'win' : 'lose') },
  ]
}

const sellOne = (account: Account, sold: SalesYear['items'][number], user: number) => {
  const customer = createCustomer(account, { metadata: { userId: `viewer-${user}` } }).id
  const params = z.object(sessionParams).parse({
    ...{ mode: 'payment', ui_mode: 'embedded_page', redirect_on_completion: 'never', customer, allow_promotion_codes: 'true' },
    metadata: {
      ...{ payToViewPurchaseId: randomUUID(), payToViewProductId: sold.productId, userId: `viewer-${user}` },
      ...{ entityType: sold.entityType, entityId: sold.entityId },
    },
    line_items: [
      { quantity: 1, price_data: { currency: sold.currency, unit_amount: sold.amount, product_data: { name: sold.title } } },
    ],
  })
  return createSession(account, params).id
}

/**
 * Creates the sales of a period that ends now: paid and expired checkouts from several countries, some with promotion codes, and refunds,
 * disputes and a payout on each working day. All of these are ordinary objects of the account, so the figures add up. Each user buys once.
 * Must be called in a transaction. The account must not contain newer objects.
 */
export const createSalesYear = (
  account: Account,
  { purchases, days, items }: SalesYear,
): { sessions: number; payouts: number } => {
  const random = createRandom()
  const [endMs, steps, code]: [number, Step[], string] = [account.nowMs() - hourMs, [], 'WELCOME25']
  const startMs = endMs - days * dayMs
  steps.push({
    at: startMs,
    run: () =>
      createPromotionCode(account, {
        ...{ code, coupon: createCoupon(account, { percent_off: 25, metadata: {} }).id, metadata: {} },
        restrictions: { first_time_transaction: false, minimum_amount: null, minimum_amount_currency: null },
      }),
  })
  const dayStarts = Array.from({ length: days }, (_, day) => startMs + day * dayMs)
  for (let user = 0; user < purchases; user++) {
    const day = chooseBy(dayStarts, (time, index) => weightOfDay(time, index / days), random) ?? startMs
    const hour = chooseBy([...Array(24).keys()], (one) => (one > 17 ? 4 : one > 8 ? 2 : 0.5), random) ?? 0
    const soldMs = Math.min(day + (hour + random()) * hourMs, endMs - hourMs)
    const sold = chooseBy(items, (_, index) => 1 / (index + 1), random)
    if (!sold) continue
    const [isPaid, usesCode, country] = [random() < 0.7, random() < 0.12, countries[Math.floor(random() * countries.length)]]
    let [session, charge]: [string, string | null] = ['', null]
    steps.push({ at: soldMs, run: () => (session = sellOne(account, sold, user)) })
    if (!isPaid) steps.push({ at: soldMs + hourMs, run: () => expireIfOpen(account, session) })
    else {
      const promotionCode = usesCode ? code : undefined
      const run = () => {
        charge = pay(account, session, { method: 'card', country, promotionCode }).payment_intent?.latest_charge ?? null
      }
      steps.push({ at: soldMs + 60_000 + random() * 600_000, run }, ...laterSteps(account, () => charge, soldMs, random))
    }
  }
  for (const time of dayStarts) {
    const at = Math.ceil(time / dayMs) * dayMs
    if (![0, 6].includes(new Date(at).getUTCDay())) steps.push({ at, run: () => payOut(account) })
  }
  // The steps run in order of time, because Stripe's lists are in order of creation.
  for (const { at, run } of steps.filter(({ at }) => at <= endMs).sort((a, b) => a.at - b.at)) account.inPast(at, run)
  return { sessions: account.store.sessions.size, payouts: account.store.payouts.size }
}
