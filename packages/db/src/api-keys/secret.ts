import { createHash, randomBytes } from 'node:crypto'

/** Every key begins with it, so that log masking and secret scanners recognize keys. */
export const apiKeyPrefix = 'ptvk_'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** Digits of the largest number of 32 bytes in base 62. */
const length = 43

const toBase62 = (bytes: Buffer): string => {
  let rest = BigInt(`0x${bytes.toString('hex')}`)
  let digits = ''
  for (; digits.length < length; rest /= 62n) digits = alphabet.charAt(Number(rest % 62n)) + digits
  return digits
}

/** A new random key of 256 bits: `ptvk_` and 43 letters and digits. */
export const newApiKeySecret = (): string => apiKeyPrefix + toBase62(randomBytes(32))

/** Whether a string has the form of a key. */
export const isApiKeySecret = (text: string): boolean => /^ptvk_[0-9A-Za-z]{43}$/.test(text)

/** A key is as random as a hash, so it needs no salt and no slow hash. */
export const hashApiKey = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** The first characters, by which people recognize a key. They reveal nothing useful about the rest. */
export const displayPrefixOf = (secret: string): string => secret.slice(0, apiKeyPrefix.length + 4)
