import { randomUUID } from 'node:crypto'
import { attachCheckout, insertPurchase, newPurchaseId, readWorkflowStartInput } from '@pay-to-view/db'
import { waitFor } from '@pay-to-view/devstack/wait'
import { createEventIngestor, type EventIngestor } from '@pay-to-view/ingestion'
import { checkoutLifetimeMs } from '@pay-to-view/purchase'
import { buildCheckoutRequest, type CheckoutRequest } from '@pay-to-view/stripe'
import type { Database } from '@pay-to-view/testing/database'
import { createPurchaseClient } from '@pay-to-view/workflow-client/client'
import type { WorkflowStartInput } from '@pay-to-view/workflow-client/types'
import { Context } from '@temporalio/activity'
import type { WorkflowHandle } from '@temporalio/client'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { createPurchaseActivities } from '../../activities/purchase.ts'
import type { Run } from './histories.ts'
import { startLocalStripe } from './stripe-emulator.ts'

export const second = 1_000
export const minute = 60 * second
export const day = 86_400 * second

const products = {
  /** A film for 30 days: 4.99 USD. */
  film: { id: 'prod_01m85eetz6e8qthwvnjjs5zz41', name: 'Film, 30 days', amount: 499, currency: 'usd', accessDurationDays: 30 },
  /** A film for good: 12.99 USD. */
  keep: { id: 'prod_01m85eetz6e8qthwvz7dvqdg82', name: 'Film, to keep', amount: 1299, currency: 'usd', accessDurationDays: null },
}
const nosferatu = { id: 'vid_01m85eetz2e8qthwsqr5v0dh8g', title: 'Nosferatu', channelId: null }

/** A purchase with its checkout, as the API makes it. */
export interface Bought {
  id: string
  userId: string
  sessionId: string
  starter: WorkflowStartInput
  workflow: WorkflowHandle
}

export interface StageOptions {
  server: () => Promise<TestWorkflowEnvironment>
  database: Database
  bundle: WorkflowBundleWithSourceMap
  /** Milliseconds by which Stripe's clock is behind Temporal's. */
  stripeBehind?: number
}

export type Stage = Awaited<ReturnType<typeof setStage>>

/**
 * The worker with the real activities over Postgres and the emulator, whose webhooks pass through the real ingestion. Stripe's clock follows
 * Temporal's: it is moved along before each step that may ask it, and after each jump.
 */
export const setStage = async ({ server, database, bundle, stripeBehind = 0 }: StageOptions) => {
  const env = await server()
  const { db } = database
  const taskQueue = `test-${randomUUID()}`
  const ingestor: { current: EventIngestor | null } = { current: null }
  const stripe = await startLocalStripe(async (event) => {
    if (!ingestor.current) throw new Error('The test environment is closed')
    return ingestor.current.ingest(event, 'webhook')
  })
  const purchases = createPurchaseClient({ client: env.client, taskQueue })
  ingestor.current = createEventIngestor({ db, stripe: stripe.gateway, purchases, livemode: false })
  const follow = async () => stripe.moveClock((await env.currentTimeMs()) - stripeBehind)
  const runs = new Map<string, string>()
  const lost = new Map<string, number>()
  const ids: string[] = []
  const clientSecrets: string[] = []
  const startWorker = async (workflowBundle: WorkflowBundleWithSourceMap) => {
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue,
      workflowBundle,
      activities: createPurchaseActivities({ db, stripe: stripe.gateway }),
      interceptors: {
        activity: [
          () => ({
            inbound: {
              execute: async (input, next) => {
                const { workflowExecution, activityType } = Context.current().info
                if (workflowExecution) runs.set(workflowExecution.runId, workflowExecution.workflowId)
                await follow()
                const answer = await next(input)
                const more = lost.get(activityType) ?? 0
                lost.set(activityType, more - 1)
                if (more > 0) throw new Error('The answer is lost')
                return answer
              },
            },
          }),
        ],
      },
    })
    const running = worker.run()
    return async () => {
      worker.shutdown()
      await running
    }
  }
  let stopWorker = await startWorker(bundle)

  const row = (id: string) => db.purchase.findUniqueOrThrow({ where: { id }, include: { grant: true } })

  /** Inserts a purchase and makes its checkout, as `create` does. `askFor` changes what is sent to Stripe. */
  const create = async (product: keyof typeof products = 'film', askFor: Partial<CheckoutRequest> = {}): Promise<Bought> => {
    const id = newPurchaseId()
    const userId = `viewer-${id}`
    const checkoutDeadline = new Date((await env.currentTimeMs()) + checkoutLifetimeMs)
    const stripeCustomerId = await stripe.gateway.createCustomer(userId)
    const request = buildCheckoutRequest({
      purchaseId: id,
      product: products[product],
      entity: nosferatu,
      userId,
      stripeCustomerId,
      expiresAt: checkoutDeadline,
      redirect: 'never',
      returnUrl: 'http://127.0.0.1/',
    })
    const checkoutRequest = { ...request, ...askFor }
    const inserted = await insertPurchase(db, {
      id,
      userId,
      entity: nosferatu,
      product: products[product],
      stripeCustomerId,
      checkoutRequest,
      checkoutDeadline,
    })
    const starter = await readWorkflowStartInput(db, id)
    if (typeof inserted === 'string' || !starter) throw new Error(`The attempt was not inserted: ${inserted}`)
    await purchases.start(starter)
    const { sessionId, clientSecret } = await stripe.gateway.createCheckout(id, checkoutRequest)
    await attachCheckout(db, id, sessionId)
    ids.push(id)
    if (clientSecret) clientSecrets.push(clientSecret)
    return { id, userId, sessionId, starter, workflow: env.client.workflow.getHandle(id) }
  }

  const isClosed = async ({ workflow }: Bought): Promise<boolean> => (await workflow.describe()).status.name !== 'RUNNING'

  /** The history of every run that has done something, the oldest first. */
  const histories = async (): Promise<Run[]> => {
    const found: Run[] = []
    for (const [runId, workflowId] of runs) {
      found.push({ workflowId, history: await env.client.workflow.getHandle(workflowId, runId).fetchHistory() })
    }
    return found
  }

  return {
    env,
    db,
    postgresAway: database.goAway,
    stripe,
    ingestor: ingestor.current,
    purchases,
    clientSecrets,
    create,
    row,
    isClosed,
    /** Time goes on by so many milliseconds, past everything that is due in it. */
    advance: async (milliseconds: number): Promise<void> => {
      await env.sleep(milliseconds)
      await follow()
    },
    /** The purchase when its row has this status. */
    when: (status: string, { id }: Bought) =>
      waitFor(
        `${id} to be ${status}`,
        async () => {
          const now = await row(id)
          return now.status === status ? now : null
        },
        { within: 15_000, every: 20 },
      ),
    whenClosed: (bought: Bought) => waitFor(`${bought.id} to end`, () => isClosed(bought), { within: 15_000, every: 20 }),
    /** All that Stripe had to tell has been told and applied. */
    whenTold: () =>
      waitFor(
        'every event to be applied',
        async () => {
          if (await stripe.isTelling()) return false
          const waiting = { appliedAt: null, outcome: { in: ['received', 'matched'] }, purchaseId: { in: ids } }
          return (await db.stripeEvent.count({ where: waiting })) === 0
        },
        { within: 15_000, every: 20 },
      ),
    histories,
    /** The worker stops, and another takes over with this code. */
    takeOver: async (workflowBundle: WorkflowBundleWithSourceMap): Promise<void> => {
      await stopWorker()
      stopWorker = await startWorker(workflowBundle)
    },
    /** The next answers of activities of this type do not arrive, although they have done what they do. */
    loseAnswers: (activity: string, times: number): void => void lost.set(activity, times),
    /** How many activities of this type were scheduled. Local ones, which come first where both are tried, do not count. */
    steps: async (activity: string): Promise<number> =>
      (await histories())
        .flatMap(({ history }) => history.events ?? [])
        .filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === activity).length,
    clear: async () => {
      ingestor.current = null
      await stopWorker()
      await stripe.stop()
      await env.teardown()
    },
  }
}
