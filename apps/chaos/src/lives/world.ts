import { setTimeout as sleep } from 'node:timers/promises'
import { createPayToViewClient, type PayToViewClient, problemOf } from '@pay-to-view/client'
import { createDb, readWorkflowStartInput } from '@pay-to-view/db'
import { waitFor } from '@pay-to-view/devstack/wait'
import { createPurchaseClient } from '@pay-to-view/workflow-client/client'
import { createTemporalClient } from '@pay-to-view/workflow-client/connection'
import { defaultTaskQueue } from '@pay-to-view/workflow-client/messages'
import Stripe from 'stripe'

/** Where the site is that lives are lived on. */
export interface Place {
  api: string
  stripeApi: string
  databaseUrl: string
  temporalAddress: string
  temporalNamespace: string
}

/** Milliseconds after which somebody who cannot reach a part gives up. */
const patience = 60_000

/** How often somebody presses a button again that says "try again in a moment", and the milliseconds between. */
const presses = { most: 6, every: 500 }

export type World = ReturnType<typeof createWorld>

/** What people, the bank and the clock do to a site: past its own code where that is how it happens. Parts may be away for a while. */
export const createWorld = (place: Place, token: (user: string, options: { admin?: boolean }) => Promise<string>) => {
  const base = new URL(place.stripeApi)
  const db = createDb(place.databaseUrl, { connections: 5, statementTimeout: 60_000 })
  const temporal = createTemporalClient({ address: place.temporalAddress, namespace: place.temporalNamespace, tls: false })
  const purchases = createPurchaseClient({ client: temporal, taskQueue: defaultTaskQueue })

  /** Asked until it answers: for parts that were killed and are on their way back. */
  const reached = async <T>(what: string, ask: () => Promise<T>): Promise<T> => {
    const { answer } = await waitFor(what, async () => ({ answer: await ask() }), { within: patience, every: 100 })
    return answer
  }

  const query = (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
    reached('the database', () => db.$queryRawUnsafe<Record<string, unknown>[]>(sql, ...values))

  return {
    db,
    temporal,
    stripe: new Stripe('sk_test_dashboard', { host: base.hostname, port: base.port, protocol: 'http', maxNetworkRetries: 8 }),
    query,

    client: async (user: string, options: { admin?: boolean } = {}): Promise<PayToViewClient> =>
      createPayToViewClient({ url: place.api, token: await token(user, options) }),

    /** Presses the button again while the site is not reached, or asks to come back. */
    insist: async <T>(press: () => Promise<T>): Promise<T> => {
      const until = performance.now() + patience
      for (let answers = 0; ; ) {
        try {
          return await press()
        } catch (error) {
          const problem = problemOf(error)
          if (problem) answers += 1
          const again = !problem || problem.status === 503 || problem.status === 429
          if (!again || answers === presses.most || performance.now() > until) throw error
        }
        await sleep(presses.every)
      }
    },

    /** One of the emulator's helpers (apps/stripe-emulator/README.md). */
    emulator: (to: string, body: object = {}, method = 'POST'): Promise<number> =>
      reached('the emulator', async () => {
        const answer = await fetch(`${place.stripeApi}/_test/${to}`, {
          method,
          ...(method === 'POST' && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
        })
        return answer.status
      }),

    /** As if a purchase had been made this many minutes earlier. */
    age: (id: string, minutes: number) =>
      query('update purchases set created_at = created_at - make_interval(mins => $2::int) where id = $1', [id, minutes]),

    /** The end of a checkout has come: its deadline is now, and the delay of its workflow is over. */
    endCheckout: async (id: string): Promise<void> => {
      await query("update purchases set checkout_deadline = now() where id = $1 and status = 'Pending'", [id])
      await reached('Temporal', async () => {
        const purchase = await readWorkflowStartInput(db, id)
        // One that does not run is for the reconciler to find.
        if (!purchase || !(await purchases.isRunning(id))) return
        await purchases.signal(purchase, { eventId: `clock-${id}`, snapshots: [], refresh: null })
      })
    },

    close: async (): Promise<void> => {
      await temporal.connection.close()
      await db.$disconnect()
    },
  }
}
