import { expect, test } from 'vitest'
import {
  createMentionPseudonymizer,
  createPseudonymizer,
  mentionPattern,
  replaceInCheckoutRequest,
  replaceInFields,
  replaceUniqueTexts,
} from '../src/erasure/pseudonymizer.ts'
import {
  applyFacts,
  findUserIds,
  finishErasure,
  readUserDataInventory,
  startErasure,
  withdraw,
  withdrawalRefund,
} from '../src/index.ts'
import { insertTestPurchase, newUser, now, useDatabase } from './test-purchase.ts'

const database = useDatabase()
const alice = { userId: 'alice', emails: ['alice@example.com'] }

test.each([
  ['asked by alice', 'asked by P'],
  ['Alice@Example.com, ALICE!', 'P, P!'],
  ['refund-alice%40example.com', 'refund-P'],
  ['malice, alice2 and alice_b', 'malice, alice2 and alice_b'],
])('the text %j becomes %j', (text, expected) => {
  expect(createPseudonymizer(alice, 'P').text(text)).toBe(expected)
})

test("only fields with user ids are compared with the id, because an e-mail address may be another user's id", () => {
  const { userId } = createPseudonymizer(alice, 'P')
  expect(['alice', 'alice@example.com', 'Alice'].map(userId)).toEqual(['P', 'alice@example.com', 'Alice'])
})

test("a short name is not replaced in other users' texts", () => {
  const short = { userId: '1', emails: [] }
  expect(createMentionPseudonymizer(short, 'P').text('refund 1 of 2')).toBe('refund 1 of 2')
  expect(mentionPattern(short)).toBeNull()
  expect(createPseudonymizer(short, 'P').text('refund 1 of 2')).toBe('refund P of 2')
})

test('an id that is also a word changes no other field of a snapshot, a cause or a checkout request', () => {
  for (const userId of ['usd', '1', 'session', 'paid']) {
    const replacement = { ...createPseudonymizer({ userId, emails: [] }, 'P'), requestIds: new Map(), removesReasons: true }
    const snapshot = { kind: 'session', currency: 'usd', status: 'paid', entityType: '1', userId }
    expect(replaceInFields(snapshot, replacement)).toEqual({ ...snapshot, userId: 'P' })
    const request = { mode: 'session', customer: 'cus_1', return_url: 'https://yoursite.com/', metadata: snapshot }
    expect(replaceInCheckoutRequest(request, 'P', replacement)).toEqual({
      ...{ mode: 'session', customer: 'P', metadata: { ...snapshot, userId: 'P' } },
    })
  }
})

test('a name in a free-text actor is replaced, even if the row is about another user', () => {
  const user = { userId: 'alice.doe-4711', emails: ['alice.doe@example.com'] }
  for (const create of [createPseudonymizer, createMentionPseudonymizer]) {
    const replacement = { ...create(user, 'P'), requestIds: new Map(), removesReasons: false }
    const replaced = (by: string) => replaceInFields({ kind: 'payment_accepted', by }, replacement)
    expect(replaced('olga for Alice.Doe@example.com')).toEqual({ kind: 'payment_accepted', by: 'olga for P' })
    expect(replaced('alice.doe-4711')).toEqual({ kind: 'payment_accepted', by: 'P' })
  }
})

test('idempotency keys stay unique', () => {
  const replaced = replaceUniqueTexts(createPseudonymizer(alice, 'P'), ['r-alice', 'r-ALICE', 'r-P', 'other'])
  expect(new Set(replaced.values()).size).toBe(4)
  expect(replaced.get('other')).toBe('other')
})

test('e-mail addresses that are user ids are found', async () => {
  await insertTestPurchase(database.db, 'mother@example.com')
  expect(await findUserIds(database.db, ['mother@example.com', 'alice@example.com'])).toEqual(['mother@example.com'])
})

test('a withdrawal prevents the erasure until it is refunded; afterward its steps are kept without the user', async () => {
  const { db } = database
  const userId = `withdrawing-${newUser()}`
  const purchase = await insertTestPurchase(db, userId)
  const { id: purchaseId } = purchase
  await purchase.pay()
  await db.purchase.update({ where: { id: purchaseId }, data: { returnUrl: `https://yoursite.com/users/${userId}` } })
  for (const isConfirmed of [false, true]) await withdraw(db, { userId, purchaseId, isOffered: true, isConfirmed })
  const erase = () => startErasure(db, { userId, emails: [], customers: [], by: 'root' })
  expect(await erase()).toBeNull()

  const { requestId } = withdrawalRefund(purchaseId)
  const refund = { ...purchase.refund('withdrawal'), requestId }
  await applyFacts(db, {
    ...{ id: purchaseId, snapshots: [refund], cause: { kind: 'event', eventIds: [] } },
    completesRefundRequest: { requestId, refundId: refund.id },
  })
  const erasure = await erase()
  if (!erasure) throw new Error('The erasure is still prevented')
  await finishErasure(db, erasure)
  expect(await db.withdrawalStep.findMany({ where: { purchaseId }, orderBy: { id: 'asc' } })).toMatchObject([
    { step: 'requested' },
    { step: 'confirmed', amount: 499 },
  ])
  const row = await db.purchase.findUniqueOrThrow({
    where: { id: purchaseId },
    include: { grant: true, refundRequests: true, changes: true, withdrawalSteps: true },
  })
  expect(row).toMatchObject({ userId: erasure.pseudonym, status: 'Refunded', withdrawnAt: expect.any(Date) })
  expect(JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(userId)
  // Only the buyer can withdraw, and after the erasure nobody is known to be the buyer.
  expect(await withdraw(db, { userId, purchaseId, isOffered: true, isConfirmed: true })).toBeNull()
})

test('an inquiry by a bank, or a dispute of a refunded payment, prevents the erasure', async () => {
  const { db } = database
  const userId = newUser()
  const purchase = await insertTestPurchase(db, userId)
  await purchase.pay()
  const blockers = async () => (await readUserDataInventory(db, { userId, emails: [] })).blockers
  await purchase.apply(purchase.dispute('warning_needs_response', now + 1))
  expect(await blockers()).toEqual([`${purchase.id} is waiting for the outcome of du_${purchase.id}_one`])
  await purchase.apply(purchase.dispute('warning_closed', now + 2), purchase.refund('all'))
  expect(await blockers()).toEqual([])
  await purchase.apply(purchase.dispute('needs_response', now + 3, { name: 'two' }))
  expect(await blockers()).toEqual([`${purchase.id} is waiting for the outcome of du_${purchase.id}_two`])
})
