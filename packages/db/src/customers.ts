import type { Db } from './client.ts'

/**
 * Replaces a customer that no longer exists in Stripe, unless another process has already replaced it. The new customer has no e-mail
 * address yet; the next attempt to create the checkout sets one.
 */
export const replaceCustomer = async (db: Db, userId: string, missing: string, stripeCustomerId: string): Promise<void> => {
  await db.customer.updateMany({ where: { userId, stripeCustomerId: missing }, data: { stripeCustomerId, emailHash: null } })
}

/** Stores the hash of the Stripe customer's new e-mail address, unless the user's customer has been replaced in the meantime. */
export const saveCustomerEmailHash = async (
  db: Db,
  userId: string,
  stripeCustomerId: string,
  emailHash: string,
): Promise<void> => {
  await db.customer.updateMany({ where: { userId, stripeCustomerId }, data: { emailHash } })
}
