import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOperatorCommands } from '../src/admin/commands.ts'
import { createCaller } from '../src/app-router.ts'
import { unusedServices } from './unused-services.ts'

let database: Database

beforeAll(async () => {
  database = await startDatabase()
}, 120_000)
afterAll(() => database?.stop())

const origin = { address: '192.0.2.1', userAgent: undefined }

const caller = (scope: 'catalog:write' | 'catalog:read') => {
  const services = { ...unusedServices(), operator: createOperatorCommands(database.db) }
  const apiKey = { id: 'key_1', scopes: [scope], rateLimit: null }
  return createCaller({ user: null, apiKey, requestId: 'one', origin, services }).admin.entities
}

const price = (amount: number) => ({ prices: [{ currency: 'usd', amount }], accessDurationDays: null, rental: null })

const rows = [
  { id: 'site-film', fields: { type: 'video', title: 'Film', memberOf: ['site-channel'] }, products: [price(555)] },
  { id: 'site-channel', fields: { type: 'channel', title: 'Channel' }, products: [] },
  { id: 'site-film', fields: {}, products: [] },
  { id: 'a b', fields: {}, products: [] },
  { id: 'site-new', fields: { titel: 'New' }, products: [] },
  { id: 'site-new', fields: { title: 'New' }, products: [price(1)] },
]

test('a preview returns the results of the import and writes nothing', async () => {
  const count = () => Promise.all([database.db.entity.count(), database.db.product.count(), database.db.auditEntry.count()])
  const before = await count()
  const preview = await caller('catalog:write').importRows({ rows, dryRun: true })
  expect(await count()).toEqual(before)
  const imported = await caller('catalog:write').importRows({ rows })
  expect(preview).toEqual(imported)
  expect(imported).toMatchObject({
    ...{ created: 2, updated: 0, unchanged: 0, failed: 4, createdProducts: 1, addedOffers: 1 },
    rows: [
      { index: 0, id: 'site-film', result: 'created' },
      { index: 1, id: 'site-channel', result: 'created' },
      { index: 2, id: 'site-film', error: { field: 'id', message: 'The row with index 0 also has this id' } },
      { index: 3, id: 'a b', error: { field: 'id' } },
      { index: 4, id: 'site-new', error: { field: 'fields.titel', message: 'Unknown field. Check its spelling, or remove it' } },
      { index: 5, id: 'site-new', error: { field: 'products.0.prices.0.amount' } },
    ],
  })
  expect(await database.db.auditEntry.findFirst({ where: { subjectId: 'site-film' } })).toMatchObject({ actor: 'key_1' })
})

test('missing fields keep their values, and null clears them', async () => {
  const film = { type: 'video', title: 'Film', description: 'About', durationSeconds: 60, metadata: { sku: '1' } }
  await caller('catalog:write').importRows({ rows: [{ id: 'site-kept', fields: film, products: [] }] })
  const change = { id: 'site-kept', fields: { description: null, title: 'New title' }, products: [] }
  expect(await caller('catalog:write').importRows({ rows: [change] })).toMatchObject({ updated: 1 })
  expect(await database.db.entity.findUnique({ where: { id: 'site-kept' } })).toMatchObject({
    ...{ title: 'New title', description: '', durationSeconds: 60, metadata: { sku: '1' } },
  })
})

test('a batch with dryRun writes nothing', async () => {
  const items = [{ id: 'site-dry', type: 'video', title: 'Film' }]
  expect(await caller('catalog:write').batch({ items, dryRun: true })).toMatchObject({ created: 1 })
  expect(await database.db.entity.findUnique({ where: { id: 'site-dry' } })).toBeNull()
})

test('a key without the scope is rejected', async () => {
  await expect(caller('catalog:read').importRows({ rows })).rejects.toThrow('The API key lacks a scope')
})
