import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { invalidParam } from '../http/errors.ts'
import type { BuyerLocation, LineItem, LineTax } from '../store/objects.ts'
import { roundToStep } from './money.ts'
import { EU_RATES, OTHER_RATES } from './tax-rates.ts'
import { isRegistered, taxSettings } from './tax-settings.ts'

const NONTAXABLE = 'txcd_00000000'

type Reason = NonNullable<LineTax['taxability_reason']>

const percentageOf = (account: Account, line: LineItem, { country, tax_id }: BuyerLocation): [number, Reason] => {
  const product = account.store.products.get(String(line.price.product))
  if (!isRegistered(account, country)) return [0, 'not_collecting']
  const code = product?.tax_code ?? taxSettings(account).defaults.tax_code
  if (code === NONTAXABLE) return [0, 'product_exempt']
  const isForeign = country !== taxSettings(account).head_office?.address.country
  if (tax_id?.type === 'eu_vat' && isForeign && country in EU_RATES) return [0, 'reverse_charge']
  const percentage = EU_RATES[country] ?? OTHER_RATES[country] ?? 0
  return percentage === 0 ? [0, 'not_subject_to_tax'] : [percentage, 'standard_rated']
}

/** Returns whether a price includes the tax. A price without a tax behavior uses the account's default tax behavior. */
const isInclusive = (account: Account, { price }: LineItem): boolean => {
  const behavior = price.tax_behavior === 'unspecified' ? taxSettings(account).defaults.tax_behavior : price.tax_behavior
  if (behavior === 'inferred_by_currency') return !['usd', 'cad'].includes(price.currency)
  return behavior === 'inclusive'
}

/** Returns the tax of a line. The line's discount must have been calculated already. */
export const automaticTax = (account: Account, line: LineItem, location: BuyerLocation): LineTax =>
  lineTax(line, location, isInclusive(account, line), ...percentageOf(account, line, location))

/** A percentage can have up to four decimal places. */
const SCALE = 10_000

/** Calculates the tax of a line, rounded half up. An inclusive tax is part of the price: price × rate / (100 + rate). */
export const lineTax = (
  { amount_subtotal, amount_discount, currency }: LineItem,
  { country }: BuyerLocation,
  inclusive: boolean,
  percentage: number,
  taxability_reason: Reason,
): LineTax => {
  const gross = amount_subtotal - amount_discount
  const rate = Math.round(percentage * SCALE)
  const amount = roundToStep(gross * rate, 100 * SCALE + (inclusive ? rate : 0), currency)
  return {
    amount,
    rate: taxRate(country, inclusive, percentage),
    taxability_reason,
    taxable_amount: inclusive ? gross - amount : gross,
  }
}

const taxRate = (country: string, inclusive: boolean, percentage: number): Stripe.TaxRate => ({
  id: `txr_1Emulated${country}${inclusive ? 'Inclusive' : 'Exclusive'}`,
  object: 'tax_rate',
  active: false,
  country,
  created: 0,
  description: null,
  display_name: country === 'US' ? 'Sales Tax' : country === 'JP' ? 'JCT' : 'VAT',
  effective_percentage: percentage,
  flat_amount: null,
  inclusive,
  jurisdiction: country,
  jurisdiction_level: 'country',
  livemode: false,
  metadata: {},
  percentage,
  rate_type: percentage === 0 ? null : 'percentage',
  state: null,
  tax_type: country === 'US' ? 'sales_tax' : country === 'JP' ? 'jct' : 'vat',
})

const TAX_ID_TYPES: Record<string, [NonNullable<BuyerLocation['tax_id']>['type'], RegExp]> = {
  AU: ['au_abn', /^\d{11}$/],
  CH: ['ch_vat', /^CHE-?\d{3}\.?\d{3}\.?\d{3} ?(MWST|TVA|IVA)$/],
  GB: ['gb_vat', /^(GB)?\d{9}(\d{3})?$/],
  JP: ['jp_trn', /^T\d{13}$/],
  NO: ['no_vat', /^\d{9}MVA$/],
  NZ: ['nz_gst', /^\d{8,9}$/],
  SG: ['sg_gst', /^[A-Z0-9]{8,13}$/],
  US: ['us_ein', /^\d{2}-?\d{7}$/],
}

/** Returns a tax id with its type, which depends on the buyer's country, as in Stripe's checkout form. */
export const taxIdOf = (country: string, value: string): NonNullable<BuyerLocation['tax_id']> => {
  const text = value.trim().toUpperCase()
  const prefix = country === 'GR' ? 'EL' : country
  const [type, pattern] = TAX_ID_TYPES[country] ?? ['eu_vat' as const, new RegExp(`^${prefix}[A-Z0-9+*]{2,12}$`)]
  if ((type === 'eu_vat' && !(country in EU_RATES)) || !pattern.test(text))
    throw invalidParam(`Your tax ID is invalid for the country ${country}.`, { code: 'tax_id_invalid', param: 'tax_id' })
  return { type, value: text }
}
