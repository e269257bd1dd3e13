import { createHmac } from 'node:crypto'

/**
 * Returns a keyed hash of an e-mail address. The hash is stored instead of the address, to detect a change. After the key is replaced,
 * every address looks changed and is sent to Stripe once more.
 */
export const createEmailHash =
  (key: string) =>
  (email: string): string =>
    createHmac('sha256', key).update(`customer email\0${email}`).digest('base64url')
