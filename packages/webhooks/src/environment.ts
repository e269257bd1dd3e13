import { z } from 'zod'
import { encryptionKeyBytes } from './secret-box.ts'

const keys = z.string().transform((text, context): Buffer[] => {
  const parts = text.split(',').map((part) => part.trim())
  const buffers = parts.map((part) => Buffer.from(part, 'base64'))
  const isValid = buffers.every(
    (buffer, index) => buffer.length === encryptionKeyBytes && /^[A-Za-z0-9+/_-]+={0,2}$/.test(parts[index] ?? ''),
  )
  if (isValid) return buffers
  context.addIssue(
    `Expected keys of ${encryptionKeyBytes} bytes in base64, comma-separated. Create one with: openssl rand -base64 ${encryptionKeyBytes}`,
  )
  return z.NEVER
})

/** The variables of the processes that manage or call the site's webhook endpoints. */
export const webhooksEnvironment = {
  WEBHOOKS_ENCRYPTION_KEYS: keys
    .optional()
    .describe(
      'Keys that encrypt the secrets of webhook endpoints in the database: 32 bytes in base64, comma-separated. The first key encrypts; all keys decrypt. Without a key, no webhooks are sent',
    ),
  WEBHOOKS_ALLOW_PRIVATE: z
    .stringbool({ truthy: ['on', 'true'], falsy: ['off', 'false'] })
    .default(false)
    .describe('on allows webhook endpoints with http:// and in private networks. For development only'),
}
