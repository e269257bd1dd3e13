import { seedIds } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'
import {
  attachCheckout,
  createReads,
  insertPurchase,
  readCreateContext,
  replaceCustomer,
  saveCustomerEmailHash,
} from '../src/index.ts'
import { channel, film, insertTestPurchase, newPurchase, newUser, useDatabase } from './test-purchase.ts'

const database = useDatabase()

test('concurrent first purchases of a new user share one stored Stripe customer', async () => {
  const { db } = database
  for (let round = 0; round < 20; round++) {
    const userId = newUser()
    await Promise.all([film, channel].map((entity) => insertTestPurchase(db, userId, entity)))
    expect(await db.customer.findUnique({ where: { userId } })).toMatchObject({ stripeCustomerId: `cus_${userId}` })
  }
})

test('a known customer is kept when another purchase is inserted', async () => {
  const { db } = database
  const userId = newUser()
  await insertTestPurchase(db, userId)
  await db.customer.update({ where: { userId }, data: { stripeCustomerId: `cus_kept_${userId}` } })
  await insertTestPurchase(db, userId, channel)
  expect(await db.customer.findUnique({ where: { userId } })).toMatchObject({ stripeCustomerId: `cus_kept_${userId}` })
})

test("a customer that replaces a missing customer has no e-mail address, and does not get the missing customer's hash", async () => {
  const { db } = database
  const userId = newUser()
  await insertTestPurchase(db, userId)
  const [missing, customer] = [`cus_${userId}`, `cus_new_${userId}`]
  await saveCustomerEmailHash(db, userId, missing, 'hash')
  await replaceCustomer(db, userId, missing, customer)
  await saveCustomerEmailHash(db, userId, missing, 'hash')
  expect(await readCreateContext(db, userId, seedIds.thirtyDayProduct, seedIds.film)).toMatchObject({
    ...{ stripeCustomerId: customer, customerEmailHash: null },
  })
})

test('the expiry of a manually created session does not expire a purchase whose own session is open', async () => {
  const purchase = await insertTestPurchase(database.db, newUser())
  expect(await attachCheckout(database.db, purchase.id, `cs_${purchase.id}_1`)).toBe(true)
  const expired = (nth: number) => ({ ...purchase.session({ nth }), status: 'expired' as const, paymentIntentId: null })
  expect(await purchase.apply(expired(2))).toMatchObject({ status: 'Pending' })
  expect(await purchase.apply(expired(1))).toMatchObject({ status: 'Expired' })
})

test.each([
  ['is processing (a debit that takes days)', { status: 'processing' }, 'payment_processing'],
  ['does not match the quote', { amount: 100 }, 'payment_review'],
] as const)('an expired purchase whose late payment %s blocks other purchases of the entity', async (_, payment, reason) => {
  const { db } = database
  const userId = newUser()
  const purchase = await insertTestPurchase(db, userId)
  await purchase.apply({ ...purchase.session({ nth: 2 }), id: `cs_${purchase.id}_1`, status: 'expired', paymentIntentId: null })
  await purchase.pay({ nth: 2, ...payment })
  expect(await readCreateContext(db, userId, seedIds.thirtyDayProduct, seedIds.film)).toMatchObject({
    ...{ open: null, access: null, blockedBy: { id: purchase.id, reason } },
  })
  expect(await insertPurchase(db, newPurchase(userId))).toBe('taken')
})

test('batched reads return to each user their own purchases, access and open checkouts', async () => {
  const { db } = database
  const reads = createReads(db)
  const [alice, bob, carol] = [newUser(), newUser(), newUser()]
  const first = await insertTestPurchase(db, alice)
  await first.pay()
  const second = await insertTestPurchase(db, alice, channel)
  const open = await insertTestPurchase(db, bob)
  const page = (userId: string, query: object = {}) => reads.history(userId, { page: 1, pageSize: 10, ...query })
  const [all, filmOnly, secondPage, pastEnd, bobs, none] = await Promise.all([
    page(alice),
    page(alice, { entityId: seedIds.film }),
    page(alice, { page: 2, pageSize: 1 }),
    page(alice, { page: 9 }),
    page(bob),
    page(carol),
  ])
  expect(all).toMatchObject({
    items: [
      { id: second.id, hasAccess: false },
      { id: first.id, hasAccess: true },
    ],
    totalCount: 2,
  })
  expect(filmOnly).toMatchObject({ items: [{ id: first.id }], totalCount: 1 })
  expect(secondPage).toMatchObject({ items: [{ id: first.id }], totalCount: 2 })
  expect(pastEnd).toEqual({ items: [], totalCount: 2 })
  expect(bobs).toMatchObject({ items: [{ id: open.id }], totalCount: 1 })
  expect(none).toEqual({ items: [], totalCount: 0 })

  const [alices, others] = await Promise.all([
    reads.access(alice, [seedIds.channelFilm, seedIds.film, 'vid_unknown']),
    reads.access(bob, [seedIds.film]),
  ])
  expect(alices.map(({ entityId, access }) => [entityId, access?.grant.purchaseId ?? null])).toEqual([
    [seedIds.channelFilm, null],
    [seedIds.film, first.id],
    ['vid_unknown', null],
  ])
  expect(others).toMatchObject([{ entityId: seedIds.film, access: null }])

  const contexts = await Promise.all([
    readCreateContext(db, alice, seedIds.thirtyDayProduct, seedIds.film),
    readCreateContext(db, bob, seedIds.thirtyDayProduct, seedIds.film),
    readCreateContext(db, carol, 'prod_unknown', 'vid_unknown'),
  ])
  expect(contexts).toMatchObject([
    { offered: true, access: { hasAccess: true }, stripeCustomerId: `cus_${alice}`, open: null },
    {
      ...{ offered: true, access: null, stripeCustomerId: `cus_${bob}` },
      open: { id: open.id, userId: bob, entityId: seedIds.film },
    },
    { product: null, entity: null, offered: false, access: null, stripeCustomerId: null, blockedBy: null, open: null },
  ])
})
