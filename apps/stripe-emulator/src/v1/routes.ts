import type { Route } from '../http/route.ts'
import { accounts } from './account.ts'
import { balance } from './balance.ts'
import { charges } from './charges.ts'
import { checkoutSessions } from './checkout-sessions.ts'
import { coupons } from './coupons.ts'
import { customers } from './customers.ts'
import { disputes } from './disputes.ts'
import { events } from './events.ts'
import { invoices } from './invoices.ts'
import { paymentIntents } from './payment-intents.ts'
import { paymentMethods } from './payment-methods.ts'
import { paymentPages } from './payment-pages.ts'
import { payouts } from './payouts.ts'
import { prices, products } from './products.ts'
import { promotionCodes } from './promotion-codes.ts'
import { refunds } from './refunds.ts'
import { tax } from './tax.ts'
import { webhookEndpoints } from './webhook-endpoints.ts'

export const routes: Route[] = [
  ...customers,
  ...checkoutSessions,
  ...paymentIntents,
  ...paymentMethods,
  ...paymentPages,
  ...charges,
  ...refunds,
  ...disputes,
  ...balance,
  ...payouts,
  ...invoices,
  ...tax,
  ...events,
  ...webhookEndpoints,
  ...products,
  ...prices,
  ...coupons,
  ...promotionCodes,
  ...accounts,
]
