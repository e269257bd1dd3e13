import { cancelEntity, type EntityJob, extendEntity, putEntities, readCancellation, setJobPaused } from '@pay-to-view/db'
import { waitFor } from '@pay-to-view/devstack/wait'
import { expect } from 'vitest'
import { minute, type TestEnvironment } from '../environment/test-environment.ts'
import type { TestEntity } from '../environment/test-purchase.ts'
import type { Scenario } from './scenario.ts'

const waitOptions = { timeoutMs: 20_000, intervalMs: 50 }

const putEvent = async (env: TestEnvironment, id: string): Promise<TestEntity> => {
  await putEntities(env.db, [{ id, type: 'video', title: 'Concert' }], 'root')
  return { id, type: 'video', title: 'Concert' }
}

const buy = async (env: TestEnvironment, event: TestEntity, options: object = {}) => {
  const purchase = await env.createPurchase('rental', {}, event)
  await env.stripe.pay(purchase.sessionId, options)
  return purchase
}

const cancel = async (env: TestEnvironment, event: TestEntity): Promise<EntityJob> => {
  const job = await cancelEntity(env.db, { entityId: event.id, reason: 'storm', actor: 'root' })
  if (!job) throw new Error('The event was not canceled')
  await env.purchases.startEntityJob(job)
  return job
}

const waitForProgress = (env: TestEnvironment, event: TestEntity, what: string, byOutcome: object) =>
  waitFor(
    what,
    async () => {
      const progress = await readCancellation(env.db, event.id)
      const outcomes: object = progress?.counts.byOutcome ?? {}
      return Object.entries(byOutcome).every(([outcome, count]) => Reflect.get(outcomes, outcome) === count)
    },
    waitOptions,
  )

const waitUntilFinished = (env: TestEnvironment, { id }: EntityJob) =>
  waitFor(
    `${id} to finish`,
    async () => (await env.db.entityJob.findUniqueOrThrow({ where: { id } })).finishedAt !== null,
    waitOptions,
  )

export const cancellationScenarios: Scenario[] = [
  {
    name: 'a canceled event: each payment is refunded once, including a remaining part and a delayed payment that settles later; checkouts are closed, a disputed payment is skipped',
    recordAs: 'entity-canceled',
    run: async (env) => {
      const event = await putEvent(env, 'concert-canceled')
      const [paid, partly, disputed] = [await buy(env, event), await buy(env, event), await buy(env, event)]
      const open = await env.createPurchase('rental', {}, event)
      const delayed = await buy(env, event, { method: 'us_bank_account' })
      for (const purchase of [paid, partly, disputed]) await env.waitForStatus('Completed', purchase)
      await env.purchases.refund(partly.startInput, { requestId: 'part', amount: 100, reason: null, by: 'root' })
      await env.stripe.control(`charges/${await env.stripe.chargeId(disputed.sessionId)}/dispute`)
      await env.waitForStatus('Disputed', disputed)
      await env.waitUntilEventsApplied()

      const job = await cancel(env, event)
      await waitForProgress(env, event, 'the first batch', { refunded: 2, closed: 1, skipped: 1, waiting: 1 })
      await env.stripe.settle(delayed.sessionId, 'succeeded')
      await env.waitForStatus('Refunded', delayed)
      await env.advance(minute)
      await waitUntilFinished(env, job)
      await waitForProgress(env, event, 'the last batch', { refunded: 3, closed: 1, skipped: 1 })

      expect((await env.stripe.listRefunds(partly.sessionId)).map(({ amount }) => amount).sort()).toEqual([100, 399])
      for (const purchase of [paid, delayed]) expect(await env.stripe.listRefunds(purchase.sessionId)).toHaveLength(1)
      expect(await env.row(open.id)).toMatchObject({ status: 'Expired' })
      expect(await env.row(disputed.id)).toMatchObject({ status: 'Disputed', amountRefunded: 0 })
    },
  },
  {
    name: 'a closed checkout of a canceled event is paid in another session: the workflow starts again and refunds the payment once',
    run: async (env) => {
      const event = await putEvent(env, 'concert-late')
      const open = await env.createPurchase('rental', {}, event)
      const job = await cancel(env, event)
      await waitUntilFinished(env, job)
      expect(await env.row(open.id)).toMatchObject({ status: 'Expired' })
      const sessionId = await env.stripe.payDashboardSession(open.sessionId)
      const { grant } = await env.waitForStatus('Refunded', open)
      expect(grant?.revokedAt).not.toBeNull()
      expect(await env.stripe.listRefunds(sessionId)).toHaveLength(1)
    },
  },
  {
    name: 'a paused cancellation refunds nobody until it is resumed with a signal',
    recordAs: 'cancellation-paused',
    run: async (env) => {
      const event = await putEvent(env, 'concert-paused')
      const paid = await buy(env, event)
      await env.waitForStatus('Completed', paid)
      const job = await cancelEntity(env.db, { entityId: event.id, reason: 'storm', actor: 'root' })
      if (!job) throw new Error('The event was not canceled')
      await setJobPaused(env.db, job.id, { isPaused: true, by: 'root' })
      await env.purchases.startEntityJob(job)
      const isPlanned = async () => (await readCancellation(env.db, event.id))?.counts.pending === 1
      await waitFor('the items', isPlanned, waitOptions)
      expect(await env.stripe.listRefunds(paid.sessionId)).toEqual([])
      await env.purchases.signalEntityJob(job, 'resume', 'root')
      await waitUntilFinished(env, job)
      expect(await env.stripe.listRefunds(paid.sessionId)).toHaveLength(1)
    },
  },
  {
    name: 'the result of a batch is lost: each payment is still refunded once, and each grant extended once',
    recordAs: 'entity-job-result-lost',
    run: async (env) => {
      const event = await putEvent(env, 'concert-extended')
      const paid = await buy(env, event)
      await env.waitForStatus('Completed', paid)
      const request = { entityId: event.id, days: 2, reason: 'stream failed', actor: 'root', idempotencyKey: null }
      const extension = await extendEntity(env.db, request)
      if (!extension || extension === 'conflict') throw new Error('The event was not extended')
      env.loseActivityResults('processEntityJob', 1)
      await env.purchases.startEntityJob(extension)
      await waitUntilFinished(env, extension)
      const { grant } = await env.row(paid.id)
      expect(grant?.extendedUntil?.getTime()).toBe((grant?.startsAt.getTime() ?? 0) + 32 * 86_400_000)
      env.loseActivityResults('processEntityJob', 2)
      const job = await cancel(env, event)
      await waitUntilFinished(env, job)
      expect(await env.stripe.listRefunds(paid.sessionId)).toHaveLength(1)
      const workflow = env.temporal.client.workflow.getHandle(`entity-cancel:${event.id}`)
      await workflow.result()
    },
  },
]
