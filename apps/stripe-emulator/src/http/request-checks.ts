import type { FastifyRequest } from 'fastify'
import Stripe from 'stripe'
import { ACCOUNT_ID } from '../account.ts'
import { invalidParam, notSupported, StripeError } from './errors.ts'
import { API_VERSIONS } from './stripe-api.ts'

/**
 * The API version for which the `stripe trigger` fixtures are written. The CLI sends no version and relies on the account's default
 * version.
 */
const CLI_VERSION = '2026-08-26.dahlia'

/** Returns the API version whose parameters the request uses. Responses always have the shape of the emulator's own version. */
export const versionOf = ({ headers }: FastifyRequest): string => {
  const version = headers['stripe-version']
  if (typeof version === 'string') return version
  return headers['user-agent']?.includes('stripe-cli/') ? CLI_VERSION : Stripe.API_VERSION
}

/** Checks the headers that Stripe checks before the parameters. */
export const checkHeaders = ({ headers }: FastifyRequest): void => {
  const version = headers['stripe-version']
  if (typeof version === 'string' && !API_VERSIONS.has(version)) {
    if (/^\d{4}-\d\d-\d\d\.preview\b/.test(version)) throw notSupported(`The preview API version ${version}`)
    throw invalidParam(`Invalid Stripe API version: ${version}`)
  }
  const account = headers['stripe-account']
  if (typeof account === 'string' && account !== ACCOUNT_ID)
    throw new StripeError(
      403,
      {
        type: 'invalid_request_error',
        code: 'account_invalid',
        message: `The provided key does not have access to account '${account}' (or that account does not exist). Application access may have been revoked.`,
      },
      false,
    )
}

/** Stripe's /v1 accepts only form-encoded bodies. The two messages for other content types are Stripe's own. */
export const unsupportedContentType = (contentType: string): StripeError => {
  if (contentType.startsWith('multipart/form-data')) return notSupported('A multipart request')
  return invalidParam(
    contentType.startsWith('application/json')
      ? 'Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have any questions, we can help at https://support.stripe.com/.'
      : `Invalid request: unsupported Content-Type ${contentType}. If error persists and you need assistance, please contact support@stripe.com.`,
  )
}
