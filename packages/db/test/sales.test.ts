import { dayStarts, hourStarts, type Snapshot } from '@pay-to-view/purchase'
import { expect, test } from 'vitest'
import { applyFacts, countPlays, readSales, rollUpSales, type SalesGroup } from '../src/index.ts'
import { channel, film, insertTestPurchase, newUser, useDatabase } from './test-purchase.ts'

const database = useDatabase()

/** Converts a time to seconds since the epoch. */
const at = (time: string): number => Date.parse(time) / 1_000

interface Sale {
  paidAt: number
  totals?: { subtotal: number; discount: number; tax: number; total: number }
  country?: string
  code?: string
  entity?: typeof film
}

const sell = async ({ paidAt, totals, country, code, entity = film }: Sale) => {
  const purchase = await insertTestPurchase(database.db, newUser(), entity)
  const total = totals?.total ?? 499
  await database.db.purchase.update({ where: { id: purchase.id }, data: { allowedDiscount: 'any', taxBehavior: 'inclusive' } })
  await purchase.apply(
    {
      ...purchase.session({ observedAt: paidAt }),
      ...(totals && { totals: { currency: 'usd', ...totals } }),
      ...(country && { country }),
      ...(code && { appliedDiscount: { promotionCodeId: 'promo_1', code } }),
      ...(total === 0 && { paymentIntentId: null, hasPaymentIntent: false }),
    },
    total === 0
      ? { kind: 'free_order', id: purchase.session().id, amount: 0, currency: 'usd', observedAt: paidAt }
      : purchase.payment({ observedAt: paidAt, amount: total }),
  )
  return purchase
}

/** Returns the sales report for a range of days, without figures that are 0. */
const report = async (groupBy: SalesGroup, from: string, to: string, timeZone = 'UTC', entityId?: string) => {
  const { dates, starts, end } = dayStarts(from, to, timeZone)
  const [start = end] = starts
  const { groups, totals } = await readSales(database.db, { groupBy, from: start, to: end, starts, limit: 1_000, entityId })
  const significant = (row: object) =>
    Object.fromEntries(Object.entries(row).filter(([name, value]) => value !== 0 && name !== 'isTotal' && name !== 'currency'))
  return {
    groups: groups.map(({ key, ...row }) => ({ ...significant(row), key: groupBy === 'day' ? dates[Number(key) - 1] : key })),
    totals: totals.map((row) => significant({ ...row, key: 0 })),
  }
}

test('figures are the same before, during and after a roll-up, for every group', async () => {
  await sell({ paidAt: at('2021-01-31T23:50:00Z'), country: 'DE' })
  await sell({ paidAt: at('2021-02-10T12:00:00Z'), country: 'US', entity: channel })
  const discounted = { subtotal: 499, discount: 100, tax: 64, total: 399 }
  const refunded = await sell({ paidAt: at('2021-02-28T12:00:00Z'), totals: discounted, code: 'SUMMER' })
  await refunded.apply({ ...refunded.refund('one', { amount: 99 }), createdAt: at('2021-04-02T00:20:00Z') })
  const disputed = await sell({ paidAt: at('2021-04-01T12:00:00Z') })
  await disputed.apply({ ...disputed.dispute('lost', at('2021-05-01T00:00:00Z')), createdAt: at('2021-04-20T00:00:00Z') })
  await sell({ paidAt: at('2021-04-30T23:59:59Z'), totals: { subtotal: 499, discount: 499, tax: 0, total: 0 }, code: 'FREE' })

  const readAll = () =>
    Promise.all(
      (['day', 'entity', 'product', 'currency', 'promotionCode', 'country'] as const).flatMap((groupBy) => [
        report(groupBy, '2021-01-01', '2021-06-01', 'America/New_York'),
        report(groupBy, '2021-02-01', '2021-05-01', 'Asia/Kathmandu'),
        report(groupBy, '2021-04-20', '2021-04-21'),
        // The period covers most of the first month and most of the last month.
        report(groupBy, '2021-02-05', '2021-04-20', 'Europe/Berlin'),
      ]),
    )
  const before = await readAll()
  expect(before[0]?.totals).toEqual([
    { gross: 2_495, discount: 599, tax: 64, paid: 1_896, refunded: 99, disputed: 499, purchases: 5, refunds: 1, disputes: 1 },
  ])
  expect(before[16]).toMatchObject({
    groups: [
      { key: '', gross: 1_497 },
      { key: 'FREE', gross: 499, discount: 499 },
      { key: 'SUMMER', gross: 499, discount: 100, refunded: 99 },
    ],
  })
  const counts = await Promise.all([rollUpSales(database.db), rollUpSales(database.db)])
  expect(counts[0] + counts[1]).toBe(7)
  expect(await readAll()).toEqual(before)
  await sell({ paidAt: at('2021-02-10T12:01:00Z') })
  const [day] = await readAll()
  expect(day?.totals).toMatchObject([{ gross: 2_994, purchases: 6 }])
})

test.each([
  ['Europe/Berlin', '2022-03-27', '2022-03-26T23:00:00Z', '2022-03-27T21:59:59Z'],
  ['Europe/Berlin', '2022-10-30', '2022-10-29T22:00:00Z', '2022-10-30T22:59:59Z'],
  ['America/New_York', '2023-03-12', '2023-03-12T05:00:00Z', '2023-03-13T03:59:59Z'],
  ['America/New_York', '2023-11-05', '2023-11-05T04:00:00Z', '2023-11-06T04:59:59Z'],
  ['Asia/Kathmandu', '2023-06-01', '2023-05-31T18:15:00Z', '2023-06-01T18:14:59Z'],
])(
  'in %s the first and the last second of %s belong to that day, and the seconds around it do not',
  async (zone, date, first, last) => {
    const entity = { ...film, id: `vid_${zone}_${date}`.replaceAll('/', '-') }
    await database.db.entity.create({ data: entity })
    const seconds = [at(first) - 1, at(first), at(last), at(last) + 1]
    for (const paidAt of seconds) await sell({ paidAt, entity })
    const [before, after] = [-1, 1].map((days) => new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10))
    const end = new Date(Date.parse(date) + 2 * 86_400_000).toISOString().slice(0, 10)
    const expected = [
      { key: before, purchases: 1 },
      { key: date, purchases: 2 },
      { key: after, purchases: 1 },
    ]
    expect((await report('day', before ?? '', end, zone, entity.id)).groups).toMatchObject(expected)
    await rollUpSales(database.db)
    expect((await report('day', before ?? '', end, zone)).groups).toMatchObject(expected)
    expect((await report('entity', date, after ?? '', zone)).groups).toMatchObject([{ key: entity.id, purchases: 2 }])
  },
)

test('repeated facts record nothing, and a refund that fails later is reversed by another entry', async () => {
  const purchase = await sell({ paidAt: at('2020-01-01T12:00:00Z') })
  const refund = { ...purchase.refund('one'), createdAt: at('2020-01-02T12:00:00Z') }
  await purchase.apply(refund)
  await purchase.apply(refund)
  await rollUpSales(database.db)
  expect(await report('currency', '2020-01-01', '2020-02-01')).toMatchObject({ totals: [{ refunded: 499, refunds: 1 }] })
  await purchase.apply({ ...refund, status: 'failed', observedAt: refund.observedAt + 1 })
  const { groups, totals } = await report('day', '2020-01-01', '2020-02-01')
  expect([groups, totals]).toEqual([
    [{ key: '2020-01-01', gross: 499, paid: 499, purchases: 1 }],
    [{ gross: 499, paid: 499, purchases: 1 }],
  ])
  const entries = await database.db.salesEntry.findMany({ where: { purchaseId: purchase.id }, orderBy: { id: 'asc' } })
  expect(entries.map(({ kind, amount }) => [kind, Number(amount)])).toEqual([
    ['purchase', 499],
    ['refund', 499],
    ['refund', -499],
  ])
})

test('checkouts count when they are created, and count as paid when they complete, before and after they are rolled up', async () => {
  const entity = { ...film, id: 'vid_conversion' }
  await database.db.entity.create({ data: entity })
  const createdAt = new Date('2015-03-31T23:40:00Z')
  const create = async () => {
    const purchase = await insertTestPurchase(database.db, newUser(), entity)
    // The database sets the creation times, so the test changes them directly.
    await database.db.$executeRaw`UPDATE purchases SET created_at = ${createdAt} WHERE id = ${purchase.id}`
    await database.db.$executeRaw`UPDATE checkout_changes SET at = ${createdAt} WHERE entity_id = ${entity.id}`
    return purchase
  }
  const [paid] = [await create(), await create(), await create()]
  const readAll = async () => {
    const read = async (...parameters: Parameters<typeof report>) => {
      const { groups, totals } = await report(...parameters)
      return { groups, totals: totals.map(({ checkouts, paidCheckouts }) => ({ checkouts, paidCheckouts })) }
    }
    return {
      day: (await read('day', '2015-03-01', '2015-05-01')).groups,
      local: (await read('day', '2015-03-01', '2015-05-01', 'Asia/Kathmandu')).groups,
      entity: (await read('entity', '2015-03-01', '2015-05-01')).groups,
      edge: (await read('entity', '2015-04-01', '2015-04-02', 'Europe/Berlin')).groups,
      product: (await read('product', '2015-03-31', '2015-04-01')).groups,
      ofEntity: (await read('day', '2015-03-01', '2015-05-01', 'UTC', entity.id)).groups,
      country: await read('country', '2015-03-01', '2015-05-01'),
    }
  }
  const unpaid = await readAll()
  expect(unpaid).toEqual({
    ...{ day: [{ key: '2015-03-31', checkouts: 3 }], local: [{ key: '2015-04-01', checkouts: 3 }] },
    ...{ entity: [{ key: entity.id, checkouts: 3 }], edge: [{ key: entity.id, checkouts: 3 }] },
    ...{ product: [{ key: expect.any(String), checkouts: 3 }], ofEntity: [{ key: '2015-03-31', checkouts: 3 }] },
    country: { groups: [], totals: [{ checkouts: 3 }] },
  })
  await rollUpSales(database.db)
  expect(await readAll()).toEqual(unpaid)
  await paid?.pay({ observedAt: at('2015-04-01T00:10:00Z') })
  const completed = await readAll()
  expect(completed.day).toMatchObject([
    { key: '2015-03-31', checkouts: 3, paidCheckouts: 1 },
    { key: '2015-04-01', purchases: 1 },
  ])
  expect(completed.country.totals).toEqual([{ checkouts: 3, paidCheckouts: 1 }])
  await rollUpSales(database.db)
  expect(await readAll()).toEqual(completed)
})

test('a report by hour has the 23 and 25 hours of the days on which daylight saving time changes', async () => {
  const days = (date: string, next: string) => {
    const { starts, end } = dayStarts(date, next, 'Europe/Berlin')
    return { starts: hourStarts(starts, end), from: starts[0] ?? end, to: end }
  }
  const [spring, autumn] = [days('2014-03-30', '2014-03-31'), days('2014-10-26', '2014-10-27')]
  expect([spring.starts.length, autumn.starts.length]).toEqual([23, 25])
  // In Berlin, both times are 2:30 a.m., before and after the clock change.
  for (const time of ['2014-10-26T00:30:00Z', '2014-10-26T01:30:00Z']) await sell({ paidAt: at(time) })
  const read = async () => (await readSales(database.db, { groupBy: 'hour', ...autumn, limit: 1 })).groups
  const before = await read()
  expect(before.map(({ key, purchases }) => [autumn.starts[Number(key) - 1]?.toISOString(), purchases])).toEqual([
    ['2014-10-26T00:00:00.000Z', 1],
    ['2014-10-26T01:00:00.000Z', 1],
  ])
  await rollUpSales(database.db)
  expect(await read()).toEqual(before)
})

test("a promotion code that is fetched after the payment moves the purchase to the code's group", async () => {
  const paidAt = at('2019-05-01T12:00:00Z')
  const purchase = await sell({ paidAt, totals: { subtotal: 499, discount: 9, tax: 0, total: 490 } })
  await rollUpSales(database.db)
  const session: Snapshot = {
    ...purchase.session({ observedAt: paidAt + 5 }),
    totals: { currency: 'usd', subtotal: 499, discount: 9, tax: 0, total: 490 },
  }
  await purchase.apply({ ...session, appliedDiscount: { promotionCodeId: 'promo_1', code: 'LATE' } })
  expect((await report('promotionCode', '2019-05-01', '2019-06-01')).groups).toMatchObject([{ key: 'LATE', purchases: 1 }])
  await rollUpSales(database.db)
  expect((await report('promotionCode', '2019-05-01', '2019-06-01')).groups).toMatchObject([{ key: 'LATE', purchases: 1 }])
})

test('groups are read page by page, highest gross first, and the totals cover all groups', async () => {
  const entities = ['a', 'b', 'c'].map((name) => ({ ...film, id: `vid_page_${name}` }))
  for (const [index, entity] of entities.entries()) {
    await database.db.entity.create({ data: entity })
    for (let sale = 0; sale <= index; sale++) await sell({ paidAt: at('2018-01-01T12:00:00Z'), entity })
  }
  const [from, to] = [new Date('2018-01-01'), new Date('2018-02-01')]
  const first = await readSales(database.db, { groupBy: 'entity', from, to, limit: 2 })
  expect(first.groups.map(({ key }) => key)).toEqual(['vid_page_c', 'vid_page_b', 'vid_page_a'])
  const after = first.groups[1] ?? null
  const second = await readSales(database.db, { groupBy: 'entity', from, to, limit: 2, after })
  expect(second.groups.map(({ key }) => key)).toEqual(['vid_page_a'])
  expect(second.totals).toMatchObject([{ purchases: 6 }])
  await sell({ paidAt: at('2018-01-01T12:00:00Z'), entity: channel })
  const channels = await readSales(database.db, { groupBy: 'entity', entityType: 'channel', from, to, limit: 2 })
  expect([channels.groups.map(({ key }) => key), channels.totals[0]?.purchases]).toEqual([[channel.id], 1])
})

test('entries can be neither changed nor deleted', async () => {
  await sell({ paidAt: at('2017-01-01T12:00:00Z') })
  for (const statement of ['UPDATE sales_entries SET amount = 0', 'DELETE FROM sales_entries'])
    await expect(database.db.$executeRawUnsafe(statement)).rejects.toThrow('append-only')
})

test('concurrent facts of many purchases and concurrent roll-ups lose no entries', async () => {
  const paidAt = at('2016-01-01T12:00:00Z')
  // The number is smaller than the pool size, because each concurrent call holds a connection while it waits for locks.
  const count = 8
  const purchases = await Promise.all(Array.from({ length: count }, () => insertTestPurchase(database.db, newUser())))
  await Promise.all([
    ...purchases.map(async (purchase) => {
      await purchase.pay({ observedAt: paidAt })
      await rollUpSales(database.db)
      const snapshots = [{ ...purchase.refund('one', { amount: 100 }), createdAt: paidAt + 60 }]
      await applyFacts(database.db, { id: purchase.id, snapshots, cause: { kind: 'event', eventIds: [] } })
    }),
  ])
  const totals = { gross: count * 499, paid: count * 499, purchases: count, refunded: count * 100, refunds: count }
  const expected = { totals: [totals] }
  expect(await report('currency', '2016-01-01', '2016-01-02')).toMatchObject(expected)
  await rollUpSales(database.db)
  expect(await report('currency', '2016-01-01', '2016-01-02')).toMatchObject(expected)
})

test('the plays of a channel include its films, grouped by day, and count each user once', async () => {
  const startedAt = new Date('2013-01-05T12:00:00Z')
  const play = (entityId: string, userId: string, days: number) => {
    const time = new Date(startedAt.getTime() + days * 86_400_000)
    const id = `ps_${entityId}_${userId}_${days}`
    return database.db.playbackSession.create({ data: { id, userId, entityId, startedAt: time, lastSeenAt: time } })
  }
  const member = { ...film, id: 'vid_played_member' }
  await database.db.entity.create({ data: member })
  await database.db.containment.create({ data: { memberId: member.id, containerId: channel.id, depth: 1 } })
  await Promise.all([
    play(member.id, 'ada', 0),
    play(member.id, 'ada', 2),
    play(member.id, 'bob', 2),
    play('vid_other', 'bob', 2),
  ])
  const { starts, end: to } = dayStarts('2013-01-01', '2013-02-01', 'UTC')
  const query = { from: starts[0] ?? to, to, starts }
  const expected = {
    groups: [
      { key: 5, plays: 1, viewers: 1 },
      { key: 7, plays: 2, viewers: 2 },
    ],
    total: { key: null, plays: 3, viewers: 2 },
  }
  for (const entityId of [member.id, channel.id]) expect(await countPlays(database.db, { ...query, entityId })).toEqual(expected)
  expect((await countPlays(database.db, { ...query, entityId: 'vid_unplayed' })).total).toMatchObject({ plays: 0, viewers: 0 })
})
