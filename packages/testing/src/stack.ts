import { createPayToViewClient, type PayToViewClient } from '@pay-to-view/client'
import {
  createTemporaryDataFolder,
  issueToken,
  removeDataFolder,
  type Stack,
  type StackOptions,
  seedIds,
  startStack,
} from '@pay-to-view/devstack'
import { waitFor } from '@pay-to-view/devstack/wait'
import { Client } from 'pg'
import Stripe from 'stripe'
import { afterAll, beforeAll, test } from 'vitest'
import { built } from './built.ts'
import { copyDatabase } from './database-template.ts'
import { findLeakedSecrets, findSecretsInFiles, secretsOf } from './secrets.ts'
import { failTestRun } from './test-run.ts'

export { seedIds }

export type TestStack = Awaited<ReturnType<typeof openStack>>

export const openStack = async (options: StackOptions = {}) => {
  const dataFolder = createTemporaryDataFolder()
  await copyDatabase(dataFolder)
  const stack: Stack = await startStack(dataFolder, { ephemeral: true, web: false, built, ...options })
  const { hostname, port } = new URL(stack.stripeApi)
  const stripe = new Stripe('sk_test_dashboard', { host: hostname, port, protocol: 'http' })
  let users = 0

  const token = (user: string, options: { admin?: boolean; email?: string } = {}) => issueToken(dataFolder, user, options)

  const client = async (user: string, options: { admin?: boolean; email?: string } = {}): Promise<PayToViewClient> =>
    createPayToViewClient({ url: stack.api, token: await token(user, options) })

  /** Calls a test helper of the emulator (apps/stripe-emulator/README.md). Returns the HTTP status. */
  const emulator = async (path: string, body: object = {}, method = 'POST') => {
    const response = await fetch(`${stack.stripeApi}/_test/${path}`, {
      method,
      ...(method === 'POST' && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    return response.status
  }

  const pay = (sessionId: string, method: object = { card: '4242424242424242' }) =>
    emulator(`checkout/sessions/${sessionId}/pay`, method)

  return {
    stack,
    dataFolder,
    stripe,
    token,
    client,
    newUser: () => `user-${++users}`,
    emulator,

    /** Creates a purchase. Throws if no checkout is returned. */
    create: async (user: PayToViewClient, productId: string = seedIds.thirtyDayProduct, entityId: string = seedIds.film) => {
      const created = await user.purchases.create.mutate({
        payToViewProductId: productId,
        entityId,
        returnUrl: 'https://yoursite.com/purchase/complete',
      })
      if (!created.success) throw new Error(`create returned no checkout: ${JSON.stringify(created)}`)
      return { purchaseId: created.purchaseId, sessionId: created.clientSecret.split('_secret_')[0] ?? '' }
    },

    pay,

    /**
     * Creates and pays a second checkout session with the same metadata and customer, as if it had been created in Stripe's dashboard.
     * Returns the session's id.
     */
    payInDashboard: async (sessionId: string, amount: number): Promise<string> => {
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

    waitForStatus: (user: PayToViewClient, id: string, status: string) =>
      waitFor(
        `${id} to be ${status}`,
        async () => {
          const purchase = await user.purchases.get.query({ id })
          return purchase.status === status ? purchase : null
        },
        { timeoutMs: 30_000 },
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

    findLeakedSecrets: (additionalSecrets?: readonly string[]) => findLeakedSecrets(dataFolder, stack, additionalSecrets),

    /** Stops the stack. Throws if a history, a metric or a log contains a secret, so every test suite ends with this check. */
    close: async () => {
      try {
        const leaks = await findLeakedSecrets(dataFolder, stack).finally(() => stack.stop())
        const all = [...leaks, ...findSecretsInFiles(dataFolder.logs, secretsOf(dataFolder))]
        if (all.length > 0) throw new Error(`Leaked secrets:\n${[...new Set(all)].join('\n')}`)
      } finally {
        removeDataFolder(dataFolder)
      }
    },
  }
}

const openSharedStack = async (options: StackOptions, onCleanup: (close: () => Promise<void>) => void): Promise<TestStack> => {
  const stack = await openStack(options)
  onCleanup(() => stack.close().catch((error: unknown) => failTestRun(`A shared stack: ${String(error)}`)))
  return stack
}

/**
 * The stacks that test files share. A Vitest worker starts each stack for the first file that needs it, and checks the stack for secrets
 * after the last file.
 */
const shared = test
  // biome-ignore lint/correctness/noEmptyPattern: Vitest derives the fixtures that a fixture depends on from this pattern.
  .extend('sharedStack', { scope: 'worker' }, ({}, { onCleanup }) => openSharedStack({}, onCleanup))
  // biome-ignore lint/correctness/noEmptyPattern: as above.
  .extend('sharedStorefront', { scope: 'worker' }, ({}, { onCleanup }) => openSharedStack({ web: true }, onCleanup))

const whileTestsRun = () => {
  let stack: TestStack | undefined
  return {
    start: (started: TestStack) => {
      stack = started
    },
    get: () => {
      if (!stack) throw new Error('The stack is not running')
      return stack
    },
  }
}

/**
 * Provides a stack that test files share. Tests must use `newUser`, and undo changes that other files can see (prices, titles, emulator
 * faults). Returns a function that returns the stack while tests run.
 */
export const useSharedStack = ({ web = false } = {}): (() => TestStack) => {
  const { start, get } = whileTestsRun()
  if (web) shared.beforeAll(({ sharedStorefront }) => start(sharedStorefront), 180_000)
  else shared.beforeAll(({ sharedStack }) => start(sharedStack), 180_000)
  return get
}

/**
 * Starts a separate stack for one test file that needs its own options or would disturb other files. Otherwise, it works like
 * `useSharedStack`.
 */
export const useStack = (options: StackOptions = {}): (() => TestStack) => {
  const { start, get } = whileTestsRun()
  let stack: TestStack | undefined
  beforeAll(async () => {
    stack = await openStack(options)
    start(stack)
  }, 180_000)
  afterAll(() => stack?.close(), 60_000)
  return get
}
