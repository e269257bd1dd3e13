import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

/** Encrypts stored secrets with a key that is not in the database. */
export interface SecretBox {
  encrypt(text: string): string
  /** Throws `UndecryptableSecret` if no key can decrypt it. */
  decrypt(encrypted: string): string
  /** Whether the text was encrypted with the current key. */
  isCurrent(encrypted: string): boolean
}

export class UndecryptableSecret extends Error {
  override name = 'UndecryptableSecret'
}

export const encryptionKeyBytes = 32

const algorithm = 'aes-256-gcm'
const format = 'v1'

/** The id of a key, which is stored with the text that it encrypts. A hash of a random key reveals nothing about the key. */
const keyIdOf = (key: Buffer): string => createHash('sha256').update(key).digest('hex').slice(0, 8)

/** The first key encrypts; all keys can decrypt. */
export const createSecretBox = (keys: readonly Buffer[]): SecretBox => {
  const [current] = keys
  if (!current) throw new TypeError('Expected at least one key')
  const currentId = keyIdOf(current)
  const keysById = new Map(keys.map((key) => [keyIdOf(key), key]))

  return {
    encrypt: (text) => {
      const iv = randomBytes(12)
      const cipher = createCipheriv(algorithm, current, iv)
      const content = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return [format, currentId, ...[iv, content, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join('.')
    },

    decrypt: (encrypted) => {
      const [version, keyId = '', ...parts] = encrypted.split('.')
      const [iv, content, tag] = parts.map((part) => Buffer.from(part, 'base64url'))
      const key = keysById.get(keyId)
      if (version !== format || !key || !iv || !content || !tag)
        throw new UndecryptableSecret('A webhook secret was encrypted with a key that is not in WEBHOOKS_ENCRYPTION_KEYS')
      try {
        const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: 16 })
        decipher.setAuthTag(tag)
        return Buffer.concat([decipher.update(content), decipher.final()]).toString('utf8')
      } catch (error) {
        throw new UndecryptableSecret('A webhook secret in the database is corrupt', { cause: error })
      }
    },

    isCurrent: (encrypted) => encrypted.split('.')[1] === currentId,
  }
}
