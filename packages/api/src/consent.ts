import { acknowledgments, type ConsentTerms, consentTerms } from '@pay-to-view/purchase'
import { z } from 'zod'
import { ApiError, type FieldError } from './errors.ts'

/** The texts that the site must show before a payment; null unless CONSENT=eu. */
export const publicConsent = z
  .object({
    version: z.string(),
    texts: z.object({ immediateAccess: z.string(), withdrawalWaived: z.string() }),
  })
  .nullable()
  .meta({
    description:
      'The acknowledgments that the buyer must give before the payment; null if none are required. Show each text next to an unchecked checkbox, and send the acknowledgments as `consent` when you create the purchase',
  })

/** The consent that buyers must give before a payment, depending on CONSENT; null if no consent is required. */
export const consentTermsFor = (setting: 'off' | 'eu'): ConsentTerms | null => (setting === 'eu' ? consentTerms : null)

interface GivenConsent {
  immediateAccess?: boolean | undefined
  withdrawalWaived?: boolean | undefined
  version?: string | undefined
}

const fix =
  'Show both texts from `consent` in the response of GET /client/v1/pay-to-view/products, and send `consent` once the buyer has checked both checkboxes'

/**
 * Returns the version of the texts that the buyer has consented to; null if no consent is required. Throws `consent_required` if an
 * acknowledgment is missing or the version is outdated.
 */
export const requireConsent = (terms: ConsentTerms | null, given: GivenConsent | undefined): string | null => {
  if (terms === null) return null
  const required = (fields: FieldError[]) => new ApiError('consent_required', { fields })
  if (given === undefined)
    throw required([{ field: 'consent', message: `Expected { "immediateAccess": true, "withdrawalWaived": true }. ${fix}` }])
  const missing = acknowledgments.filter((name) => !given[name])
  if (missing.length > 0) throw required(missing.map((name) => ({ field: `consent.${name}`, message: `Expected true. ${fix}` })))
  if (given.version !== undefined && given.version !== terms.version)
    throw required([{ field: 'consent.version', message: `Expected ${terms.version}: the texts have changed. ${fix}` }])
  return terms.version
}
