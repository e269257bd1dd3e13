import { createPrivateKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'

/** The shortest key that RS256 accepts (RFC 7518, section 3.3). */
const minModulusBits = 2048

const decodeBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8')

/** Reads a private RSA key: a PEM, a PEM in base64, or a JSON Web Key in base64. Returns null for any other text. */
const readRsaKey = (text: string): KeyObject | null => {
  const decoded = text.includes('-----BEGIN') ? text : decodeBase64(text)
  try {
    const key = decoded.trimStart().startsWith('{')
      ? createPrivateKey({ key: z.looseObject({ kty: z.string() }).parse(JSON.parse(decoded)), format: 'jwk' })
      : createPrivateKey(decoded)
    const bits = key.asymmetricKeyType === 'rsa' ? key.asymmetricKeyDetails?.modulusLength : undefined
    return bits !== undefined && bits >= minModulusBits ? key : null
  } catch {
    return null
  }
}

/** An environment variable with a private RSA key. */
export const rsaPrivateKey = z.string().transform((text, context): KeyObject => {
  const key = readRsaKey(text)
  if (key) return key
  context.addIssue(
    `Expected a private RSA key of at least ${minModulusBits} bits: a PEM, a base64-encoded PEM or a base64-encoded JSON Web Key, as the provider shows it`,
  )
  return z.NEVER
})
