import { createHmac } from 'node:crypto'

/**
 * Returns a keyed hash of an e-mail address, which detects a change without storing the address. After the key is replaced, every address
 * looks changed and is sent to Stripe once more.
 */
export const createEmailHash =
  (key: string) =>
  (email: string): string =>
    createHmac('sha256', key).update(`customer email\0${email}`).digest('base64url')
