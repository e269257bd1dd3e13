/**
 * node --import tsx benchmarks/events/cancel.ts [sales] [per second]: sells a live event to the given number of buyers on a complete stack
 * with the emulator, and cancels the event. Prints the seconds until everyone has been refunded, and the number of refunds in Stripe.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createPayToViewClient } from '@pay-to-view/client'
import { applyFacts, closeDb, createDb, type Db, insertPurchase, newPurchaseId, putEntities } from '@pay-to-view/db'
import { createTemporaryDataFolder, issueToken, removeDataFolder, seedIds, startStack } from '@pay-to-view/devstack'
import { buildCheckoutRequest, createGateway, createStripe } from '@pay-to-view/stripe'
import { z } from 'zod'

const sales = z.coerce.number().int().min(1).default(5_000).parse(process.argv[2])
const perSecond = z.coerce.number().min(1).max(100).default(100).parse(process.argv[3])
const amount = 499

const log = (line: string): void => console.error(line)
const event = { id: 'benchmark-event', type: 'video' as const, title: 'Event' }
const product = { id: seedIds.thirtyDayProduct, name: 'Ticket', amount, currency: 'usd', accessDurationDays: 30 }

const dataFolder = createTemporaryDataFolder('pay-to-view-cancel-')
const stack = await startStack(dataFolder, {
  ...{ ephemeral: true, web: false },
  workerEnvironment: { CANCELLATIONS_PER_SECOND: String(perSecond), WORKFLOW_TASKS_AT_ONCE: '40', RECONCILE_EVERY: '86400' },
})
const db = createDb(stack.databaseUrl)
const stripe = createStripe({ secretKey: 'sk_test_of_the_benchmark', apiBase: stack.stripeApi })
const gateway = createGateway(stripe)

const helper = async (path: string, body: object = {}): Promise<void> => {
  const response = await fetch(`${stack.stripeApi}/_test/${path}`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  })
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
}

/**
 * Sells the live event to one buyer. The facts are applied directly, not through a webhook, which makes no difference to the
 * cancellation.
 */
const sell = async (database: Db, stripeCustomerId: string, index: number): Promise<void> => {
  const [id, userId] = [newPurchaseId(), `buyer-${index}`]
  const checkoutDeadline = new Date(Date.now() + 2_400_000)
  const checkoutRequest = buildCheckoutRequest({
    ...{ purchaseId: id, product: { ...product, taxCode: null }, allowedDiscount: { kind: 'none' }, taxBehavior: null },
    ...{ entity: event, userId, stripeCustomerId, expiresAt: checkoutDeadline, returnUrl: 'http://127.0.0.1/' },
    options: { redirect: 'never', automaticTax: false, collectTaxIds: false, createInvoices: false },
  })
  const purchase = { id, userId, entity: event, product, stripeCustomerId: `cus_${userId}`, checkoutRequest, checkoutDeadline }
  await insertPurchase(database, purchase)
  const { sessionId } = await gateway.createCheckout(id, checkoutRequest)
  await helper(`checkout/sessions/${sessionId}/pay`, { card: '4242424242424242' })
  const { payment_intent: payment, created } = await stripe.checkout.sessions.retrieve(sessionId)
  const paymentIntentId = String(payment)
  const observedAt = Math.floor(Date.now() / 1_000)
  await applyFacts(database, {
    ...{ id, cause: { kind: 'reconcile' } },
    snapshots: [
      {
        ...{ kind: 'session', id: sessionId, status: 'complete', paymentIntentId, hasPaymentIntent: true },
        ...{ userId, entityId: event.id, createdAt: created, observedAt },
      },
      { kind: 'payment', id: paymentIntentId, status: 'paid', amount, currency: 'usd', observedAt },
    ],
  })
}

const sellAll = async (): Promise<void> => {
  await helper('faults', { on: 'webhook', effect: 'drop' })
  const customer = await gateway.createCustomer({ userId: 'benchmark' })
  let next = 0
  const work = async (): Promise<void> => {
    for (let index = next++; index < sales; index = next++) await sell(db, customer, index)
  }
  await Promise.all(Array.from({ length: 8 }, work))
  await helper('faults/clear')
}

const countRefunds = async (): Promise<{ payments: number; refunds: number; sum: number }> => {
  const amounts = new Map<string, number[]>()
  for await (const refund of stripe.refunds.list({ limit: 100 })) {
    const payment = String(refund.payment_intent)
    amounts.set(payment, [...(amounts.get(payment) ?? []), refund.amount])
  }
  const all = [...amounts.values()].flat()
  return { payments: amounts.size, refunds: all.length, sum: all.reduce((total, refunded) => total + refunded, 0) }
}

try {
  await putEntities(db, [event], 'benchmark')
  const soldAt = performance.now()
  await sellAll()
  log(`Sold ${sales} times in ${((performance.now() - soldAt) / 1_000).toFixed(0)} s`)
  const token = await issueToken(dataFolder, 'root', { admin: true, ttl: '1d' })
  const { entities } = createPayToViewClient({ url: stack.api, token }).admin
  const canceledAt = performance.now()
  await entities.cancel.mutate({ id: event.id, reason: 'benchmark' })
  for (;;) {
    const progress = await entities.cancellation.query({ id: event.id })
    log(`${((performance.now() - canceledAt) / 1_000).toFixed(0)} s: ${progress.refunded} refunded, ${progress.failed} failed`)
    if (progress.status === 'finished') {
      const seconds = (performance.now() - canceledAt) / 1_000
      const { payments, refunds, sum } = await countRefunds()
      console.log(
        `Canceled ${sales} sales in ${seconds.toFixed(0)} s (${(sales / seconds).toFixed(1)} per second, limit ${perSecond}): ${progress.refunded} refunded, ${progress.failed} failed`,
      )
      console.log(`In Stripe: ${refunds} refunds of ${payments} payments, ${sum} of ${sales * amount} cents`)
      if (refunds !== sales || payments !== sales || sum !== sales * amount) process.exitCode = 1
      break
    }
    await sleep(5_000)
  }
} finally {
  await closeDb(db)
  await stack.stop()
  removeDataFolder(dataFolder)
}
