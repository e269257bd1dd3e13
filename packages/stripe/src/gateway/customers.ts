import { randomUUID } from 'node:crypto'
import type Stripe from 'stripe'
import { isDefiniteRejection } from '../client.ts'
import type { PurchaseMetadata } from '../metadata.ts'
import { idempotencyKey, idempotentWrite } from './idempotent-write.ts'
import { orNullIfMissing } from './or-null-if-missing.ts'
import { withoutStackTrace } from './without-stack-trace.ts'

/** A user of a site. Users of two sites on one Stripe account may have the same id. */
export interface SiteUser {
  userId: string
  /** The SITE_ID, if several sites share one Stripe account. */
  site?: string | undefined
}

/** The user's e-mail address, to which Stripe sends receipts, and its hash, which may be part of an idempotency key. */
export interface SiteUserEmail {
  email: string | null
  emailHash: string | null
}

const metadataOf = ({ userId, site }: SiteUser): Pick<PurchaseMetadata, 'userId' | 'payToViewSite'> => ({
  userId,
  ...(site !== undefined && { payToViewSite: site }),
})

const isEmailRejection = (error: unknown): boolean => isDefiniteRejection(error) && error.param === 'email'

export const customerCalls = (stripe: Stripe) => ({
  /**
   * Returns the id of the user's customer. Repeated calls return the same customer while Stripe keeps the idempotency key (24 hours).
   * `missingCustomerId` is an earlier customer that Stripe no longer knows.
   */
  createCustomer: async (user: SiteUser & Partial<SiteUserEmail>, missingCustomerId: string | null = null): Promise<string> => {
    const owner = user.site === undefined ? ['customer', user.userId] : ['customer of site', user.site, user.userId]
    const { email = null, emailHash = null } = user
    const create = (params: { email?: string }, emailKey: string[]): Promise<Stripe.Customer> =>
      idempotentWrite([...owner, ...emailKey, ...(missingCustomerId === null ? [] : [missingCustomerId])], (idempotencyKey) =>
        withoutStackTrace(() => stripe.customers.create({ metadata: metadataOf(user), ...params }, { idempotencyKey })),
      )
    if (email === null) return (await create({}, [])).id
    // A request with a different address needs a different idempotency key.
    const customer = await create({ email }, emailHash === null ? [] : ['email', emailHash]).catch((error: unknown) => {
      // If Stripe does not accept the address, the buyer gets no receipt, but can still buy.
      if (isEmailRejection(error)) return create({}, [])
      throw error
    })
    return customer.id
  },

  /**
   * Sets a customer's e-mail address. Every call has its own idempotency key, because the address may change back to an earlier one. If
   * Stripe rejects the new address, the customer keeps the previous address, and the error is ignored, because retrying would not help.
   */
  updateCustomerEmail: async (id: string, email: string): Promise<void> => {
    await withoutStackTrace(() =>
      stripe.customers.update(id, { email }, { idempotencyKey: idempotencyKey('customer email', id, randomUUID()) }),
    ).catch((error: unknown) => {
      if (!isEmailRejection(error)) throw error
    })
  },

  /** Deletes a customer, if Stripe still knows it. The customer's payments are kept. */
  deleteCustomer: async (id: string): Promise<void> => {
    await orNullIfMissing(idempotentWrite(['delete', id], (idempotencyKey) => stripe.customers.del(id, {}, { idempotencyKey })))
  },
})
