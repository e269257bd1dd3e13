import { expect, test } from 'vitest'
import { deleteEntity, type EntityInput, insertPurchase, putEntities } from '../src/index.ts'
import { commitBefore } from './commit-before.ts'
import { newPurchase, newUser, useDatabase } from './test-purchase.ts'

const database = useDatabase()

const put = (...items: EntityInput[]) => putEntities(database.db, items, 'test')
const film = (id: string, changes: Partial<EntityInput> = {}): EntityInput => ({ id, type: 'video', title: 'Film', ...changes })

const insert = `INSERT INTO purchases (id, user_id, entity_id, product_id, amount, currency, checkout_request, checkout_deadline)
  SELECT $1, 'racer', $2, min(id), 499, 'usd', '{}', now() FROM products`

test('while the first purchase of an entity is being created, neither its type nor the type of its members changes', async () => {
  await put(film('race-show', { type: 'channel' }), film('race-film', { memberOf: ['race-show'] }), film('race-single'))
  const byItself = () => put(film('race-single', { type: 'content' }))
  expect(await commitBefore(database.db, insert, [newPurchase('racer').id, 'race-single'], byItself)).toMatchObject([
    { result: 'failed', error: { code: 'entity_in_use', field: 'type' } },
  ])
  const byContainer = () => put(film('race-film', { type: 'content', memberOf: ['race-show'] }))
  expect(await commitBefore(database.db, insert, [newPurchase('racer').id, 'race-show'], byContainer)).toMatchObject([
    { result: 'failed', error: { code: 'entity_in_use' } },
  ])
})

test('a member is not deleted while the first purchase of its container is being created', async () => {
  await put(film('sold-show', { type: 'channel' }), film('sold-film', { memberOf: ['sold-show'] }))
  const remove = () => deleteEntity(database.db, 'sold-film', 'test')
  expect(await commitBefore(database.db, insert, [newPurchase('racer').id, 'sold-show'], remove)).toBe('in_use')
})

test('a purchase is not inserted for an entity whose type changes in the meantime: its checkout names the old type', async () => {
  await put(film('retyped'))
  const purchase = newPurchase(newUser(), { id: 'retyped', type: 'video', title: 'Film' })
  const change = "UPDATE entities SET type = 'content' WHERE id = (SELECT id FROM entities WHERE id = $1 FOR UPDATE)"
  expect(await commitBefore(database.db, change, ['retyped'], () => insertPurchase(database.db, purchase))).toBeNull()
  expect(await insertPurchase(database.db, { ...purchase, entity: { ...purchase.entity, type: 'content' } })).toMatchObject({
    id: purchase.id,
  })
})
