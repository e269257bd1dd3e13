import { StripeError } from './errors.ts'

const authError = (message: string, more: { code?: string; type?: 'invalid_request_error' } = {}, status = 401) =>
  new StripeError(status, { type: 'invalid_request_error', message, ...more }, false)

/**
 * Returns the API key: a bearer token or the user name of basic authentication (Stripe's page "Authentication").
 * `isRestrictedKey` accepts the restricted keys that the test helper has created, in addition to the secret key.
 */
export const authorize = (
  header: string | undefined,
  secretKey: string | undefined,
  isRestrictedKey: (key: string) => boolean,
): string => {
  const key = parseKey(header)
  if (!key)
    throw authError(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.",
    )
  if (key.startsWith('pk_'))
    throw authError(
      'This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.',
      { code: 'secret_key_required' },
    )
  if (isRestrictedKey(key)) return key
  if (secretKey ? key !== secretKey : !/^(sk|rk)_test_\w+$/.test(key))
    throw authError(`Invalid API Key provided: ${maskKey(key)}`)
  return key
}

const parseKey = (header: string | undefined): string | undefined => {
  const [, scheme = '', value = ''] = /^(\w+)\s+(\S+)$/.exec(header ?? '') ?? []
  if (scheme.toLowerCase() === 'bearer') return value
  if (scheme.toLowerCase() === 'basic') return Buffer.from(value, 'base64').toString().split(':')[0]
  return undefined
}

const maskKey = (key: string): string =>
  key.length <= 12 ? '*'.repeat(key.length) : `${key.slice(0, 8)}${'*'.repeat(key.length - 12)}${key.slice(-4)}`
