import type { Route } from '../http/route.ts'
import { accounts } from './account.ts'
import { checkoutSessions } from './checkout-sessions.ts'
import { customers } from './customers.ts'
import { disputes } from './disputes.ts'
import { events } from './events.ts'
import { balanceTransactions, charges, paymentIntents } from './payments.ts'
import { prices, products } from './products.ts'
import { refunds } from './refunds.ts'
import { webhookEndpoints } from './webhook-endpoints.ts'

export const routes: Route[] = [
  ...customers,
  ...checkoutSessions,
  ...paymentIntents,
  ...charges,
  ...refunds,
  ...disputes,
  ...balanceTransactions,
  ...events,
  ...webhookEndpoints,
  ...products,
  ...prices,
  ...accounts,
]
