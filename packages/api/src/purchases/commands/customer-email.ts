import { createHmac } from 'node:crypto'

/**
 * Returns a keyed hash of an e-mail address, by which a changed address is noticed although none is stored. A new key makes every address look
 * changed, which only sends each of them to Stripe once more.
 */
export const createEmailHash =
  (key: string) =>
  (email: string): string =>
    createHmac('sha256', key).update(`customer email\0${email}`).digest('base64url')
