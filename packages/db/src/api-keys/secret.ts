import { createHash, randomBytes } from 'node:crypto'

/** The prefix of every key. Log masking and secret scanners recognize keys by this prefix. */
export const apiKeyPrefix = 'ptvk_'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** The number of base-62 digits needed for 32 bytes. */
const length = 43

const toBase62 = (bytes: Buffer): string => {
  let rest = BigInt(`0x${bytes.toString('hex')}`)
  let digits = ''
  for (; digits.length < length; rest /= 62n) digits = alphabet.charAt(Number(rest % 62n)) + digits
  return digits
}

/** Returns a new key with 256 random bits: `ptvk_` followed by 43 letters and digits. */
export const newApiKeySecret = (): string => apiKeyPrefix + toBase62(randomBytes(32))

/** Whether a string has the form of a key. */
export const isApiKeySecret = (text: string): boolean => /^ptvk_[0-9A-Za-z]{43}$/.test(text)

/** The key has 256 random bits, so hashing it needs neither a salt nor a slow algorithm. */
export const hashApiKey = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Returns the first characters, which let people recognize a key without revealing the remaining characters. */
export const displayPrefixOf = (secret: string): string => secret.slice(0, apiKeyPrefix.length + 4)
