import type { Db } from './client.ts'

/**
 * Replaces a customer that no longer exists in Stripe, unless another process has already replaced it. The new customer has no email
 * address yet; the next attempt sets it.
 */
export const replaceCustomer = async (db: Db, userId: string, missing: string, stripeCustomerId: string): Promise<void> => {
  await db.customer.updateMany({ where: { userId, stripeCustomerId: missing }, data: { stripeCustomerId, emailHash: null } })
}

/** Stores the hash of the email address that Stripe now has for a customer, unless the user has a different customer by now. */
export const saveCustomerEmailHash = async (
  db: Db,
  userId: string,
  stripeCustomerId: string,
  emailHash: string,
): Promise<void> => {
  await db.customer.updateMany({ where: { userId, stripeCustomerId }, data: { emailHash } })
}
