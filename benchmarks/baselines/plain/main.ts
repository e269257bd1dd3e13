import { db, serve } from './server.ts'
import { completePurchase } from './sql.ts'

/** The baseline without workflows. It gives no guarantees in case of crashes, out-of-order events or duplicate payments. */
await serve({
  startWorkflow: async () => {},
  recordPayment: (values) => db.query({ name: 'complete_purchase', text: completePurchase, values }),
})
