import { complete } from './sql.ts'
import { db, serve } from './twin.ts'

/**
 * The twin without a workflow. It keeps no promise when it crashes, when Stripe's events come in another order, or when somebody pays
 * twice.
 */
await serve({
  begin: async () => {},
  complete: (paid) => db.query({ name: 'complete', text: complete, values: paid }),
})
