import { createDb, type Db, readFacts, readWorkflowStartInput } from '@pay-to-view/db'
import { createEventIngestor, createReconciler } from '@pay-to-view/ingestion'
import { createGateway, createStripe, isLivemode } from '@pay-to-view/stripe'
import { createPurchaseClient, type PurchaseClient } from '@pay-to-view/workflow-client/client'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { temporalOptions } from '@pay-to-view/workflow-client/environment'
import { environments, readEnvironment } from './env.ts'
import { createProgress } from './progress.ts'

export interface ReconcileOptions {
  since: number
  dryRun: boolean
  /** This purchase alone. */
  purchase?: string
}

/** Tells one purchase again what is known of it, so that its row, its refunds and its access are written anew, and lets it ask Stripe about its payment. */
const refreshPurchase = async (db: Db, purchases: PurchaseClient, id: string): Promise<number> => {
  const purchase = await readWorkflowStartInput(db, id)
  if (!purchase) {
    console.error(`There is no purchase ${id}.`)
    return 1
  }
  const { facts, projection } = await readFacts(db, id)
  const { payment } = projection
  await purchases.signalStripeEvent(purchase, {
    eventId: null,
    snapshots: Object.values(facts),
    refresh: payment && { paymentIntentId: payment.id },
  })
  console.log(`${id} is told what is known of it${payment ? `, and asks Stripe about ${payment.id}` : ''}.`)
  return 0
}

/**
 * Compares Stripe's events of the last `since` seconds with the ledger, and what waits with the workflows, and mends it unless `dryRun`.
 * Exits with 1 where a dry run found something, or something could not be done.
 */
export const runReconcile = async ({ since, dryRun, purchase }: ReconcileOptions): Promise<number> => {
  const env = readEnvironment(environments.all)
  const db = createDb(env.DATABASE_URL, { connections: 4 })
  const temporal = createTemporalClient(temporalOptions(env))
  try {
    const stripe = createGateway(createStripe({ secretKey: env.STRIPE_SECRET_KEY, apiBase: env.STRIPE_API_BASE }))
    const purchases = createPurchaseClient({ client: temporal, taskQueue: env.TASK_QUEUE })
    if (purchase !== undefined) return await refreshPurchase(db, purchases, purchase)
    const ingestor = createEventIngestor({ db, stripe, purchases, livemode: isLivemode(env.STRIPE_SECRET_KEY) })
    const now = Math.floor(Date.now() / 1000)
    // Somebody who asks wants to know of everything: also of what a webhook may still bring.
    const { events, drift, unreadable } = await createReconciler({ db, stripe, purchases, ingestor, graceSeconds: 0 }).reconcile({
      since: now - since,
      until: now,
      dryRun,
      onProgress: createProgress('events compared'),
      onDrift: ({ kind, id, detail }) => console.log(`${dryRun ? 'would mend' : 'mended'}  ${kind}  ${id}  ${detail}`),
    })
    for (const { id, type } of unreadable) console.log(`cannot be read  ${id}  ${type}`)
    console.log(`${events} events of Stripe's compared, ${drift.length} ${dryRun ? 'to mend' : 'mended'}.`)
    return dryRun && drift.length > 0 ? 1 : 0
  } finally {
    await temporal.connection.close()
    await db.$disconnect()
  }
}
