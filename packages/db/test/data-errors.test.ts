import { expect, test } from 'vitest'
import {
  applyFacts,
  describeError,
  isDataRejected,
  isUnavailable,
  loadView,
  PurchaseUnreadable,
  preparedQuery,
  setAsideFacts,
} from '../src/index.ts'
import { insertTestPurchase, newUser, useDatabase } from './test-purchase.ts'

const database = useDatabase()

const errorOf = (query: () => Promise<unknown>): Promise<unknown> =>
  query().then(
    () => null,
    (error: unknown) => error,
  )

test('data that Postgres or Prisma would reject again is recognized, regardless of how the statement is sent', async () => {
  const { db } = database
  const [paid, purchase] = [await insertTestPurchase(db, newUser()), await insertTestPurchase(db, newUser())]
  await paid.pay()
  const update = (data: object) => () => db.purchase.update({ where: { id: purchase.id }, data })
  const externalTransactionId = paid.paymentIntentId()
  const rejected: Record<string, () => Promise<unknown>> = {
    unique: update({ externalTransactionId }),
    'unique, in a transaction': () =>
      db.$transaction((tx) => tx.purchase.update({ where: { id: purchase.id }, data: { externalTransactionId } })),
    'unique, prepared': () =>
      preparedQuery(db)`update purchases set external_transaction_id = ${externalTransactionId} where id = ${purchase.id}`,
    'unique, raw': () =>
      db.$executeRaw`update purchases set external_transaction_id = ${externalTransactionId} where id = ${purchase.id}`,
    check: update({ amountRefunded: 5 }),
    'out of range': update({ amountPaid: 3_000_000_000 }),
    'NUL in text': update({ mismatch: 'a\0b' }),
    'NUL in JSON': update({ facts: { a: 'a\0b' } }),
    'invalid date': update({ completedAt: new Date(Number.NaN) }),
    'foreign key': () => db.alert.create({ data: { kind: 'x', dedupeKey: 'x', purchaseId: 'none', detail: {} } }),
    'missing row': () => db.alert.findUniqueOrThrow({ where: { id: -1n } }),
  }
  for (const [name, query] of Object.entries(rejected)) {
    const error = await errorOf(query)
    expect([name, isDataRejected(error), isUnavailable(error)]).toEqual([name, true, false])
    expect(describeError(error)).toMatch(/^[\x20-\x7e]{5,300}$/)
  }
})

test('an error without a message is described by its name and code', () => {
  const refused = Object.assign(new AggregateError([new Error('connect ECONNREFUSED ::1:5432')], ''), { code: 'ECONNREFUSED' })
  expect(describeError(refused)).toBe('AggregateError ECONNREFUSED')
  expect(describeError(new Error(''))).toBe('Error')
})

test('an error that a retry may avoid does not count as rejected data', async () => {
  const { db } = database
  const raise = (code: string) => () => db.$executeRawUnsafe(`do $$ begin raise exception 'x' using errcode = '${code}'; end $$`)
  const errors = await Promise.all([raise('40001'), raise('40P01'), raise('57P01'), raise('53300'), raise('42P01')].map(errorOf))
  expect(errors.map(isDataRejected)).toEqual([false, false, false, false, false])
  expect([new Error('anything'), 'text', null].map(isDataRejected)).toEqual([false, false, false])
})

test('facts from another version make a purchase unreadable, but do not count as rejected data', async () => {
  const { db } = database
  const { id, session, apply } = await insertTestPurchase(db, newUser())
  await db.purchase.update({ where: { id }, data: { facts: { 'voucher:v_1': { kind: 'voucher', id: 'v_1' } } } })
  for (const read of [() => loadView(db, id), () => apply(session())]) {
    const error = await errorOf(read)
    expect(error).toBeInstanceOf(PurchaseUnreadable)
    expect(isDataRejected(error)).toBe(false)
  }
})

test("another purchase's payment is not applied and changes nothing; setting it aside names the other purchase", async () => {
  const { db } = database
  const [paid, purchase] = [await insertTestPurchase(db, newUser()), await insertTestPurchase(db, newUser())]
  await paid.pay()
  const paymentIntentId = paid.paymentIntentId()
  const snapshots = [
    { ...purchase.session(), paymentIntentId },
    { ...purchase.payment(), id: paymentIntentId },
  ]
  const eventId = `evt_${purchase.id}`
  await db.stripeEvent.create({
    data: {
      ...{ id: eventId, type: 'checkout.session.completed', createdAt: new Date(), objectId: 'cs_1', livemode: false },
      ...{ outcome: 'matched', purchaseId: purchase.id, parsed: {}, source: 'webhook' },
    },
  })
  const apply = () =>
    applyFacts(db, { id: purchase.id, snapshots, cause: { kind: 'event', eventIds: [eventId] }, eventIds: [eventId] })
  expect(isDataRejected(await errorOf(apply))).toBe(true)
  const input = { id: purchase.id, eventIds: [eventId], snapshots, error: 'unique' }
  await setAsideFacts(db, input)
  await setAsideFacts(db, input)
  expect(await db.stripeEvent.findUniqueOrThrow({ where: { id: eventId } })).toMatchObject({
    outcome: 'set_aside',
    appliedAt: null,
  })
  expect(await db.alert.findMany({ where: { purchaseId: purchase.id } })).toMatchObject([
    { kind: 'facts_set_aside', detail: { eventIds: [eventId], otherPurchases: [paid.id], error: 'unique' } },
  ])
  expect(await purchase.pay()).toMatchObject({ status: 'Completed', hasAccess: true })
})

test('an event that a signal names by mistake is neither applied to nor set aside for the wrong purchase', async () => {
  const { db } = database
  const [owner, first, paid] = await Promise.all([1, 2, 3].map(() => insertTestPurchase(db, newUser())))
  if (!owner || !first || !paid) throw new Error('Not inserted')
  await paid.pay()
  const eventId = `evt_${owner.id}`
  await db.stripeEvent.create({
    data: {
      ...{ id: eventId, type: 'charge.dispute.created', createdAt: new Date(), objectId: 'dp_1', livemode: false },
      ...{ outcome: 'matched', purchaseId: owner.id, parsed: {}, source: 'webhook' },
    },
  })
  const event = () => db.stripeEvent.findUniqueOrThrow({ where: { id: eventId } })
  const apply = (purchase: typeof owner) =>
    applyFacts(db, {
      ...{ id: purchase.id, snapshots: [purchase.session(), purchase.payment()], eventIds: [eventId] },
      cause: { kind: 'event', eventIds: [eventId] },
    })
  // The first payment takes the fast path, so both paths are tested.
  for (const other of [first, paid]) expect(await apply(other)).toMatchObject({ status: 'Completed' })
  await setAsideFacts(db, { id: first.id, eventIds: [eventId], snapshots: [], error: 'rejected' })
  expect(await event()).toMatchObject({ outcome: 'matched', appliedAt: null })
  expect(await apply(owner)).toMatchObject({ status: 'Completed' })
  expect(await event()).toMatchObject({ appliedAt: expect.any(Date) })
})

test("another purchase's payment is not applied to a paid purchase either, which would refund it as a duplicate", async () => {
  const [other, purchase] = [await insertTestPurchase(database.db, newUser()), await insertTestPurchase(database.db, newUser())]
  await other.pay()
  await purchase.pay()
  const paymentIntentId = other.paymentIntentId()
  const apply = () =>
    purchase.apply({ ...purchase.session({ nth: 2 }), paymentIntentId }, { ...purchase.payment({ nth: 2 }), id: paymentIntentId })
  expect(isDataRejected(await errorOf(apply))).toBe(true)
  expect(await purchase.refundRequests()).toEqual([])
  expect(await purchase.openAlertKinds()).toEqual([])
})
