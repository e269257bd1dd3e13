import { missingPermission } from '@pay-to-view/stripe'
import { type Check, error, ok, type Preflight, type Result, warning } from './check.ts'

const settingsUrl = 'https://dashboard.stripe.com/settings/tax'
const registrationsUrl = 'https://dashboard.stripe.com/tax/registrations'

const withoutPermission = async <T>(call: Promise<T>): Promise<T | 'not permitted'> => {
  try {
    return await call
  } catch (error) {
    if (missingPermission(error) === null) throw error
    return 'not permitted'
  }
}

/** Used if the key may not read the tax settings: creating a checkout with tax shows whether the settings are complete. */
const probeOrigin = async ({ stripe, account, prices, run }: Preflight): Promise<Result> => {
  const price = prices?.[0] ?? { amount: 1_000, currency: account?.default_currency ?? 'usd' }
  const probe = await stripe.probeCheckout({ ...price, key: `${run} tax`, managedPayments: false, automaticTax: true })
  return probe.accepted
    ? ok('Stripe accepts a checkout with tax')
    : error(`Stripe rejects a checkout with tax: ${probe.message} Set the address: ${settingsUrl}`)
}

const originResult = async (preflight: Preflight): Promise<Result> => {
  const settings = await withoutPermission(preflight.stripe.fetchTaxSettings())
  if (settings === 'not permitted') return probeOrigin(preflight)
  const country = settings.head_office?.address.country
  if (!country)
    return error(
      `the account has no tax origin: Stripe rejects every checkout with tax. Enter the head office address: ${settingsUrl}`,
    )
  const missing = settings.status_details.pending?.missing_fields ?? []
  return settings.status === 'active'
    ? ok(`the tax origin is ${country}`)
    : error(`Stripe Tax is not active: ${missing.join(', ') || 'settings'} missing. Complete them: ${settingsUrl}`)
}

const registrationResult = async ({ stripe }: Preflight): Promise<Result> => {
  const registrations = await withoutPermission(stripe.listActiveTaxRegistrations())
  if (registrations === 'not permitted') return warning(`the key cannot read tax registrations. Check them: ${registrationsUrl}`)
  const countries = [...new Set(registrations.map(({ country }) => country))].sort()
  return countries.length === 0
    ? warning(
        `there are no active tax registrations, so Stripe calculates a tax of 0 everywhere. Add one for each country where you are registered: ${registrationsUrl}`,
      )
    : ok(`tax is collected in ${countries.join(', ')}`)
}

export const tax: Check = {
  name: 'tax',
  run: async (preflight) =>
    preflight.automaticTax
      ? [await originResult(preflight), await registrationResult(preflight)]
      : [ok('AUTOMATIC_TAX is off: no tax is collected. To check tax, set AUTOMATIC_TAX to the same value as on the server')],
}
