import { closeDb, createDb, type Db, readFacts, readWorkflowStartInput } from '@pay-to-view/db'
import { createEventIngestor, createReconciler } from '@pay-to-view/ingestion'
import { countOf } from '@pay-to-view/purchase'
import { createGateway, createStripe, isLivemode, type StripeGateway } from '@pay-to-view/stripe'
import { createPurchaseClient, type PurchaseClient } from '@pay-to-view/workflow-client/client'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { temporalOptions } from '@pay-to-view/workflow-client/environment'
import { environments, readEnvironment } from './env.ts'
import { createProgress } from './progress.ts'

export interface ReconcileOptions {
  /** In seconds. */
  since: number
  dryRun: boolean
  /** The id of a purchase; if set, only this purchase is refreshed. */
  purchase?: string
}

interface RefreshDeps {
  db: Db
  stripe: StripeGateway
  purchases: PurchaseClient
}

/**
 * Signals one purchase's workflow to apply the purchase's facts again, with the current state of the checkout in Stripe, and to refresh the
 * payment from Stripe. This rewrites the purchase's row, refunds and grant.
 */
const refreshPurchase = async ({ db, stripe, purchases }: RefreshDeps, id: string): Promise<number> => {
  const purchase = await readWorkflowStartInput(db, id)
  if (!purchase) {
    console.error(`Purchase ${id} not found.`)
    return 1
  }
  const { facts, projection, sessionId } = await readFacts(db, id)
  const checkout = sessionId === null ? [] : await stripe.fetchCheckoutSnapshots(sessionId)
  const paid = checkout.find((snapshot) => snapshot.kind === 'payment' && snapshot.status === 'paid')
  const payment = projection.payment ?? paid
  await purchases.signalStripeEvent(purchase, {
    eventId: null,
    snapshots: [...Object.values(facts), ...checkout],
    refresh: payment ? { paymentIntentId: payment.id } : null,
  })
  console.log(
    `The workflow of ${id} was signaled to apply the facts again${payment ? ` and to refresh ${payment.id} from Stripe` : ''}.`,
  )
  return 0
}

/**
 * Runs the reconciler over Stripe's events from the last `since` seconds. With `dryRun`, only reports drift. Returns the exit code: 1 if a
 * dry run found drift. Throws if a repair failed.
 */
export const runReconcile = async ({ since, dryRun, purchase }: ReconcileOptions): Promise<number> => {
  const env = readEnvironment(environments.all)
  const db = createDb(env.DATABASE_URL, { connections: 4 })
  const temporal = createTemporalClient(temporalOptions(env))
  try {
    const stripe = createGateway(createStripe({ secretKey: env.STRIPE_SECRET_KEY, apiBase: env.STRIPE_API_BASE }))
    const purchases = createPurchaseClient({ client: temporal, taskQueue: env.TASK_QUEUE })
    if (purchase !== undefined) return await refreshPurchase({ db, stripe, purchases }, purchase)
    const ingestor = createEventIngestor({
      db,
      stripe,
      purchases,
      livemode: isLivemode(env.STRIPE_SECRET_KEY),
      site: env.SITE_ID,
    })
    const now = Math.floor(Date.now() / 1000)
    // There is no grace period, so the command also processes events whose webhook may still arrive.
    const { events, drift, unreadable } = await createReconciler({ db, stripe, purchases, ingestor, graceSeconds: 0 }).reconcile({
      since: now - since,
      until: now,
      dryRun,
      onProgress: createProgress('events compared'),
      onDrift: ({ kind, id, detail }) => console.log(`${dryRun ? 'would repair' : 'repaired'}  ${kind}  ${id}  ${detail}`),
    })
    for (const { id, type } of unreadable) console.log(`unreadable  ${id}  ${type}`)
    console.log(`${countOf(events, 'Stripe event')} compared, ${drift.length} ${dryRun ? 'to repair' : 'repaired'}.`)
    return dryRun && drift.length > 0 ? 1 : 0
  } finally {
    await temporal.connection.close()
    await closeDb(db)
  }
}
