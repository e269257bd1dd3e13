import { ACCOUNT_ID, type Account } from '../account.ts'
import { StripeError } from './errors.ts'

/**
 * The permissions' resource names, by the first segments of the path. The names are from Stripe's page "Permissions reference" (Stripe
 * Apps). Errors add the rak_ prefix. The names for accounts, tax_registrations and tax_codes are assumptions.
 */
const RESOURCES: [prefix: string, resource: string][] = [
  ['/v1/account', 'accounts_kyc_basic'],
  ['/v1/balance_transactions', 'balance_transaction_source'],
  ['/v1/balance', 'balance'],
  ['/v1/charges', 'charge'],
  ['/v1/checkout/sessions', 'checkout_session'],
  ['/v1/coupons', 'coupon'],
  ['/v1/customers', 'customer'],
  ['/v1/disputes', 'dispute'],
  ['/v1/events', 'event'],
  ['/v1/invoice', 'invoice'],
  ['/v1/payment_intents', 'payment_intent'],
  ['/v1/payment_methods', 'payment_method'],
  ['/v1/payouts', 'payout'],
  ['/v1/prices', 'plan'],
  ['/v1/products', 'product'],
  ['/v1/promotion_codes', 'promotion_code'],
  ['/v1/refunds', 'charge'],
  ['/v1/tax/registrations', 'tax_registrations'],
  ['/v1/tax/settings', 'tax_settings'],
  ['/v1/tax_codes', 'tax_codes'],
  ['/v1/webhook_endpoints', 'webhook'],
]

export const RESTRICTABLE = [...new Set(RESOURCES.map(([, resource]) => resource))]

/**
 * A restricted key that the test helper has created has only its own permissions; any other key has all permissions. Write
 * permission includes read permission.
 */
export const assertPermitted = (account: Account, key: string, method: string, path: string): void => {
  const restricted = account.store.restrictedKeys.get(key)
  const resource = RESOURCES.find(([prefix]) => path.startsWith(prefix))?.[1]
  if (!restricted || !resource) return
  const needed = method === 'GET' ? 'read' : 'write'
  const granted = restricted.permissions[resource]
  if (granted === 'write' || granted === needed) return
  throw new StripeError(
    403,
    {
      type: 'invalid_request_error',
      message: `The provided key '${maskRestricted(key)}' does not have the required permissions for this endpoint on account '${ACCOUNT_ID}'. Having the 'rak_${resource}_${needed}' permission would allow this request to continue.`,
    },
    false,
  )
}

const maskRestricted = (key: string): string => `${key.slice(0, 8)}${'*'.repeat(Math.max(key.length - 14, 0))}${key.slice(-6)}`
