import { expect, test } from 'vitest'
import {
  createMentionPseudonymizer,
  createPseudonymizer,
  mentionPattern,
  replaceInCheckoutRequest,
  replaceInFields,
  replaceUniqueTexts,
} from '../src/erasure/pseudonymizer.ts'
import { findUserIds } from '../src/index.ts'
import { insertTestPurchase, useDatabase } from './test-purchase.ts'

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

test('only a field with the id of a user is compared with the id: an email address may be the id of another user', () => {
  const { userId } = createPseudonymizer(alice, 'P')
  expect(['alice', 'alice@example.com', 'Alice'].map(userId)).toEqual(['P', 'alice@example.com', 'Alice'])
})

test('a short name is not replaced in the texts of other users', () => {
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

test('a name within the free text of who acted is replaced, even where another user is the subject', () => {
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

test('email addresses that are ids of users are found', async () => {
  await insertTestPurchase(database.db, 'mother@example.com')
  expect(await findUserIds(database.db, ['mother@example.com', 'alice@example.com'])).toEqual(['mother@example.com'])
})
