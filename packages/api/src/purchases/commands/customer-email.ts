import { createHmac } from 'node:crypto'

/**
 * Returns a keyed hash of an email address, so that a change is detected without storing the address. With a new key, every address looks
 * changed, and is sent to Stripe once more.
 */
export const createEmailHash =
  (key: string) =>
  (email: string): string =>
    createHmac('sha256', key).update(`customer email\0${email}`).digest('base64url')
