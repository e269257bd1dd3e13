import type { Snapshot } from '@pay-to-view/purchase'
import { expect, test } from 'vitest'
import { applyFacts, loadView } from '../src/index.ts'
import { insertTestPurchase, newUser, now, secondsPerDay, useDatabase } from './test-purchase.ts'

const database = useDatabase()

test('access expires as bought, even if a snapshot with an earlier payment time arrives late', async () => {
  const purchase = await insertTestPurchase(database.db, newUser())
  expect(await purchase.pay()).toMatchObject({ hasAccess: true, expiresAt: now + 30 * secondsPerDay })
  await purchase.pay({ observedAt: now - 60 })
  expect(await loadView(database.db, purchase.id)).toMatchObject({
    ...{ startsAt: now - 60, expiresAt: now - 60 + 30 * secondsPerDay },
  })
  expect((await purchase.notes()).at(-1)).toMatch(/earlier time of payment, so access now starts/)
})

test('a checkout that needed no payment, or that Stripe does not know, expires the purchase and raises one alert', async () => {
  const free = await insertTestPurchase(database.db, newUser())
  const completed: Snapshot = { ...free.session(), paymentIntentId: null, hasPaymentIntent: false }
  expect(await free.apply(completed)).toMatchObject({ status: 'Expired', processing: false, hasAccess: false })
  await free.apply({ ...completed, observedAt: now + 1 })
  expect(await free.countAlerts('completed_without_payment')).toBe(1)

  const missing = await insertTestPurchase(database.db, newUser())
  expect(await missing.apply({ ...missing.session(), status: 'missing', paymentIntentId: null })).toMatchObject({
    status: 'Expired',
  })
  expect(await missing.countAlerts('checkout_missing')).toBe(1)
})

test('a payment that arrives together with such checkouts gives access, and their alerts are raised too', async () => {
  const purchase = await insertTestPurchase(database.db, newUser())
  const free: Snapshot = { ...purchase.session({ nth: 2 }), paymentIntentId: null, hasPaymentIntent: false }
  const missing: Snapshot = { ...free, id: `cs_${purchase.id}_3`, status: 'missing' }
  expect(await purchase.apply(purchase.session(), purchase.payment(), free, missing)).toMatchObject({
    ...{ status: 'Completed', hasAccess: true },
  })
  expect(await purchase.countAlerts('completed_without_payment')).toBe(1)
  expect(await purchase.countAlerts('checkout_missing')).toBe(1)
})

test('unreadable snapshots are skipped with an alert, and their events stay unapplied; readable ones are applied', async () => {
  const { db } = database
  const purchase = await insertTestPurchase(db, newUser())
  const [session, payment] = [purchase.session(), purchase.payment()]
  const eventId = `evt_${purchase.id}`
  await db.stripeEvent.create({
    data: {
      ...{ id: eventId, type: 'checkout.session.completed', createdAt: new Date(), objectId: session.id, livemode: false },
      ...{ outcome: 'matched', purchaseId: purchase.id, parsed: {}, source: 'webhook' },
    },
  })
  const unreadable: Snapshot[] = [
    { ...payment, id: 'pi_1', amount: -1 },
    { ...payment, id: 'pi_2', observedAt: 1e15 },
    { ...session, id: 'cs_1', userId: '\0' },
    { ...session, id: 'cs_2', entityId: '\ud800' },
    { ...session, id: '\0' },
  ]
  const snapshots = [...unreadable, session, payment]
  const eventIds = [eventId]
  expect(await applyFacts(db, { id: purchase.id, snapshots, cause: { kind: 'event', eventIds }, eventIds })).toMatchObject({
    ...{ status: 'Completed', hasAccess: true },
  })
  const alerts = await db.alert.findMany({ where: { purchaseId: purchase.id }, orderBy: { id: 'asc' } })
  expect(alerts.map(({ kind, detail }) => [kind, detail])).toEqual(
    ['payment pi_1', 'payment pi_2', 'session cs_1', 'session cs_2', 'a value without kind and id'].map((snapshot) => [
      'unreadable_snapshot',
      { snapshot },
    ]),
  )
  expect(await db.stripeEvent.findUniqueOrThrow({ where: { id: eventId } })).toMatchObject({ appliedAt: null })
  expect(await purchase.apply(session, payment)).toMatchObject({ status: 'Completed' })
})

test('access for a payment that an operator accepts starts with the acceptance, not with the payment', async () => {
  const purchase = await insertTestPurchase(database.db, newUser(), undefined, 2)
  await purchase.pay({ observedAt: now - 3 * secondsPerDay, amount: 500 })
  const accepted = await purchase.apply({
    ...{ kind: 'acceptance', id: purchase.paymentIntentId(), by: 'olga', observedAt: now },
  })
  expect(accepted).toMatchObject({
    ...{ status: 'Completed', hasAccess: true },
    ...{ paidAt: now - 3 * secondsPerDay, expiresAt: now + 2 * secondsPerDay },
  })
})

test('a payment that is applied after its access would have expired is left to the operator to decide', async () => {
  const purchase = await insertTestPurchase(database.db, newUser(), undefined, 2)
  const late = { observedAt: now - 3 * secondsPerDay }
  expect(await purchase.pay(late)).toMatchObject({ status: 'Completed', hasAccess: false })
  await purchase.pay(late)
  expect(await purchase.openAlertKinds()).toEqual(['paid_too_late'])
  expect((await purchase.notes()).join()).toContain('the access had expired before it could be granted')
})
