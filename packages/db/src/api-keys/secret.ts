import { createHash, randomBytes } from 'node:crypto'

/** The prefix of every key, by which log masking and secret scanners recognize keys. */
export const apiKeyPrefix = 'ptvk_'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** The number of base-62 digits that 32 bytes need. */
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

/** The key has 256 random bits, so hashing it needs neither a salt nor a slow algorithm. */
export const hashApiKey = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** The first characters, by which people recognize a key. They reveal nothing useful about the remaining characters. */
export const displayPrefixOf = (secret: string): string => secret.slice(0, apiKeyPrefix.length + 4)
