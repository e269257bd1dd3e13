import type { Snapshot } from '@pay-to-view/purchase'
import type Stripe from 'stripe'
import { isForeignSite, isOtherSite, refundRequestKey, siteIn } from '../metadata.ts'
import { idOfReference, refundSnapshot, sessionSnapshots } from '../snapshots.ts'
import type { SiteUser } from './customers.ts'
import { idempotentWrite } from './idempotent-write.ts'
import { orNullIfMissing } from './or-null-if-missing.ts'
import { listAll } from './pagination.ts'
import { respondedAt } from './responded-at.ts'

/** The checkout sessions and payments of one purchase. */
export interface StripeObjects {
  sessions: readonly string[]
  payments: readonly string[]
}

export interface MetadataReplacement {
  /** Returns the new value of the metadata key `userId`. */
  userId: (value: string) => string
  /** Returns the new value of a metadata key that is not ours. */
  text: (value: string) => string
  /** The new values of refund request ids in the refunds' metadata, by refund id. */
  refundRequestIds: Readonly<Record<string, string>>
}

type Metadata = Record<string, string>

/** Apart from `userId` and the refund request's id, pay-to-view's metadata contains no personal data, so its values are never replaced. */
const isFixed = (key: string): boolean => key.startsWith('payToView') || key === 'entityType' || key === 'entityId'

const replaceValue = (key: string, value: string, objectId: string, replacement: MetadataReplacement): string => {
  if (key === 'userId') return replacement.userId(value)
  if (key === refundRequestKey) return replacement.refundRequestIds[objectId] ?? replacement.text(value)
  return isFixed(key) ? value : replacement.text(value)
}

/** The metadata keys whose values change; null if there are none. */
const changedMetadata = (
  { id, metadata }: { id: string; metadata: Metadata | null },
  replacement: MetadataReplacement,
): Metadata | null => {
  const changed = Object.entries(metadata ?? {}).flatMap(([key, value]) => {
    const next = replaceValue(key, value, id, replacement)
    return next === value ? [] : [[key, next] as const]
  })
  return changed.length === 0 ? null : Object.fromEntries(changed)
}

/**
 * Whether a customer belongs to the user: it is the stored customer and does not belong to another site, or it belongs to our site and has
 * the user's id.
 */
const isOwnCustomer = (metadata: Metadata, { userId, site }: SiteUser, isStored: boolean): boolean =>
  isStored ? !isOtherSite(siteIn(metadata), site) : !isForeignSite(siteIn(metadata), site) && metadata.userId === userId

export const userDataCalls = (stripe: Stripe) => {
  const retrieveSession = (id: string) => orNullIfMissing(stripe.checkout.sessions.retrieve(id))
  const listCharges = async (payment: string) =>
    (await listAll((page) => stripe.charges.list({ payment_intent: payment, limit: 100, ...page }))).map(({ item }) => item)

  /** Updates an object if its metadata changes. Returns null if the metadata does not change. */
  const update = async <T>(
    object: { id: string; metadata: Metadata | null },
    replacement: MetadataReplacement,
    send: (metadata: Metadata, idempotencyKey: string) => Promise<T>,
  ): Promise<T | null> => {
    const changed = changedMetadata(object, replacement)
    if (changed === null) return null
    return await orNullIfMissing(idempotentWrite(['metadata', object.id, JSON.stringify(changed)], (key) => send(changed, key)))
  }

  const replaceInPayment = async (id: string, replacement: MetadataReplacement): Promise<Snapshot[]> => {
    const intent = await orNullIfMissing(stripe.paymentIntents.retrieve(id))
    if (intent === null) return []
    await update(intent, replacement, (metadata, idempotencyKey) =>
      stripe.paymentIntents.update(id, { metadata }, { idempotencyKey }),
    )
    for (const charge of await listCharges(id))
      await update(charge, replacement, (metadata, idempotencyKey) =>
        stripe.charges.update(charge.id, { metadata }, { idempotencyKey }),
      )
    const disputes = await listAll((page) => stripe.disputes.list({ payment_intent: id, limit: 100, ...page }))
    // Without `submit: false`, Stripe would submit the evidence to the bank.
    for (const { item } of disputes)
      await update(item, replacement, (metadata, idempotencyKey) =>
        stripe.disputes.update(item.id, { metadata, submit: false }, { idempotencyKey }),
      )
    const refunds = await listAll((page) => stripe.refunds.list({ payment_intent: id, limit: 100, ...page }))
    const snapshots: Snapshot[] = []
    for (const { item } of refunds) {
      const refund = await update(item, replacement, (metadata, idempotencyKey) =>
        stripe.refunds.update(item.id, { metadata }, { idempotencyKey }),
      )
      const snapshot = refund && refundSnapshot(refund, respondedAt(refund))
      if (snapshot) snapshots.push(snapshot)
    }
    return snapshots
  }

  return {
    /** The e-mail addresses that Stripe has for a user, and the customers with the user's id, excluding other sites. */
    findUserData: async (
      user: SiteUser,
      stripeCustomerId: string | null,
      { sessions, payments }: StripeObjects,
    ): Promise<{ emails: string[]; customers: string[] }> => {
      const emails: (string | null | undefined)[] = []
      const customers = new Set([stripeCustomerId])
      for (const id of sessions) {
        const session = await retrieveSession(id)
        if (session === null) continue
        emails.push(session.customer_details?.email, session.customer_email)
        customers.add(idOfReference(session.customer))
      }
      for (const payment of payments)
        for (const charge of await listCharges(payment)) emails.push(charge.billing_details.email, charge.receipt_email)
      const own: string[] = []
      for (const id of customers) {
        const customer = id === null ? null : await orNullIfMissing(stripe.customers.retrieve(id))
        if (customer === null) continue
        if (customer.deleted) {
          if (id === stripeCustomerId) own.push(customer.id)
          continue
        }
        if (!isOwnCustomer(customer.metadata, user, id === stripeCustomerId)) continue
        own.push(customer.id)
        emails.push(customer.email)
      }
      return { emails: [...new Set(emails)].filter((email): email is string => Boolean(email)), customers: own }
    },

    /**
     * Replaces values in the metadata of checkout sessions, of payment intents (including those that Stripe links to the sessions), and of their
     * charges, refunds and disputes. Objects that Stripe no longer knows are skipped. Returns the snapshots of the updated sessions and
     * refunds, which are newer than all snapshots with the previous metadata.
     */
    replaceMetadata: async ({ sessions, payments }: StripeObjects, replacement: MetadataReplacement): Promise<Snapshot[]> => {
      const intents = new Set(payments)
      const snapshots: Snapshot[] = []
      for (const id of sessions) {
        const session = await retrieveSession(id)
        if (session === null) continue
        const intent = idOfReference(session.payment_intent)
        if (intent !== null) intents.add(intent)
        const updated = await update(session, replacement, (metadata, idempotencyKey) =>
          stripe.checkout.sessions.update(id, { metadata }, { idempotencyKey }),
        )
        if (updated !== null) snapshots.push(...sessionSnapshots(updated, respondedAt(updated)))
      }
      for (const id of intents) snapshots.push(...(await replaceInPayment(id, replacement)))
      return snapshots
    },
  }
}
