import { z } from 'zod'
import { invalidParam, resourceMissing } from '../http/errors.ts'
import { listObject, paginate, paginateArray } from '../http/lists.ts'
import { address, fullAddress, int, paging, text } from '../http/params.ts'
import { route } from '../http/route.ts'
import { TAX_CODES } from '../model/tax-codes.ts'
import {
  createRegistration,
  getRegistration,
  registrationObject,
  statusOf,
  taxSettings,
  taxSettingsObject,
  updateTaxSettings,
} from '../model/tax-settings.ts'

const settingsParams = {
  defaults: z
    .strictObject({
      tax_behavior: z.enum(['exclusive', 'inclusive', 'inferred_by_currency']).optional(),
      tax_code: text().optional(),
    })
    .optional(),
  head_office: z.strictObject({ address: address.extend({ country: text(2) }) }).optional(),
}

/** The options per country, for example `country_options[de][type]=standard`. Other fields are accepted but ignored. */
const countryOptions = z.record(
  z.string().regex(/^[a-z]{2}$/),
  z.looseObject({ type: text(50), standard: z.looseObject({}).optional() }),
)

const registrationParams = {
  active_from: z.union([z.literal('now'), int()]),
  country: text(2),
  country_options: countryOptions,
  expires_at: int().optional(),
}

const time = (account: { nowSeconds(): number }, value: 'now' | number): number =>
  value === 'now' ? account.nowSeconds() : value

export const tax = [
  route('GET', '/v1/tax/settings', {}, (account) => taxSettingsObject(account)),
  route('POST', '/v1/tax/settings', settingsParams, (account, { defaults = {}, head_office }) => {
    const before = taxSettings(account)
    updateTaxSettings(account, {
      defaults: {
        ...before.defaults,
        ...(defaults.tax_behavior && { tax_behavior: defaults.tax_behavior }),
        ...(defaults.tax_code && { tax_code: defaults.tax_code }),
      },
      ...(head_office && { head_office: { address: fullAddress(head_office.address) } }),
    })
    return taxSettingsObject(account)
  }),
  route('POST', '/v1/tax/registrations', registrationParams, (account, { active_from, country, country_options, expires_at }) => {
    const key = country.toLowerCase()
    if (!country_options[key])
      throw invalidParam(`Missing required param: country_options[${key}].`, {
        code: 'parameter_missing',
        param: `country_options[${key}]`,
      })
    const registration = createRegistration(account, {
      country: country.toUpperCase(),
      country_options,
      active_from: time(account, active_from),
      ...(expires_at !== undefined && { expires_at }),
    })
    return registrationObject(account, registration)
  }),
  route('GET', '/v1/tax/registrations/:id', {}, (account, _, id) => registrationObject(account, getRegistration(account, id))),
  route(
    'POST',
    '/v1/tax/registrations/:id',
    { active_from: z.union([z.literal('now'), int()]).optional(), expires_at: z.union([z.literal('now'), int()]).optional() },
    (account, { active_from, expires_at }, id) => {
      const before = getRegistration(account, id)
      const after = account.store.taxRegistrations.put({
        ...before,
        ...(active_from !== undefined && { active_from: time(account, active_from) }),
        ...(expires_at !== undefined && { expires_at: time(account, expires_at) }),
      })
      return registrationObject(account, after)
    },
  ),
  route(
    'GET',
    '/v1/tax/registrations',
    { ...paging, status: z.enum(['active', 'all', 'expired', 'scheduled']).default('all') },
    (account, { status, ...query }) => {
      const found = paginate(account.store.taxRegistrations, '/v1/tax/registrations', 'tax registration', {
        ...query,
        matches: (registration) => status === 'all' || statusOf(account, registration) === status,
      })
      return listObject(
        found.data.map((registration) => registrationObject(account, registration)),
        found.has_more,
        found.url,
      )
    },
  ),
  route('GET', '/v1/tax_codes/:id', {}, (_account, _, id) => {
    const found = TAX_CODES.find((code) => code.id === id)
    if (!found) throw resourceMissing('tax code', id)
    return found
  }),
  route('GET', '/v1/tax_codes', paging, (_account, query) => paginateArray(TAX_CODES, '/v1/tax_codes', 'tax code', query)),
]
