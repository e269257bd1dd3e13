import { randomUUID } from 'node:crypto'
import { waitFor } from '@pay-to-view/devstack/wait'
import { createEventIngestor, type EventIngestor } from '@pay-to-view/ingestion'
import type { CheckoutRequest } from '@pay-to-view/stripe'
import type { Database } from '@pay-to-view/testing/database'
import { createPurchaseClient } from '@pay-to-view/workflow-client/client'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { fetchHistories } from './histories.ts'
import { createTestPurchase, nosferatu, type ProductName, type TestEntity, type TestPurchase } from './test-purchase.ts'
import { startTestStripe } from './test-stripe.ts'
import { createTestWorkers } from './test-worker.ts'

export type { TestPurchase } from './test-purchase.ts'

/** In milliseconds. */
export const second = 1_000
export const minute = 60 * second
export const day = 86_400 * second

export interface TestEnvironmentOptions {
  server: () => Promise<TestWorkflowEnvironment>
  database: Database
  bundle: WorkflowBundleWithSourceMap
  /** The time by which Stripe's clock is behind Temporal's clock. */
  stripeClockLagMs?: number
}

export type TestEnvironment = Awaited<ReturnType<typeof createTestEnvironment>>

const waitOptions = { timeoutMs: 15_000, intervalMs: 20 }

/**
 * A Temporal server and a worker with the real activities, Postgres and the Stripe emulator. The emulator's webhooks pass through the real
 * ingestion. Stripe's clock follows Temporal's: it is set before each activity and after each advance.
 */
export const createTestEnvironment = async ({ server, database, bundle, stripeClockLagMs = 0 }: TestEnvironmentOptions) => {
  const temporal = await server()
  const { db } = database
  const taskQueue = `test-${randomUUID()}`
  const ingestor: { current: EventIngestor | null } = { current: null }
  const stripe = await startTestStripe(async (event) => {
    if (!ingestor.current) throw new Error('The test environment is closed')
    return ingestor.current.ingest(event, 'webhook')
  })
  const purchases = createPurchaseClient({ client: temporal.client, taskQueue })
  ingestor.current = createEventIngestor({ db, stripe: stripe.gateway, purchases, livemode: false })
  const syncStripeClock = async () => stripe.setClock((await temporal.currentTimeMs()) - stripeClockLagMs)
  const workers = createTestWorkers({
    temporal,
    taskQueue,
    db,
    stripe: stripe.gateway,
    purchases,
    beforeActivity: syncStripeClock,
  })
  let stopWorker = await workers.start(bundle)
  const purchaseIds: string[] = []
  const clientSecrets: string[] = []

  const row = (id: string) => db.purchase.findUniqueOrThrow({ where: { id }, include: { grant: true } })

  const isClosed = async ({ workflow }: TestPurchase): Promise<boolean> => (await workflow.describe()).status.name !== 'RUNNING'

  const histories = () => fetchHistories(temporal.client, workers.workflowIdByRun)

  const areEventsApplied = async (): Promise<boolean> => {
    if (await stripe.hasPendingWebhooks()) return false
    const unapplied = { appliedAt: null, outcome: { in: ['received', 'matched'] }, purchaseId: { in: purchaseIds } }
    return (await db.stripeEvent.count({ where: unapplied })) === 0
  }

  return {
    temporal,
    taskQueue,
    db,
    stopPostgres: database.stopServer,
    stripe,
    ingestor: ingestor.current,
    purchases,
    clientSecrets,
    row,
    isClosed,
    createPurchase: async (
      product: ProductName = 'rental',
      changes: Partial<CheckoutRequest> = {},
      entity: TestEntity = nosferatu,
    ): Promise<TestPurchase> => {
      const deps = { temporal, db, stripe: stripe.gateway, purchases }
      const { purchase, clientSecret } = await createTestPurchase(deps, product, changes, entity)
      purchaseIds.push(purchase.id)
      if (clientSecret) clientSecrets.push(clientSecret)
      return purchase
    },
    /** Advances time and triggers everything that becomes due. */
    advance: async (milliseconds: number): Promise<void> => {
      await temporal.sleep(milliseconds)
      await syncStripeClock()
    },
    /** Returns the purchase's row once the purchase has the given status. */
    waitForStatus: (status: string, { id }: TestPurchase) => {
      const find = async () => {
        const current = await row(id)
        return current.status === status ? current : null
      }
      return waitFor(`${id} to be ${status}`, find, waitOptions)
    },
    waitUntilClosed: (purchase: TestPurchase) => waitFor(`${purchase.id} to close`, () => isClosed(purchase), waitOptions),
    waitUntilEventsApplied: () => waitFor('every event to be applied', areEventsApplied, waitOptions),
    /** Returns the history of every run that has executed an activity, oldest first. */
    histories,
    /** Stops the worker and starts a worker with a different bundle. */
    replaceWorker: async (workflowBundle: WorkflowBundleWithSourceMap): Promise<void> => {
      await stopWorker()
      stopWorker = await workers.start(workflowBundle)
    },
    /** Makes the next executions of an activity fail after they have done their work. */
    loseActivityResults: (activity: string, times: number): void => void workers.resultsToLose.set(activity, times),
    /** Returns how often an activity was scheduled, local activities excluded. */
    countRemoteActivities: async (activity: string): Promise<number> =>
      (await histories())
        .flatMap(({ history }) => history.events ?? [])
        .filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === activity).length,
    close: async () => {
      ingestor.current = null
      await stopWorker()
      await stripe.stop()
      await temporal.teardown()
    },
  }
}
