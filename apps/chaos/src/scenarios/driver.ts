import { setTimeout as sleep } from 'node:timers/promises'
import { createPayToViewClient, type PayToViewClient, problemOf } from '@pay-to-view/client'
import { closeDb, createDb, readWorkflowStartInput } from '@pay-to-view/db'
import { waitFor } from '@pay-to-view/devstack/wait'
import { createPurchaseClient } from '@pay-to-view/workflow-client/client'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { defaultTaskQueue } from '@pay-to-view/workflow-client/messages'
import Stripe from 'stripe'

export interface StackAddresses {
  api: string
  stripeApi: string
  databaseUrl: string
  temporalAddress: string
  temporalNamespace: string
}

/** How long a call is retried while its service is down. */
const unavailableTimeoutMs = 60_000

/** How many times, and at what interval, a user retries a request that returned 503 or 429. */
const userRetries = { maxAttempts: 6, intervalMs: 500 }

/**
 * The end of an SQL statement whose CTE `moved` has set the creation times of purchases back by `$2` minutes. Corrects the report counts,
 * because the reports count checkouts by creation time.
 */
export const recordMovedCheckouts = `, recorded as (
  insert into checkout_changes (at, currency, entity_id, product_id, checkouts, paid_checkouts)
  select change.at, currency, entity_id, product_id, sign, sign * (completed_at is not null)::int
  from moved cross join lateral (values (created_at + make_interval(mins => $2::int), -1), (created_at, 1)) as change (at, sign)
)`

export type StackDriver = ReturnType<typeof createStackDriver>

/** Acts on a running stack as users and banks do, and simulates the passage of time. Calls are retried while a service is down. */
export const createStackDriver = (
  addresses: StackAddresses,
  issueToken: (user: string, options: { admin?: boolean }) => Promise<string>,
) => {
  const stripeUrl = new URL(addresses.stripeApi)
  const db = createDb(addresses.databaseUrl, { connections: 5, statementTimeoutMs: 60_000 })
  const temporal = createTemporalClient({
    address: addresses.temporalAddress,
    namespace: addresses.temporalNamespace,
    tls: false,
  })
  const stripe = new Stripe('sk_test_dashboard', {
    ...{ host: stripeUrl.hostname, port: stripeUrl.port, protocol: 'http' },
    maxNetworkRetries: 8,
  })
  const purchases = createPurchaseClient({ client: temporal, taskQueue: defaultTaskQueue })

  /** Repeats the call until the service is available again. */
  const untilAvailable = async <T>(service: string, call: () => Promise<T>): Promise<T> => {
    const probe = async () => ({ result: await call() })
    const { result } = await waitFor(service, probe, { timeoutMs: unavailableTimeoutMs, intervalMs: 100 })
    return result
  }

  const query = (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
    untilAvailable('Postgres', () => db.$queryRawUnsafe<Record<string, unknown>[]>(sql, ...values))

  return {
    db,
    temporal,
    stripe,
    query,

    /** Repeats a read from Stripe until it succeeds, because an injected API fault may affect more calls than stripe-node retries. */
    readFromStripe: <T>(read: (stripe: Stripe) => Promise<T>): Promise<T> => untilAvailable('Stripe', () => read(stripe)),

    clientFor: async (user: string, options: { admin?: boolean } = {}): Promise<PayToViewClient> =>
      createPayToViewClient({ url: addresses.api, token: await issueToken(user, options) }),

    /** Repeats a request while the API is unreachable or returns 503 or 429, as a user would. */
    retryWhileUnavailable: async <T>(request: () => Promise<T>): Promise<T> => {
      const deadline = performance.now() + unavailableTimeoutMs
      for (let responses = 0; ; ) {
        try {
          return await request()
        } catch (error) {
          const problem = problemOf(error)
          if (problem) responses += 1
          const isRetryable = !problem || problem.status === 503 || problem.status === 429
          if (!isRetryable || responses === userRetries.maxAttempts || performance.now() > deadline) throw error
        }
        await sleep(userRetries.intervalMs)
      }
    },

    /** Calls a test endpoint of the emulator (apps/stripe-emulator/README.md) and returns the HTTP status. */
    emulator: (path: string, body: object = {}, method = 'POST'): Promise<number> =>
      untilAvailable('Stripe emulator', async () => {
        const response = await fetch(`${addresses.stripeApi}/_test/${path}`, {
          method,
          ...(method === 'POST' && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
        })
        return response.status
      }),

    backdatePurchase: (id: string, minutes: number) =>
      query(
        `with moved as (update purchases set created_at = created_at - make_interval(mins => $2::int) where id = $1 returning *)
         ${recordMovedCheckouts} select id from moved`,
        [id, minutes],
      ),

    /** Moves the checkout's deadline to now and wakes the purchase's workflow, which would otherwise sleep until the original deadline. */
    reachCheckoutDeadline: async (id: string): Promise<void> => {
      await query("update purchases set checkout_deadline = now() where id = $1 and status = 'Pending'", [id])
      await untilAvailable('Temporal', async () => {
        const purchase = await readWorkflowStartInput(db, id)
        // If the workflow is not running, the reconciler has to find the purchase.
        if (!purchase || !(await purchases.isRunning(id))) return
        await purchases.signalStripeEvent(purchase, { eventId: `clock-${id}`, snapshots: [], refresh: null })
      })
    },

    close: async (): Promise<void> => {
      await temporal.connection.close()
      await closeDb(db)
    },
  }
}
