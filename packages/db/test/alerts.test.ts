import { expect, test } from 'vitest'
import {
  closeInformationalAlerts,
  createReads,
  raiseAlert,
  reopenAlerts,
  resolveAlerts,
  updateDeadlineAlerts,
} from '../src/index.ts'
import { insertTestPurchase, newUser, now, useDatabase } from './test-purchase.ts'

const database = useDatabase()

const openAlerts = (purchaseId: string) =>
  database.db.alert.findMany({ where: { purchaseId, resolvedAt: null }, orderBy: { id: 'asc' } })

test('the alert of a dispute has the deadline for evidence until the evidence is submitted', async () => {
  const purchase = await insertTestPurchase(database.db, newUser())
  await purchase.pay()
  const respondBy = now + 8 * 86_400
  await purchase.apply({ ...purchase.dispute('needs_response', now + 1), respondBy })
  expect(await openAlerts(purchase.id)).toMatchObject([{ kind: 'disputed', dueAt: new Date(respondBy * 1000) }])
  await purchase.apply({ ...purchase.dispute('under_review', now + 2), respondBy })
  expect(await openAlerts(purchase.id)).toMatchObject([
    { kind: 'disputed', dueAt: null, detail: { status: 'under_review', disputeId: `du_${purchase.id}_one` } },
  ])
  await purchase.apply({ ...purchase.dispute('appeal_needs_response', now + 3), respondBy: respondBy + 60 })
  expect(await openAlerts(purchase.id)).toMatchObject([{ kind: 'disputed', dueAt: new Date((respondBy + 60) * 1000) }])
})

test("an alert warns of a dispute's deadline until the evidence is submitted", async () => {
  const { db } = database
  const purchase = await insertTestPurchase(db, newUser())
  await purchase.pay()
  const respondBy = now + 8 * 86_400
  await purchase.apply({ ...purchase.dispute('needs_response', now + 1), respondBy })
  await updateDeadlineAlerts(db, new Date(now * 1000))
  expect(await purchase.openAlertKinds()).toEqual(['disputed'])
  for (const day of [6, 7]) await updateDeadlineAlerts(db, new Date((now + day * 86_400) * 1000))
  expect(await openAlerts(purchase.id)).toMatchObject([
    { kind: 'disputed' },
    { kind: 'dispute_due', dueAt: new Date(respondBy * 1000), detail: { disputeId: `du_${purchase.id}_one` } },
  ])
  await purchase.apply({ ...purchase.dispute('under_review', now + 2), respondBy })
  expect(await purchase.openAlertKinds()).toEqual(['disputed'])
  await db.alert.deleteMany({ where: { kind: 'dispute_due' } })
})

test('an inquiry has a deadline, and its alert closes when it is answered or becomes a dispute', async () => {
  const { db } = database
  const purchase = await insertTestPurchase(db, newUser())
  await purchase.pay()
  const respondBy = now + 2 * 86_400
  await purchase.apply({ ...purchase.dispute('warning_needs_response', now + 1), respondBy })
  await updateDeadlineAlerts(db, new Date(now * 1000))
  const dueAt = new Date(respondBy * 1000)
  expect(await openAlerts(purchase.id)).toMatchObject([
    { kind: 'inquiry', dueAt },
    { kind: 'dispute_due', dueAt },
  ])
  await purchase.apply(purchase.dispute('warning_under_review', now + 2))
  expect(await purchase.openAlertKinds()).toEqual([])
  await purchase.apply({ ...purchase.dispute('needs_response', now + 3), respondBy })
  expect(await purchase.openAlertKinds()).toEqual(['disputed'])
  await db.alert.deleteMany({ where: { kind: 'dispute_due' } })
})

test('open alerts are grouped: alerts with a deadline first, informational alerts last', async () => {
  const { db } = database
  const purchase = await insertTestPurchase(db, newUser())
  for (const kind of ['restored', 'mismatch', 'disputed', 'kind_of_a_newer_version'])
    await raiseAlert(db, purchase.id, kind, 'grouped', {})
  const groups = await createReads(db).openAlertGroups()
  expect(groups[0]).toMatchObject({ kind: 'disputed', severity: 'urgent', dueAt: expect.any(Date) })
  expect(groups.at(-1)).toMatchObject({ kind: 'restored', severity: 'info', dueAt: null })
  expect(groups).toContainEqual({ kind: 'kind_of_a_newer_version', severity: 'action', count: 1, dueAt: null })
})

test('an alert is resolved once, with a note, and can be reopened', async () => {
  const { db } = database
  const purchase = await insertTestPurchase(db, newUser())
  for (const subject of ['one', 'two']) await raiseAlert(db, purchase.id, 'refund_failed', subject, {})
  const ids = (await openAlerts(purchase.id)).map(({ id }) => id)
  expect(await resolveAlerts(db, ids.slice(0, 1), { by: 'root', note: 'paid in cash' })).toMatchObject({ resolved: 1 })
  expect(await resolveAlerts(db, ids, { by: 'other' })).toMatchObject({ resolved: 1 })
  expect(await db.alert.findMany({ where: { purchaseId: purchase.id }, orderBy: { id: 'asc' } })).toMatchObject([
    { resolvedBy: 'root', note: 'paid in cash' },
    { resolvedBy: 'other', note: null },
  ])
  expect(await reopenAlerts(db, ids)).toBe(2)
  expect(await reopenAlerts(db, ids)).toBe(0)
  expect(await openAlerts(purchase.id)).toHaveLength(2)
})

test('informational alerts are resolved automatically after a week; other alerts never are', async () => {
  const { db } = database
  const purchase = await insertTestPurchase(db, newUser())
  for (const kind of ['duplicate_refunded', 'restored', 'refund_failed', 'disputed'])
    await raiseAlert(db, purchase.id, kind, 'old', {})
  await closeInformationalAlerts(db, new Date(Date.now() + 6 * 86_400_000))
  expect(await openAlerts(purchase.id)).toHaveLength(4)
  await closeInformationalAlerts(db, new Date(Date.now() + 8 * 86_400_000))
  expect((await openAlerts(purchase.id)).map(({ kind }) => kind)).toEqual(['refund_failed', 'disputed'])
})

test('a search by the beginning of a user id takes wildcards literally', async () => {
  const { db } = database
  for (const user of ['pre_fix', 'preXfix', 'pre%fix', 'other']) await insertTestPurchase(db, user)
  const find = async (userIdPrefix: string) =>
    (await createReads(db).searchPurchases({ userIdPrefix }, null, 10)).map(({ userId }) => userId).sort()
  expect(await find('pre')).toEqual(['pre%fix', 'preXfix', 'pre_fix'])
  expect(await find('pre_')).toEqual(['pre_fix'])
  expect(await find('pre%')).toEqual(['pre%fix'])
  expect(await find('fix')).toEqual([])
})

test('a search by currency finds the purchases that were quoted in it', async () => {
  const { db } = database
  const user = newUser()
  const { id } = await insertTestPurchase(db, user)
  const find = async (currency: string) =>
    (await createReads(db).searchPurchases({ currency, userId: user }, null, 10)).map((found) => found.id)
  expect([await find('usd'), await find('eur')]).toEqual([[id], []])
})

test('without a confirmation, no alert is resolved if one of the given alerts belongs to an open dispute', async () => {
  const { db } = database
  const purchase = await insertTestPurchase(db, newUser())
  for (const kind of ['refund_failed', 'disputed']) await raiseAlert(db, purchase.id, kind, 'confirmed', {})
  const ids = (await openAlerts(purchase.id)).map(({ id }) => id)
  const [, dispute] = ids
  expect(await resolveAlerts(db, ids, { by: 'root' })).toEqual({ resolved: 0, openDisputes: [dispute] })
  expect(await openAlerts(purchase.id)).toHaveLength(2)
  expect(await resolveAlerts(db, ids, { by: 'root', confirmOpenDispute: true })).toEqual({ resolved: 2, openDisputes: [] })
})

test('alerts are filtered by severity; an unknown kind needs an action', async () => {
  const { db } = database
  const purchase = await insertTestPurchase(db, newUser())
  for (const kind of ['restored', 'disputed', 'kind_of_a_newer_version']) await raiseAlert(db, purchase.id, kind, 'severity', {})
  const kindsOf = async (severity: 'urgent' | 'action' | 'info') => {
    const rows = await createReads(db).alerts({ open: true, severity }, null, 200)
    return rows.filter(({ purchaseId }) => purchaseId === purchase.id).map(({ kind }) => kind)
  }
  expect(await kindsOf('urgent')).toEqual(['disputed'])
  expect(await kindsOf('action')).toEqual(['kind_of_a_newer_version'])
  expect(await kindsOf('info')).toEqual(['restored'])
})
