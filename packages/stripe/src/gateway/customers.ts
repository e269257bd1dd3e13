import type Stripe from 'stripe'
import type { PurchaseMetadata } from '../metadata.ts'
import { idempotencyKey, idempotentWrite } from './idempotent-write.ts'
import { orNullIfMissing } from './or-null-if-missing.ts'
import { withoutStackTrace } from './without-stack-trace.ts'

/** A user of a site. Users of two sites on one Stripe account may have the same id. */
export interface SiteUser {
  userId: string
  /** SITE_ID, where several sites share one Stripe account. */
  site?: string | undefined
}

const metadataOf = ({ userId, site }: SiteUser): Pick<PurchaseMetadata, 'userId' | 'payToViewSite'> => ({
  userId,
  ...(site !== undefined && { payToViewSite: site }),
})

export const customerCalls = (stripe: Stripe) => ({
  /**
   * Returns the id of the user's customer: the same one while Stripe keeps the idempotency key (24 hours). `missingCustomerId` is an earlier
   * customer that Stripe no longer knows.
   */
  createCustomer: async (user: SiteUser, missingCustomerId: string | null = null): Promise<string> => {
    const owner = user.site === undefined ? ['customer', user.userId] : ['customer of site', user.site, user.userId]
    const customer = await idempotentWrite(
      [...owner, ...(missingCustomerId === null ? [] : [missingCustomerId])],
      (idempotencyKey) => withoutStackTrace(() => stripe.customers.create({ metadata: metadataOf(user) }, { idempotencyKey })),
    )
    return customer.id
  },

  /** Deletes a customer, if Stripe still knows it. Its payments remain. */
  deleteCustomer: async (id: string): Promise<void> => {
    await orNullIfMissing(stripe.customers.del(id, {}, { idempotencyKey: idempotencyKey('delete', id) }))
  },
})
