import { expect, test } from 'vitest'
import {
  applyFacts,
  createReads,
  type EntityInput,
  insertPurchase,
  newPurchaseId,
  putEntities,
  putProduct,
  uncoveredPayments,
} from '../src/index.ts'
import { insertTestPurchase, newPurchase, newUser, now, secondsPerDay, useDatabase } from './test-purchase.ts'

const database = useDatabase()

const put = (...items: EntityInput[]) => putEntities(database.db, items, 'test')
/** Derives the type from the last part of an id that `createShow` has created. */
const typeOf = (id: string) => (id.endsWith('-show') ? 'channel' : id.endsWith('-episode') ? 'video' : 'content')
const entity = (id: string) => ({ id, type: typeOf(id), title: id }) as const
const hasAccess = async (userId: string, ...ids: string[]) =>
  (await createReads(database.db).access(userId, ids)).map((row) => row.access?.hasAccess ?? false)

/** Creates a channel that contains a season, which contains an episode. The episode is also in a bundle. */
const createShow = async (name: string) => {
  const ids = { show: `${name}-show`, season: `${name}-season`, episode: `${name}-episode`, bundle: `${name}-bundle` }
  await put(
    { id: ids.show, type: 'channel', title: 'Show' },
    { id: ids.bundle, type: 'content', title: 'Bundle' },
    { id: ids.season, type: 'content', title: 'Season', memberOf: [ids.show] },
    { id: ids.episode, type: 'video', title: 'Episode', memberOf: [ids.season, ids.bundle] },
  )
  return ids
}

test('access to a container includes its members at any depth, through any of its containers', async () => {
  const { show, season, episode, bundle } = await createShow('depth')
  const [byShow, byBundle] = [newUser(), newUser()]
  await (await insertTestPurchase(database.db, byShow, entity(show))).pay()
  await (await insertTestPurchase(database.db, byBundle, entity(bundle))).pay()
  expect(await hasAccess(byShow, show, season, episode, bundle)).toEqual([true, true, true, false])
  expect(await hasAccess(byBundle, show, season, episode, bundle)).toEqual([false, false, true, true])
  expect(await insertPurchase(database.db, newPurchase(byShow, entity(episode)))).toBe('owned')
  const [, , row] = await createReads(database.db).access(byShow, [show, season, episode])
  expect(row?.access?.grant.purchaseId).toMatch(/^ptv_/)
})

test('members that are added later are included, and removed members are not', async () => {
  const { show, episode, bundle, season } = await createShow('later')
  const user = newUser()
  await (await insertTestPurchase(database.db, user, entity(show))).pay()
  await put({ id: 'later-extra', type: 'video', title: 'Extra', memberOf: [season] })
  expect(await hasAccess(user, 'later-extra')).toEqual([true])
  await put({ id: episode, type: 'video', title: 'Episode', memberOf: [bundle] })
  expect(await hasAccess(user, episode)).toEqual([false])
})

test('buyers of a product that keeps removed members keep access to members that were removed after the purchase', async () => {
  const { show, episode, season, bundle } = await createShow('keeps')
  const prices = [{ amount: 499, currency: 'usd' }]
  const keeping = await putProduct(database.db, { id: 'keeping', name: 'Keeps', prices, keepsRemovedMembers: true }, 'test')
  const buy = async (userId: string, productId?: string) => {
    const purchase = newPurchase(userId, entity(show))
    const { id } = { ...purchase, id: newPurchaseId() }
    const product = { ...purchase.product, ...(productId !== undefined && { id: productId }) }
    expect(await insertPurchase(database.db, { ...purchase, id, product })).toMatchObject({ id })
    const seconds = Math.floor(Date.now() / 1_000)
    const payment = {
      kind: 'payment' as const,
      id: `pi_${id}`,
      status: 'paid' as const,
      amount: 499,
      currency: 'usd',
      observedAt: seconds,
    }
    const session = {
      ...{
        kind: 'session' as const,
        id: `cs_${id}`,
        status: 'complete' as const,
        paymentIntentId: `pi_${id}`,
        hasPaymentIntent: true,
      },
      ...{ userId, entityId: show, createdAt: seconds, observedAt: seconds },
    }
    await applyFacts(database.db, { id, snapshots: [session, payment], cause: { kind: 'event', eventIds: [] } })
  }
  const [before, other, after] = [newUser(), newUser(), newUser()]
  await buy(before, keeping.id)
  await buy(other)
  await put({ id: season, type: 'content', title: 'Season' })
  await buy(after, keeping.id)
  for (const [user, expected] of [
    [before, true],
    [other, false],
    [after, false],
  ] as const)
    expect(await hasAccess(user, show, season, episode, bundle)).toEqual([true, expected, expected, false])
  // A later change of the product does not change what earlier buyers have.
  const product = { id: keeping.id, name: 'Keeps', prices }
  await putProduct(database.db, { ...product, keepsRemovedMembers: false }, 'test')
  expect(await hasAccess(before, episode)).toEqual([true])
  // All buyers of the container have access to a member that is added again.
  await put({ id: season, type: 'content', title: 'Season', memberOf: [show] })
  for (const user of [before, other, after]) expect(await hasAccess(user, episode)).toEqual([true])
})

test('a renewal of an episode starts after the access to the season that is bought later', async () => {
  const { episode, season } = await createShow('renewed')
  const user = newUser()
  await (await insertTestPurchase(database.db, user, entity(episode), 7)).pay()
  const renewal = await insertTestPurchase(database.db, user, entity(episode), 7, true)
  await renewal.pay()
  await (await insertTestPurchase(database.db, user, entity(season), 30)).pay()
  const [row] = await createReads(database.db).access(user, [episode])
  expect(row?.access).toMatchObject({ hasAccess: true, expiresAt: new Date((now + 37 * secondsPerDay) * 1_000) })
  const { startsAt } = await database.db.grant.findUniqueOrThrow({ where: { purchaseId: renewal.id } })
  expect(startsAt).toEqual(new Date((now + 30 * secondsPerDay) * 1_000))
})

test('a payment that a container covered is found after the entity was removed from the container', async () => {
  const { show, episode, bundle } = await createShow('uncovered')
  const user = newUser()
  const first = await insertTestPurchase(database.db, user, entity(episode))
  const container = await insertTestPurchase(database.db, user, entity(show))
  await container.pay()
  await first.pay()
  await database.db.refundRequest.updateMany({
    where: { purchaseId: first.id },
    data: { respondedAt: new Date(), error: 'test' },
  })
  const uncovered = async () => (await uncoveredPayments(database.db, new Date(Date.now() + 1_000), 10)).map(({ id }) => id)
  expect(await uncovered()).toEqual([])
  await put({ id: episode, type: 'video', title: 'Episode', memberOf: [bundle] })
  expect(await uncovered()).toEqual([first.id])
})
