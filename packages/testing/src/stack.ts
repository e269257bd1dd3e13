import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createPayToViewClient, type PayToViewClient } from '@pay-to-view/client'
import { Client } from 'pg'
import Stripe from 'stripe'
import { afterAll, beforeAll } from 'vitest'
import { type Home, issueToken, openHome, type Stack, type StackOptions, startStack } from '@pay-to-view/devstack'
import { seeded } from '@pay-to-view/devstack/seeded'
import { waitFor } from '@pay-to-view/devstack/wait'
import { leaksOf, secretsInLogs, secretsOf } from './secrets.ts'

export { seeded }

export type TestStack = Awaited<ReturnType<typeof openStack>>

export const openStack = async (options: StackOptions = {}) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-'))
  const home: Home = openHome(folder)
  const stack: Stack = await startStack(home, { forgetful: true, web: false, ...options })
  const base = new URL(stack.stripeApi)
  const connection = { host: base.hostname, port: base.port, protocol: 'http' as const }
  const stripe = new Stripe('sk_test_dashboard', connection)
  let users = 0

  const token = (user: string, options: { admin?: boolean } = {}) => issueToken(home, user, options)

  const client = async (user: string, options: { admin?: boolean } = {}): Promise<PayToViewClient> =>
    createPayToViewClient({ url: stack.api, token: await token(user, options) })

  /** One of the emulator's helpers (apps/stripe-emulator/README.md). */
  const emulator = async (to: string, body: object = {}, method = 'POST') => {
    const answer = await fetch(`${stack.stripeApi}/_test/${to}`, {
      method,
      ...(method === 'POST' && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    return answer.status
  }

  const pay = (sessionId: string, how: object = { card: '4242424242424242' }) =>
    emulator(`checkout/sessions/${sessionId}/pay`, how)

  return {
    stack,
    home,
    /** Folder of the parts' logs. */
    logs: home.logs,
    stripe,
    token,
    client,
    newUser: () => `user-${++users}`,
    emulator,

    /** A checkout for somebody who has none yet. */
    create: async (viewer: PayToViewClient, product: string = seeded.thirtyDays, entityId: string = seeded.film) => {
      const created = await viewer.purchases.create.mutate({
        payToViewProductId: product,
        entityId,
        returnUrl: 'https://yoursite.com/purchase/complete',
      })
      if (!created.success) throw new Error(`No checkout: ${JSON.stringify(created)}`)
      return { purchaseId: created.purchaseId, sessionId: created.clientSecret.split('_secret_')[0] ?? '' }
    },

    pay,

    /** A second checkout of the same purchase and customer, made by hand in the dashboard, is paid. Its id. */
    payByHand: async (sessionId: string, amount: number): Promise<string> => {
      const { metadata, customer } = await stripe.checkout.sessions.retrieve(sessionId)
      const { id } = await stripe.checkout.sessions.create({
        mode: 'payment',
        ui_mode: 'embedded_page',
        redirect_on_completion: 'never',
        line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: amount, product_data: { name: 'by hand' } } }],
        metadata: metadata ?? undefined,
        customer: typeof customer === 'string' ? customer : undefined,
      })
      await pay(id)
      return id
    },

    whenStatus: (viewer: PayToViewClient, id: string, status: string) =>
      waitFor(
        `${id} to be ${status}`,
        async () => {
          const purchase = await viewer.purchases.get.query({ id })
          return purchase.status === status ? purchase : null
        },
        { within: 30_000 },
      ),

    query: async (sql: string, values: unknown[] = []) => {
      const database = new Client({ connectionString: stack.databaseUrl })
      await database.connect()
      try {
        return (await database.query<Record<string, unknown>>(sql, values)).rows
      } finally {
        await database.end()
      }
    },

    leaks: (more?: readonly string[]) => leaksOf(home, stack, more),

    /** Stops it, and fails where a secret has got into a history, a metric or a log: every suite looks for that at its end. */
    close: async () => {
      try {
        const leaks = await leaksOf(home, stack).finally(() => stack.stop())
        const all = [...leaks, ...secretsInLogs(home.logs, secretsOf(home))]
        if (all.length > 0) throw new Error(`Secrets have got out:\n${[...new Set(all)].join('\n')}`)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
}

/** A stack of its own for one test file. */
export const useStack = (options: StackOptions = {}): (() => TestStack) => {
  let running: TestStack | undefined
  beforeAll(async () => {
    running = await openStack(options)
  }, 180_000)
  afterAll(() => running?.close(), 60_000)
  return () => {
    if (!running) throw new Error('The stack is not running')
    return running
  }
}
