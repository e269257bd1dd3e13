import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { rejected, resourceMissing } from '../http/errors.ts'
import { newId } from '../ids.ts'
import type { TaxRegistration, TaxSettings } from '../store/objects.ts'
import { EU_RATES } from './tax-rates.ts'

/** The settings of a new account. Stripe Tax is pending until the address of the head office is set. */
const NEW_ACCOUNT: TaxSettings = {
  id: 'tax_settings',
  defaults: { provider: 'stripe', tax_behavior: 'inferred_by_currency', tax_code: 'txcd_10000000' },
  head_office: null,
}

export const taxSettings = (account: Account): TaxSettings => account.store.taxSettings.get(NEW_ACCOUNT.id) ?? NEW_ACCOUNT

export const updateTaxSettings = (account: Account, patch: Partial<TaxSettings>): TaxSettings =>
  account.store.taxSettings.put({ ...taxSettings(account), ...patch })

/** Returns the settings as an API object, which has no id. */
export const taxSettingsObject = (account: Account): Stripe.Tax.Settings => {
  const { defaults, head_office } = taxSettings(account)
  return {
    object: 'tax.settings',
    defaults,
    head_office,
    livemode: false,
    ...(head_office
      ? { status: 'active', status_details: { active: {} } }
      : { status: 'pending', status_details: { pending: { missing_fields: ['head_office'] } } }),
  }
}

const EU_WIDE = ['oss_union', 'oss_non_union', 'ioss']

/** Returns true if the account collects tax in the country. A one-stop-shop registration covers the whole EU. */
export const isRegistered = (account: Account, country: string): boolean =>
  [...account.store.taxRegistrations.values()].some(
    (registration) =>
      statusOf(account, registration) === 'active' &&
      (registration.country === country || (isEuWide(registration) && country in EU_RATES)),
  )

const isEuWide = ({ country_options }: TaxRegistration): boolean =>
  Object.values(country_options).some((options) => EU_WIDE.includes(options?.type ?? ''))

export const statusOf = (account: Account, { active_from, expires_at }: TaxRegistration): Stripe.Tax.Registration.Status => {
  const now = account.nowSeconds()
  if (expires_at !== null && expires_at <= now) return 'expired'
  return active_from > now ? 'scheduled' : 'active'
}

/** Returns a registration with its current status. */
export const registrationObject = (account: Account, registration: TaxRegistration) => ({
  ...registration,
  status: statusOf(account, registration),
})

export const getRegistration = (account: Account, id: string): TaxRegistration => {
  const registration = account.store.taxRegistrations.get(id)
  if (!registration) throw resourceMissing('tax registration', id)
  return registration
}

export const createRegistration = (
  account: Account,
  fields: { country: string; country_options: TaxRegistration['country_options']; active_from: number; expires_at?: number },
): TaxRegistration => {
  if (!taxSettings(account).head_office)
    throw rejected('You must set your head office address before you can register: POST /v1/tax/settings.', {
      code: 'stripe_tax_inactive',
    })
  return account.store.taxRegistrations.put({
    id: newId('tax_registration'),
    object: 'tax.registration',
    created: account.nowSeconds(),
    livemode: false,
    status: 'active',
    expires_at: null,
    ...fields,
  })
}
