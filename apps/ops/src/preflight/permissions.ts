import type { PermissionName } from '@pay-to-view/stripe'
import { type Check, error, ok, type Preflight, warning } from './check.ts'

/**
 * Whether the server and the worker always need a permission, need it only with INVOICES=on, or never need it, because only a
 * command does.
 */
type Need = 'always' | 'invoices' | 'command'

/** docs/deployment.md has the same table; a test compares them. */
export const permissions: { name: PermissionName; need: Need; reason: string }[] = [
  { name: 'Checkout Sessions write', need: 'always', reason: 'create, read and expire checkouts' },
  {
    name: 'Customers write',
    need: 'always',
    reason: "create a user's customer, set its e-mail address, and delete it in `npm run forget`",
  },
  { name: 'PaymentIntents read', need: 'always', reason: 'check whether a payment has settled' },
  { name: 'Charges and Refunds write', need: 'always', reason: 'refund payments' },
  { name: 'Disputes write', need: 'always', reason: "read a payment's disputes, and stage and submit evidence" },
  { name: 'Events read', need: 'always', reason: 'find events whose webhook was lost' },
  { name: 'Promotion Codes read', need: 'always', reason: 'look up a code, and the code that a checkout used' },
  { name: 'Coupons read', need: 'always', reason: 'read the discount of a code' },
  { name: 'Balance Transaction Sources read', need: 'always', reason: "read Stripe's fees, for reports" },
  { name: 'Payouts read', need: 'always', reason: 'read which payments a payout contains, for reports' },
  { name: 'Invoices read', need: 'invoices', reason: "link to a purchase's invoice" },
  {
    name: 'PaymentIntents write',
    need: 'command',
    reason: "replace the user's id in the metadata of payments (`npm run forget`)",
  },
  { name: 'Promotion Codes write', need: 'command', reason: '`npm run promotion-codes`' },
  { name: 'Coupons write', need: 'command', reason: '`npm run promotion-codes`' },
  { name: 'Webhook Endpoints read', need: 'command', reason: '`npm run doctor -- --preflight`' },
  { name: 'Webhook Endpoints write', need: 'command', reason: '`npm run stripe:setup`' },
]

const isNeeded = (need: Need, { createInvoices }: Preflight): boolean =>
  need === 'always' || (need === 'invoices' && createInvoices)

export const permissionCheck: Check = {
  name: 'permissions',
  run: async (preflight) => {
    const { stripe, secretKey, run } = preflight
    if (!secretKey.startsWith('rk_'))
      return [ok('a secret key has every permission; a restricted key needs those in docs/deployment.md')]
    const results = []
    for (const { name, need, reason } of permissions) {
      if (await stripe.hasPermission(name, run)) results.push(ok(name))
      else {
        const detail = `the key lacks ${name}, for: ${reason}. Edit the key: https://dashboard.stripe.com/apikeys`
        results.push(isNeeded(need, preflight) ? error(detail) : warning(detail))
      }
    }
    return results
  },
}
