import { ACCOUNT_ID, type Account } from '../account.ts'
import { invalidParam } from '../http/errors.ts'
import type { LineItem, Session } from '../store/objects.ts'
import type { SessionParams } from './session-params.ts'

/** Link, the merchant of record, adds tax at payment. Real rates depend on the customer's address; this one is the emulator's. */
const TAX_RATE = 0.1

/** Digital goods and services are eligible, for example; the catch-all txcd_99999999 is not (Stripe's page "Managed Payments eligibility"). */
const isEligible = (taxCode: unknown): boolean => typeof taxCode === 'string' && /^txcd_10\d{6}$/.test(taxCode)

/**
 * Since July 2026 Managed Payments are on by default for some new accounts. Then a session needs tax codes for its products, unless it
 * sends managed_payments[enabled]=false.
 */
export const managedPaymentsOf = (
  account: Account,
  { managed_payments, automatic_tax }: SessionParams,
  lines: LineItem[],
): Pick<Session, 'managed_payments' | 'automatic_tax'> => {
  const enabled = managed_payments?.enabled ?? account.settings.managedPayments
  const off = { enabled: false, liability: null, provider: null, status: null }
  if (!enabled) return { managed_payments: { enabled }, automatic_tax: off }
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
    automatic_tax: { enabled, liability: { type: 'self' }, provider: 'stripe', status: 'requires_location_inputs' },
  }
}

const missingTaxCode = (index: number, why: string) =>
  invalidParam(
    `Invalid line_items[${index}]: the product tax code is missing. Set the product's tax_code field to an eligible product tax code (more details: https://docs.stripe.com/payments/managed-payments/eligibility#product-tax-code-requirements). Product tax code is required for Managed Payments${why}. If you want to disable Managed Payments on this session, you can pass managed_payments[enabled]=false. You can configure whether Managed Payments is enabled by default at https://dashboard.stripe.com/${ACCOUNT_ID}/test/settings/managed-payments.`,
    { param: `line_items[${index}]` },
  )

/** Before the first attempt to pay: the customer pays more than the price. */
export const addManagedTax = (account: Account, session: Session): Session => {
  const details = account.store.sessionDetails.get(session.id)
  if (!session.managed_payments?.enabled || session.payment_intent || !details) return session
  const line_items = details.line_items.map((line) => {
    const amount_tax = Math.round((line.amount_subtotal - line.amount_discount) * TAX_RATE)
    return { ...line, amount_tax, amount_total: line.amount_subtotal - line.amount_discount + amount_tax }
  })
  account.store.sessionDetails.put({ ...details, line_items })
  const sum = (amounts: number[]): number => amounts.reduce((total, amount) => total + amount, 0)
  return account.store.sessions.put({
    ...session,
    amount_total: sum(line_items.map(({ amount_total }) => amount_total)),
    automatic_tax: { ...session.automatic_tax, status: 'complete' },
    total_details: {
      amount_discount: session.total_details?.amount_discount ?? 0,
      amount_shipping: 0,
      amount_tax: sum(line_items.map(({ amount_tax }) => amount_tax)),
    },
  })
}
