import { repositoryRoot } from '@pay-to-view/devstack'
import { waitFor } from '@pay-to-view/devstack/wait'
import { programOf } from '@pay-to-view/testing/built'
import { useStack } from '@pay-to-view/testing/stack'
import { execa } from 'execa'
import { beforeAll, expect, test } from 'vitest'

// Cancels a live event with 60 buyers, and meanwhile kills the worker and the server.

const pids = new Map<string, number>()
const stack = useStack({
  restart: true,
  runFile: {
    add: (name, pid) => void pids.set(name, pid),
    remove: () => undefined,
    markStopping: () => undefined,
    release: () => undefined,
  },
  workerEnvironment: { RECONCILE_EVERY: '5', CANCELLATIONS_PER_SECOND: '30' },
})

const event = 'concert-2027'
const productId = 'concert-ticket'
const buyers = 60
const waitOptions = { timeoutMs: 120_000, intervalMs: 250 }

const admin = () => stack().client('root', { admin: true })

/** Retries a call that may fail because the server is restarting. */
const retrying = <T>(what: string, call: () => Promise<T>) => waitFor(what, async () => ({ value: await call() }), waitOptions)

beforeAll(async () => {
  const { admin: operator } = await admin()
  await operator.entities.put.mutate({ id: event, type: 'video', title: 'Concert', availableFrom: '2027-06-01T20:00:00Z' })
  const prices = [{ amount: 2_000, currency: 'usd' }]
  const terms = { id: productId, name: 'Ticket', accessDurationDays: 2, allowPromotionCodes: true, prices }
  await operator.products.put.mutate(terms)
  await operator.products.offers.put.mutate({ id: productId, entityId: event })
  expect(await stack().emulator('promotion_codes', { code: 'PRESS', percent_off: '100' })).toBe(200)
})

const newBuyer = async () => {
  const user = stack().newUser()
  return { user, client: await stack().client(user) }
}

const order = async (promotionCode?: string) => {
  const { user, client } = await newBuyer()
  const input = { payToViewProductId: productId, entityId: event, returnUrl: 'https://yoursite.com/' }
  const created = await client.purchases.create.mutate({ ...input, ...(promotionCode && { promotionCode }) })
  if (!created.success) throw new Error(JSON.stringify(created))
  return { user, client, id: created.purchaseId, sessionId: created.clientSecret.split('_secret_')[0] ?? '' }
}
type Order = Awaited<ReturnType<typeof order>>

const pay = async (ordered: Order, method?: object): Promise<Order> => {
  expect(await stack().pay(ordered.sessionId, method)).toBe(200)
  return ordered
}

const waitForStatus = ({ client, id }: Order, status: string) =>
  waitFor(`${id} to be ${status}`, async () => (await client.purchases.get.query({ id })).status === status, waitOptions)

const buyMany = async (count: number): Promise<void> => {
  let left = count
  const work = async () => {
    for (; left > 0; ) {
      left -= 1
      const ordered = await pay(await order())
      await waitForStatus(ordered, 'Completed')
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
}

const kill = (name: string): void => {
  const pid = pids.get(name)
  if (pid === undefined) throw new Error(`${name} is not running: ${[...pids.keys()].join(', ')}`)
  process.kill(pid, 'SIGKILL')
}

const progress = async () => (await admin()).admin.entities.cancellation.query({ id: event })

const doctor = async () => {
  const { databaseUrl, temporalAddress, temporalNamespace, stripeApi } = stack().stack
  const env = {
    ...{ PATH: process.env.PATH, DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress },
    ...{ TEMPORAL_NAMESPACE: temporalNamespace, STRIPE_SECRET_KEY: 'sk_test_operator', STRIPE_API_BASE: stripeApi },
  }
  const options = { cwd: repositoryRoot, env, extendEnv: false, all: true, reject: false } as const
  const { exitCode, all } = await execa(process.execPath, [...programOf('ops'), 'doctor', '--stripe'], options)
  return { exitCode, output: all }
}

const chargeOf = async ({ sessionId }: Order): Promise<string> => {
  const session = await stack().stripe.checkout.sessions.retrieve(sessionId, { expand: ['payment_intent'] })
  const { payment_intent: payment } = session
  return payment !== null && typeof payment === 'object' ? String(payment.latest_charge) : ''
}

test('a canceled live event with 60 buyers: each payment is refunded once even though the worker and the server are killed', async () => {
  const { entities, purchases } = (await admin()).admin
  const [partly, disputed, free] = [await pay(await order()), await pay(await order()), await pay(await order('PRESS'))]
  for (const ordered of [partly, disputed, free]) await waitForStatus(ordered, 'Completed')
  await purchases.refund.mutate({ id: partly.id, amount: 500 })
  expect(await stack().emulator(`charges/${await chargeOf(disputed)}/dispute`)).toBe(200)
  await waitForStatus(disputed, 'Disputed')
  const delayed = await pay(await order(), { method: 'us_bank_account' })
  const open = await order()
  await buyMany(buyers - 5)
  expect(await entities.holders.query({ id: event })).toMatchObject({ buyers: buyers - 3, disputed: 1, preSold: buyers - 3 })

  const canceled = await entities.cancel.mutate({ id: event, reason: 'The singer is ill' })
  expect(canceled).toMatchObject({ entityId: event, reason: 'The singer is ill', status: 'running' })
  await waitFor('the first refunds', async () => (await progress()).refunded >= 10, waitOptions)
  await entities.pauseCancellation.mutate({ id: event })
  kill('worker')
  kill('API server')
  const { value: paused } = await retrying('the paused progress', progress)
  expect(paused).toMatchObject({ status: 'paused', failed: 0 })
  expect(paused.refunded).toBeLessThan(buyers - 10)
  await retrying('the cancellation to be resumed', () => entities.resumeCancellation.mutate({ id: event }))
  await waitFor('more refunds', async () => (await progress()).refunded >= 40, waitOptions)
  kill('worker')
  const waiting = await waitFor(
    'all but the delayed payment',
    async () => {
      const current = await progress()
      return current.status === 'waiting' && current
    },
    waitOptions,
  )
  expect(waiting).toMatchObject({
    ...{ total: buyers, pending: 0, waiting: 1, refunded: buyers - 4, takenBack: 1, closedCheckouts: 1, failed: 0 },
    skipped: { disputed: 1, chargedBack: 0, alreadyRefunded: 0, containerBuyers: 0 },
  })

  const { payment_intent: delayedPayment } = await stack().stripe.checkout.sessions.retrieve(delayed.sessionId)
  expect(await stack().emulator(`payment_intents/${delayedPayment}/settle`, { outcome: 'succeeded' })).toBe(200)
  await waitForStatus(delayed, 'Refunded')
  const finished = await waitFor(
    'the end of the cancellation',
    async () => {
      const current = await progress()
      return current.status === 'finished' && current
    },
    waitOptions,
  )
  expect(finished).toMatchObject({ refunded: buyers - 3, waiting: 0, failed: 0, finishedAt: expect.any(String) })

  const refunded = new Map<string, number[]>()
  for await (const { payment_intent: payment, amount } of stack().stripe.refunds.list({ limit: 100 }))
    refunded.set(String(payment), [...(refunded.get(String(payment)) ?? []), amount])
  const amounts = [...refunded.values()].map((all) => all.sort((a, b) => a - b))
  expect(amounts.filter((all) => all.length > 1)).toEqual([[500, 1_500]])
  expect(amounts.filter(([amount]) => amount === 2_000)).toHaveLength(buyers - 4)

  expect(await entities.cancellationItems.query({ id: event, outcome: 'skipped' })).toMatchObject({
    items: [{ purchaseId: disputed.id, userId: disputed.user, reason: 'disputed' }],
  })
  expect(await open.client.purchases.get.query({ id: open.id })).toMatchObject({ status: 'Expired' })
  expect(await partly.client.access.check.query({ entityId: event })).toMatchObject({ hasAccess: false, startsAt: null })
  await expect(order()).rejects.toThrow('not on sale')
  expect(await doctor()).toMatchObject({ exitCode: 0 })
}, 600_000)

test('everyone who has access gets two more days, once per idempotency key', async () => {
  const { entities, grants } = (await admin()).admin
  const id = 'stream-that-failed'
  await entities.put.mutate({ id, type: 'video', title: 'Stream' })
  const until = new Date(Date.now() + 86_400_000)
  const users = Array.from({ length: 5 }, (_, index) => `guest-${index}`)
  for (const userId of users)
    await grants.create.mutate({ userId, entityId: id, expiresAt: until.toISOString(), reason: 'press' })
  const request = { id, days: 2, reason: 'The stream failed', idempotencyKey: 'incident-7' }
  const [one, two] = await Promise.all([entities.extend.mutate(request), entities.extend.mutate(request)])
  expect(two.extensionId).toBe(one.extensionId)
  const extension = { id, extensionId: one.extensionId }
  await waitFor(
    'the end of the extension',
    async () => (await entities.extension.query(extension)).status === 'finished',
    waitOptions,
  )
  expect(await entities.extension.query(extension)).toMatchObject({ total: 5, extended: 5, failed: 0 })
  const { items } = await grants.list.query({ entityId: id })
  expect(items.map(({ expiresAt }) => expiresAt)).toEqual(
    users.map(() => new Date(until.getTime() + 2 * 86_400_000).toISOString()),
  )
})
