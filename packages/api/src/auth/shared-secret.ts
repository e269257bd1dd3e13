import { createPublicKey, X509Certificate } from 'node:crypto'

const succeeds = (parse: () => unknown): boolean => {
  try {
    parse()
    return true
  } catch {
    return false
  }
}

const isJsonObject = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}

const isPublished = (text: string): boolean => text.includes('-----BEGIN') || /^https?:\/\//.test(text) || isJsonObject(text)

/**
 * Whether the string is a PEM, a JWK or JWKS, a URL, a public key or a certificate, base64-encoded or not. None of these can be a shared
 * secret: they are public, so anyone could sign tokens with them.
 */
export const isPublicKeyText = (text: string): boolean => {
  const bytes = Buffer.from(text, 'base64')
  return (
    isPublished(text.trim()) ||
    isPublished(bytes.toString().trim()) ||
    succeeds(() => createPublicKey({ key: bytes, format: 'der', type: 'spki' })) ||
    succeeds(() => createPublicKey({ key: bytes, format: 'der', type: 'pkcs1' })) ||
    succeeds(() => new X509Certificate(bytes))
  )
}
