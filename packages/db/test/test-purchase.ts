import type { DisputeSnapshot, PaymentSnapshot, RefundSnapshot, SessionSnapshot, Snapshot } from '@pay-to-view/purchase'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { seedIds } from '@pay-to-view/testing/stack'
import { afterAll, beforeAll, expect } from 'vitest'
import { applyFacts, type Db, insertPurchase, type NewPurchase, newPurchaseId } from '../src/index.ts'

export const secondsPerDay = 86_400

/** The current time in seconds since the epoch. */
export const now = Math.floor(Date.now() / 1_000)

export const film: NewPurchase['entity'] = { id: seedIds.film, type: 'video', title: 'Nosferatu' }
export const channel: NewPurchase['entity'] = { id: seedIds.channel, type: 'channel', title: 'Silent Cinema' }
export const channelFilm: NewPurchase['entity'] = { id: seedIds.channelFilm, type: 'video', title: 'The General' }

/** Creates a database for the tests of one file. */
export const useDatabase = (): { readonly db: Db } => {
  let database: Database
  beforeAll(async () => {
    database = await startDatabase()
  }, 120_000)
  afterAll(() => database?.stop())
  return {
    get db() {
      return database.db
    },
  }
}

let users = 0
export const newUser = (): string => `user-${++users}`

export const newPurchase = (
  userId: string,
  entity = film,
  accessDurationDays: number | null = 30,
  isRenewal = false,
): NewPurchase => ({
  id: newPurchaseId(),
  userId,
  entity,
  product: { id: seedIds.thirtyDayProduct, amount: 499, currency: 'usd', accessDurationDays },
  isRenewal,
  checkoutRequest: {},
  checkoutDeadline: new Date(Date.now() + 2_400_000),
  stripeCustomerId: `cus_${userId}`,
})

interface Payment {
  /** The number of the payment; a purchase may be paid more than once. */
  nth?: number
  observedAt?: number
  amount?: number
  status?: PaymentSnapshot['status']
}

/** Inserts a purchase. Returns the purchase with functions that create and apply snapshots of its Stripe objects. */
export const insertTestPurchase = async (db: Db, ...[userId, entity = film, days, isRenewal]: Parameters<typeof newPurchase>) => {
  const purchase = newPurchase(userId, entity, days, isRenewal)
  const { id } = purchase
  expect(await insertPurchase(db, purchase)).toMatchObject({ id })

  const paymentIntentId = (nth = 1): string => `pi_${id}_${nth}`
  const session = ({ nth = 1, observedAt = now }: Payment = {}): SessionSnapshot => ({
    ...{ kind: 'session', id: `cs_${id}_${nth}`, status: 'complete', paymentIntentId: paymentIntentId(nth) },
    ...{ hasPaymentIntent: true, userId, entityId: entity.id, createdAt: now - 1_000 + nth, observedAt },
  })
  const payment = ({ nth, observedAt = now, amount = 499, status = 'paid' }: Payment = {}): PaymentSnapshot => ({
    ...{ kind: 'payment', id: paymentIntentId(nth), status, amount, currency: 'usd', observedAt },
  })
  const refund = (
    name: string,
    { nth = 1, amount = 499, status = 'succeeded' }: Partial<RefundSnapshot> & { nth?: number } = {},
  ) =>
    ({
      ...{ kind: 'refund', id: `re_${id}_${name}`, paymentIntentId: paymentIntentId(nth), status, amount },
      ...{ createdAt: now, requestId: null, observedAt: now },
    }) satisfies RefundSnapshot
  const dispute = (status: DisputeSnapshot['status'], observedAt: number, { name = 'one', nth = 1 } = {}): DisputeSnapshot => ({
    ...{ kind: 'dispute', id: `du_${id}_${name}`, paymentIntentId: paymentIntentId(nth), status, amount: 499 },
    ...{ refundable: false, withdrawn: status !== 'won', observedAt },
  })

  const apply = (...snapshots: Snapshot[]) => applyFacts(db, { id, snapshots, cause: { kind: 'event', eventIds: [] } })
  const pay = (options?: Payment) => apply(session(options), payment(options))
  /** Ends the checkout unpaid, so the user can create another purchase. */
  const reject = () => apply({ kind: 'rejection', id, code: 'none', observedAt: now })

  const countAlerts = (kind: string) => db.alert.count({ where: { purchaseId: id, kind } })
  const openAlertKinds = async () => {
    const open = await db.alert.findMany({ where: { purchaseId: id, resolvedAt: null }, orderBy: { id: 'asc' } })
    return open.map(({ kind }) => kind)
  }
  const refundRequests = () =>
    db.refundRequest.findMany({
      where: { purchaseId: id },
      orderBy: { createdAt: 'asc' },
      select: { requestId: true, paymentIntentId: true, amount: true, error: true },
    })
  const notes = async () =>
    (await db.change.findMany({ where: { purchaseId: id }, orderBy: { id: 'asc' } })).map(({ note }) => note)
  return {
    ...{ id, userId, paymentIntentId, session, payment, refund, dispute, apply, pay, reject },
    ...{ countAlerts, openAlertKinds, refundRequests, notes },
  }
}
