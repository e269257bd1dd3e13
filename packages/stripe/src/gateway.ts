import { createHash } from 'node:crypto'
import type { DisputeSnapshot, RefundSnapshot, Snapshot } from '@pay-to-view/purchase'
import Stripe from 'stripe'
import type { CheckoutRequest } from './checkout-request.ts'
import { isDefiniteRejection, isMissing } from './client.ts'
import { purchaseIdIn, refundRequestKey } from './metadata.ts'
import { disputeSnapshot, idOfReference, missingSessionSnapshot, refundSnapshot, sessionSnapshots } from './snapshots.ts'

export interface Checkout {
  sessionId: string
  /** Mounts the embedded checkout. Never logged or stored. */
  clientSecret: string | null
  open: boolean
}

/** Seconds since the epoch on Stripe's clock at which an answer was given. */
const answeredAt = (answer: Stripe.Response<object>): number => {
  const date = Date.parse(answer.lastResponse.headers.date ?? '')
  if (Number.isNaN(date)) throw new Error("Stripe's answer carries no Date header, so it cannot be said when it was true")
  return Math.floor(date / 1000)
}

/** Every page of a list, as Stripe answers it. */
async function* answersOf<T extends { id: string }, Page extends Stripe.ApiList<T>>(
  list: (after: { starting_after?: string }) => Promise<Page>,
): AsyncGenerator<Page> {
  let page = await list({})
  for (;;) {
    yield page
    const last = page.data.at(-1)
    if (!page.has_more || !last) return
    page = await list({ starting_after: last.id })
  }
}

async function* pagesOf<T extends { id: string }>(
  list: (after: { starting_after?: string }) => Promise<Stripe.ApiList<T>>,
): AsyncGenerator<T[]> {
  for await (const { data } of answersOf(list)) yield data
}

/** Everything in a list, each with the time of its answer. */
const allOf = async <T extends { id: string }>(
  list: (after: { starting_after?: string }) => Promise<Stripe.Response<Stripe.ApiList<T>>>,
): Promise<{ item: T; observedAt: number }[]> => {
  const found: { item: T; observedAt: number }[] = []
  for await (const answer of answersOf(list)) {
    const observedAt = answeredAt(answer)
    found.push(...answer.data.map((item) => ({ item, observedAt })))
  }
  return found
}

const isServerError = (error: unknown): error is InstanceType<typeof Stripe.errors.StripeError> =>
  error instanceof Stripe.errors.StripeError && error.statusCode === 500

/** Stripe marks an answer that it gives again. */
const isReplayed = ({ headers }: { headers?: Record<string, string> }): boolean => headers?.['idempotent-replayed'] === 'true'

/**
 * Sends a write with a key of ours. Stripe keeps the answer 500 under its key as well (its "Idempotent requests"), so the same key can fail
 * for a day. A 500 that is given again is the end of that request: what it may have made is looked for, and when there is nothing the next
 * key is used. Never while the earlier request may still be under way, so that no cut connection makes it twice.
 */
const write = async <T>(
  parts: string[],
  send: (idempotencyKey: string) => Promise<T>,
  find: () => Promise<T | null>,
): Promise<T> => {
  let [nth, failures] = [1, 0]
  for (;;) {
    try {
      return await send(key(...parts, String(nth)))
    } catch (error) {
      if (!isServerError(error)) throw error
      if (isReplayed(error)) {
        const made = await find()
        if (made !== null) return made
        nth++
      } else if (++failures > 1) throw error
    }
  }
}

/** Idempotency keys are at most 255 characters (Stripe's "Idempotent requests"): what may be longer is hashed. */
const key = (...parts: string[]): string => `pay-to-view-${createHash('sha256').update(parts.join('\0')).digest('hex')}`

const refundsOf = async (stripe: Stripe, payment: string): Promise<RefundSnapshot[]> => {
  const found = await allOf((after) => stripe.refunds.list({ payment_intent: payment, limit: 100, ...after }))
  return found.map(({ item, observedAt }) => refundSnapshot(item, observedAt)).filter((snapshot) => snapshot !== null)
}

/** A session with its payment, as they are now. */
const lookAtCheckout = async (stripe: Stripe, sessionId: string): Promise<Snapshot[]> => {
  try {
    const session = await stripe.checkout.sessions.retrieve(sessionId, { expand: ['payment_intent.latest_charge'] })
    return sessionSnapshots(session, answeredAt(session))
  } catch (error) {
    if (isMissing(error)) return [missingSessionSnapshot(sessionId, error)]
    throw error
  }
}

/**
 * stripe-node writes a stack trace of each call in case that it fails, which source maps make dearer than the rest of a call. Those that a
 * viewer waits for go without: their errors still name the request.
 */
const quickly = <T>(call: () => Promise<T>): Promise<T> => {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return call()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

const checkoutOf = (session: Stripe.Checkout.Session): Checkout => ({
  sessionId: session.id,
  clientSecret: session.client_secret,
  open: session.status === 'open',
})

export interface RefundOrder {
  purchaseId: string
  requestId: string
  payment: string
  /** Minor units. */
  amount: number
  reason: Stripe.RefundCreateParams.Reason
}

export type StripeGateway = ReturnType<typeof createGateway>

/**
 * The calls that a purchase makes to Stripe. Each write carries an idempotency key of ours. Errors are stripe-node's: `isDefinite` tells
 * a refusal from a failure that may be tried again.
 */
export const createGateway = (stripe: Stripe) => ({
  /**
   * The customer of a user; the same user always gets the same while Stripe keeps the key (24 hours). `insteadOf` is one that Stripe does
   * not know any more.
   */
  createCustomer: async (userId: string, insteadOf: string | null = null): Promise<string> => {
    const customer = await write(
      ['customer', userId, ...(insteadOf === null ? [] : [insteadOf])],
      (idempotencyKey) => quickly(() => stripe.customers.create({ metadata: { userId } }, { idempotencyKey })),
      async () => null,
    )
    return customer.id
  },

  createCheckout: async (purchaseId: string, request: CheckoutRequest): Promise<Checkout> =>
    checkoutOf(
      await write<Stripe.Checkout.Session>(
        ['checkout', purchaseId],
        (idempotencyKey) => quickly(() => stripe.checkout.sessions.create(request, { idempotencyKey })),
        async () => {
          for await (const page of pagesOf((after) =>
            stripe.checkout.sessions.list({ customer: request.customer, limit: 100, ...after }),
          )) {
            const made = page.find((session) => purchaseIdIn(session.metadata) === purchaseId)
            if (made) return made
          }
          return null
        },
      ),
    ),

  /** Null for a session that Stripe does not know. */
  retrieveCheckout: async (sessionId: string): Promise<Checkout | null> => {
    try {
      return checkoutOf(await quickly(() => stripe.checkout.sessions.retrieve(sessionId)))
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  },

  lookAtCheckout: (sessionId: string): Promise<Snapshot[]> => lookAtCheckout(stripe, sessionId),

  /**
   * Closes an open session. One that is not open any more is refused by Stripe ("Only Checkout Sessions with a status in ["open"] can be
   * expired"): then it is what it is, and the answer says what.
   */
  expireCheckout: async (sessionId: string): Promise<Snapshot[]> => {
    try {
      const session = await write(
        ['expire', sessionId],
        (idempotencyKey) =>
          stripe.checkout.sessions.expire(sessionId, { expand: ['payment_intent.latest_charge'] }, { idempotencyKey }),
        async () => null,
      )
      return sessionSnapshots(session, answeredAt(session))
    } catch (error) {
      if (!isDefiniteRejection(error)) throw error
      return lookAtCheckout(stripe, sessionId)
    }
  },

  /** The sessions that led to a payment, with it. */
  sessionsOf: async (payment: string): Promise<Snapshot[]> => {
    const found = await allOf((after) =>
      stripe.checkout.sessions.list({
        payment_intent: payment,
        limit: 100,
        expand: ['data.payment_intent'],
        ...after,
      }),
    )
    return found.flatMap(({ item, observedAt }) => sessionSnapshots(item, observedAt))
  },

  refundsOf: (payment: string): Promise<RefundSnapshot[]> => refundsOf(stripe, payment),

  disputesOf: async (payment: string): Promise<DisputeSnapshot[]> => {
    const found = await allOf((after) => stripe.disputes.list({ payment_intent: payment, limit: 100, ...after }))
    return found.map(({ item, observedAt }) => disputeSnapshot(item, observedAt)).filter((snapshot) => snapshot !== null)
  },

  createRefund: ({ purchaseId, requestId, payment, amount, reason }: RefundOrder): Promise<RefundSnapshot> =>
    write(
      ['refund', purchaseId, requestId, String(amount)],
      async (idempotencyKey) => {
        const metadata = { payToViewPurchaseId: purchaseId, [refundRequestKey]: requestId }
        const refund = await stripe.refunds.create({ payment_intent: payment, amount, reason, metadata }, { idempotencyKey })
        const snapshot = refundSnapshot(refund, answeredAt(refund))
        if (!snapshot) throw new Error(`Stripe's refund ${refund.id} names no payment`)
        return snapshot
      },
      async () => (await refundsOf(stripe, payment)).find((refund) => refund.requestId === requestId) ?? null,
    ),

  /** The purchase that a payment intent's metadata names, or null where it names none or does not exist. */
  findPurchaseId: async (payment: string): Promise<string | null> => {
    try {
      const intent = await stripe.paymentIntents.retrieve(payment)
      const named = purchaseIdIn(intent.metadata)
      if (named !== null) return named
      // A session made by hand in the dashboard carries our metadata where its payment intent does not.
      const sessions = await stripe.checkout.sessions.list({ payment_intent: payment, limit: 1 })
      return purchaseIdIn(sessions.data[0]?.metadata)
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  },

  /**
   * Stripe's events of the given types (at most 20) made from one time to another, both included (seconds since the epoch), page by page,
   * newest first. Stripe keeps them for 30 days.
   */
  listEvents: (from: number, to: number, types: readonly string[]): AsyncGenerator<Stripe.Event[]> =>
    pagesOf((after) => stripe.events.list({ created: { gte: from, lte: to }, types: [...types], limit: 100, ...after })),

  /** Checkout sessions made since a time (seconds since the epoch), page by page, newest first. */
  checkoutsSince: (since: number): AsyncGenerator<Stripe.Checkout.Session[]> =>
    pagesOf((after) => stripe.checkout.sessions.list({ created: { gte: since }, limit: 100, ...after })),

  /**
   * A payment intent as it is now: what was received and given back, in minor units; null for one that Stripe does not know. `refunded` is
   * the charge's own sum, a hint: the refunds decide.
   */
  lookAtPayment: async (
    payment: string,
  ): Promise<{ status: Stripe.PaymentIntent.Status; amount: number; currency: string; refunded: number } | null> => {
    try {
      const intent = await stripe.paymentIntents.retrieve(payment, { expand: ['latest_charge'] })
      const charge = typeof intent.latest_charge === 'string' ? null : intent.latest_charge
      const { status, amount_received: amount, currency } = intent
      return { status, amount, currency, refunded: charge?.amount_refunded ?? 0 }
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  },

  /**
   * Puts another user id into the metadata of checkouts, of payments (also those that Stripe knows the checkouts to have led to), and of their
   * charges, to which Stripe has copied it. What Stripe does not know any more is left out. Returns the checkouts as they are then: newer than
   * all that was told of them under the other name.
   */
  renameUser: async ({ sessions, payments }: { sessions: string[]; payments: string[] }, userId: string): Promise<Snapshot[]> => {
    const metadata = { userId }
    const rename = async <T extends object>(id: string, send: (idempotencyKey: string) => Promise<T>): Promise<T | null> => {
      try {
        return await write(['rename', id, userId], send, async () => null)
      } catch (error) {
        if (isMissing(error)) return null
        throw error
      }
    }
    const intents = new Set(payments)
    const renamed: Snapshot[] = []
    for (const id of sessions) {
      const session = await rename(id, (idempotencyKey) => stripe.checkout.sessions.update(id, { metadata }, { idempotencyKey }))
      if (session === null) continue
      renamed.push(...sessionSnapshots(session, answeredAt(session)))
      const intent = idOfReference(session.payment_intent)
      if (intent !== null) intents.add(intent)
    }
    for (const id of intents) {
      if (!(await rename(id, (idempotencyKey) => stripe.paymentIntents.update(id, { metadata }, { idempotencyKey })))) continue
      const charges = await allOf((after) => stripe.charges.list({ payment_intent: id, limit: 100, ...after }))
      for (const { item } of charges)
        await rename(item.id, (idempotencyKey) => stripe.charges.update(item.id, { metadata }, { idempotencyKey }))
    }
    return renamed
  },

  /** Deletes a customer; its payments stay. One that Stripe does not know any more is deleted. */
  deleteCustomer: async (id: string): Promise<void> => {
    await stripe.customers.del(id, {}, { idempotencyKey: key('delete', id) }).catch((error: unknown) => {
      if (!isMissing(error)) throw error
    })
  },
})
