import type { Account } from '../account.ts'
import { invalidParam, notSupported, resourceMissing } from '../http/errors.ts'
import type { LineItem } from '../store/objects.ts'
import { amountError, minimumChargeAmount } from './money.ts'
import type { SessionParams } from './session-params.ts'
import { taxSettings } from './tax-settings.ts'

const HOUR_SECONDS = 3600

export const exclusiveParams = (a: string, b: string) =>
  invalidParam(`You may only specify one of these parameters: ${a}, ${b}.`, { code: 'parameters_exclusive', param: a })

export const validateMode = ({ mode, line_items }: SessionParams): void => {
  if (mode !== 'payment') throw notSupported(`A session in \`${mode}\` mode`, 'mode')
  if (!line_items?.length)
    throw invalidParam('Missing required param: line_items.', { code: 'parameter_missing', param: 'line_items' })
}

/** Enforces the rules for return_url, redirect_on_completion and success_url in Stripe's API reference, "Create a Checkout Session". */
export const validateUrls = ({ ui_mode, success_url, cancel_url, return_url, redirect_on_completion }: SessionParams): void => {
  if (ui_mode === 'hosted_page') {
    if (!success_url)
      throw invalidParam('Missing required param: success_url.', { code: 'parameter_missing', param: 'success_url' })
    if (return_url) throw onlyFor('return_url', 'embedded_page')
    if (redirect_on_completion) throw onlyFor('redirect_on_completion', 'embedded_page')
    return
  }
  if (success_url) throw onlyFor('success_url', 'hosted_page')
  if (cancel_url) throw onlyFor('cancel_url', 'hosted_page')
  if (redirect_on_completion === 'never' && return_url)
    throw invalidParam('`return_url` cannot be set when `redirect_on_completion` is `never`.', { param: 'return_url' })
  if (redirect_on_completion !== 'never' && !return_url)
    throw invalidParam('Missing required param: return_url.', { code: 'parameter_missing', param: 'return_url' })
}

const onlyFor = (param: string, mode: string) =>
  invalidParam(`\`${param}\` can only be used when \`ui_mode\` is \`${mode}\`.`, { param })

export const validExpiry = (expiresAt: number | undefined, now: number): number => {
  if (expiresAt === undefined) return now + 24 * HOUR_SECONDS
  if (expiresAt < now + HOUR_SECONDS / 2)
    throw invalidParam('The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.', {
      param: 'expires_at',
    })
  if (expiresAt > now + 24 * HOUR_SECONDS)
    throw invalidParam('The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.', {
      param: 'expires_at',
    })
  return expiresAt
}

/**
 * Returns the session's currency, which all prices must share. The `currency` parameter only specifies which currency the prices
 * must have.
 */
export const sessionCurrency = (lines: LineItem[], currency: string | undefined): string => {
  const found = lines[0]?.currency ?? 'usd'
  if (lines.some((line) => line.currency !== found))
    throw invalidParam('You cannot combine currencies on a single Checkout Session.', { param: 'line_items' })
  if (currency !== undefined && currency !== found)
    throw invalidParam(
      `The price specified only supports \`${found}\`. This doesn't match the expected currency: \`${currency}\`.`,
      { param: 'line_items[0][price]' },
    )
  return found
}

export const validateCustomer = (account: Account, { customer, customer_email, customer_creation }: SessionParams): void => {
  if (customer && customer_email) throw exclusiveParams('customer', 'customer_email')
  if (customer && customer_creation) throw exclusiveParams('customer', 'customer_creation')
  if (customer && !account.store.customers.get(customer)) throw resourceMissing('customer', customer, 'customer', 400)
}

/** Validates the tax parameters. The messages are Stripe's own, as quoted in public issues. */
export const validateTax = (
  account: Account,
  { automatic_tax, tax_id_collection, customer: id, customer_update }: SessionParams,
): void => {
  if (customer_update && !id)
    throw invalidParam('`customer_update` can only be used with `customer`.', { param: 'customer_update' })
  const customer = id ? account.store.customers.get(id) : undefined
  if (tax_id_collection?.enabled && customer && customer_update?.name !== 'auto')
    throw invalidParam(
      'Tax ID collection requires updating business name on the customer. To enable tax ID collection for an existing customer, please set `customer_update[name]` to `auto`.',
      { param: 'tax_id_collection[enabled]' },
    )
  if (!automatic_tax?.enabled) return
  if (!taxSettings(account).head_office)
    throw invalidParam(
      'You must have a valid head office address to enable automatic tax calculation in test mode. Visit https://dashboard.stripe.com/test/settings/tax to update it.',
      { param: 'automatic_tax' },
    )
  if (customer && !customer.address?.country && customer_update?.address !== 'auto')
    throw invalidParam(
      "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to the Customer or set either `customer_update[address]` to 'auto' or `customer_update[shipping]` to 'auto' to save the address entered in Checkout to the Customer.",
      { code: 'customer_tax_location_invalid' },
    )
}

/** Rejects required consent if the account has no terms URL, which can be set only in Stripe's dashboard. */
export const validateConsent = (account: Account, { consent_collection, custom_text }: SessionParams): void => {
  const isRequired = consent_collection?.terms_of_service === 'required'
  if (isRequired && !account.settings.termsUrl)
    throw invalidParam(
      'You cannot collect consent to your terms of service unless a URL is set in the Stripe Dashboard. Update your public business information https://dashboard.stripe.com/settings/public to continue.',
      { param: 'consent_collection[terms_of_service]' },
    )
  if (custom_text?.terms_of_service_acceptance && !isRequired)
    throw invalidParam(
      '`custom_text[terms_of_service_acceptance]` can only be used when `consent_collection[terms_of_service]` is `required`.',
      { param: 'custom_text[terms_of_service_acceptance]' },
    )
}

/** Validates that the total is 0 or can be charged. A discount can make an order free, but must not reduce the total below Stripe's minimum. */
export const validateAmount = (total: number, currency: string): void => {
  const error = amountError(total, currency)
  if (error) throw invalidParam(error.message, { code: error.code, param: 'line_items' })
  const minimum = minimumChargeAmount(currency)
  if (total > 0 && total < minimum)
    throw invalidParam(
      `The Checkout Session's total amount due must add up to at least ${minimum} in the smallest unit of ${currency}. See https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts.`,
      { code: 'amount_too_small', param: 'line_items' },
    )
  if (total > 99_999_999)
    throw invalidParam('The total amount must be no more than 99999999.', { code: 'amount_too_large', param: 'line_items' })
}
