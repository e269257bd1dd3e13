import type Stripe from 'stripe'
import { idempotencyKey, idempotentWrite } from './idempotent-write.ts'
import { orNullIfMissing } from './or-null-if-missing.ts'
import { withoutStackTrace } from './without-stack-trace.ts'

export const customerCalls = (stripe: Stripe) => ({
  /**
   * Returns the id of the user's customer: the same one while Stripe keeps the idempotency key (24 hours). `missingCustomerId` is an earlier
   * customer that Stripe no longer knows.
   */
  createCustomer: async (userId: string, missingCustomerId: string | null = null): Promise<string> => {
    const customer = await idempotentWrite(
      ['customer', userId, ...(missingCustomerId === null ? [] : [missingCustomerId])],
      (idempotencyKey) => withoutStackTrace(() => stripe.customers.create({ metadata: { userId } }, { idempotencyKey })),
    )
    return customer.id
  },

  /** Deletes a customer, if Stripe still knows it. Its payments remain. */
  deleteCustomer: async (id: string): Promise<void> => {
    await orNullIfMissing(stripe.customers.del(id, {}, { idempotencyKey: idempotencyKey('delete', id) }))
  },
})
