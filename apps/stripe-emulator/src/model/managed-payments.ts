import { ACCOUNT_ID, type Account } from '../account.ts'
import { invalidParam } from '../http/errors.ts'
import type { BuyerLocation, LineItem, LineTax, Session } from '../store/objects.ts'
import type { SessionParams } from './session-params.ts'
import { lineTax } from './tax.ts'

/**
 * Link, the merchant of record, adds tax when the buyer pays. Real rates depend on the buyer's address; the emulator uses this fixed
 * rate.
 */
const TAX_PERCENT = 10

/**
 * Returns whether a tax code is eligible for Managed Payments. For example, the codes of digital goods and services are eligible, but the
 * catch-all code txcd_99999999 is not (Stripe's page "Managed Payments eligibility").
 */
const isEligible = (taxCode: unknown): boolean => typeof taxCode === 'string' && /^txcd_10\d{6}$/.test(taxCode)

const AUTOMATIC: Session['automatic_tax'] = {
  enabled: true,
  liability: { type: 'self' },
  provider: 'stripe',
  status: 'requires_location_inputs',
}

/**
 * Since July 2026, Managed Payments is on by default for some new accounts. On these accounts, a session's products need tax
 * codes unless the request contains managed_payments[enabled]=false.
 */
export const managedPaymentsOf = (
  account: Account,
  { managed_payments, automatic_tax }: SessionParams,
  lines: LineItem[],
): Pick<Session, 'managed_payments' | 'automatic_tax'> => {
  const enabled = managed_payments?.enabled ?? account.settings.managedPayments
  const off = { enabled: false, liability: null, provider: null, status: null }
  if (!enabled) return { managed_payments: { enabled }, automatic_tax: automatic_tax?.enabled ? AUTOMATIC : off }
  const why = managed_payments?.enabled ? '' : ', which is enabled by default on your account'
  if (automatic_tax)
    throw invalidParam(
      `automatic_tax cannot be used with Managed Payments${why}. Remove automatic_tax, or pass managed_payments[enabled]=false to disable it for this request.`,
      { param: 'automatic_tax' },
    )
  const index = lines.findIndex(({ price }) => !isEligible(account.store.products.get(String(price.product))?.tax_code))
  if (index >= 0) throw missingTaxCode(index, why)
  return {
    managed_payments: { enabled },
    automatic_tax: AUTOMATIC,
  }
}

const missingTaxCode = (index: number, why: string) =>
  invalidParam(
    `Invalid line_items[${index}]: the product tax code is missing. Set the product's tax_code field to an eligible product tax code (more details: https://docs.stripe.com/payments/managed-payments/eligibility#product-tax-code-requirements). Product tax code is required for Managed Payments${why}. If you want to disable Managed Payments on this session, you can pass managed_payments[enabled]=false. You can configure whether Managed Payments is enabled by default at https://dashboard.stripe.com/${ACCOUNT_ID}/test/settings/managed-payments.`,
    { param: `line_items[${index}]` },
  )

/** Returns the tax that is added to the price when the buyer pays. */
export const managedTax = (line: LineItem, location: BuyerLocation): LineTax =>
  lineTax(line, location, false, TAX_PERCENT, 'standard_rated')
