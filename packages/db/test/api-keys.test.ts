import { expect, test } from 'vitest'
import {
  createApiKey,
  createReads,
  findApiKey,
  isApiKeySecret,
  type NewApiKey,
  putEntities,
  recordApiKeyUse,
  revokeApiKey,
} from '../src/index.ts'
import { useDatabase } from './test-purchase.ts'

const database = useDatabase()

const newKey: NewApiKey = {
  name: 'site',
  scopes: ['catalog:write', 'access:read'],
  rateLimit: null,
  expiresAt: null,
  createdBy: 'olga',
  idempotencyKey: null,
}

const create = async (key: Partial<NewApiKey> = {}) => {
  const created = await createApiKey(database.db, { ...newKey, ...key })
  if ('conflict' in created) throw new Error('Expected a key')
  return { ...created, secret: created.secret ?? '' }
}

test('only the hash of a key is stored, and each key is different', async () => {
  const [first, second] = [await create(), await create()]
  expect(isApiKeySecret(first.secret)).toBe(true)
  expect(first.secret).not.toBe(second.secret)
  const rows = await database.db.apiKey.findMany()
  const audit = await database.db.auditEntry.findMany()
  const stored = JSON.stringify([rows, audit.map(({ id, ...entry }) => entry)])
  expect(stored).not.toContain(first.secret.slice(0, 12))
  expect(stored).toContain(first.secret.slice(0, 9))
  expect(await findApiKey(database.db, first.secret)).toMatchObject({
    id: first.apiKey.id,
    scopes: ['catalog:write', 'access:read'],
  })
  expect(await findApiKey(database.db, `${first.secret.slice(0, -1)}_`)).toBeNull()
})

test('a key is not found after it expired or was revoked', async () => {
  const { db } = database
  const expiresAt = new Date(Date.now() + 60_000)
  const { secret } = await create({ expiresAt })
  expect(await findApiKey(db, secret, new Date(expiresAt.getTime() - 1))).not.toBeNull()
  expect(await findApiKey(db, secret, expiresAt)).toBeNull()
  const other = await create()
  expect(await revokeApiKey(db, other.apiKey.id, 'root')).toBe(true)
  expect(await findApiKey(db, other.secret)).toBeNull()
  expect(await revokeApiKey(db, other.apiKey.id, 'root')).toBe(true)
  expect(await revokeApiKey(db, 'key_01m85eetz2e8qthwsqr5v0dh8g', 'root')).toBe(false)
  const ids = (await createReads(db).apiKeys(null, 100)).map(({ id }) => id)
  expect(ids).not.toContain(other.apiKey.id)
  const entries = await createReads(db).auditEntries(other.apiKey.id, null, 10)
  expect(entries).toMatchObject([
    { actor: 'root', action: 'api_key.revoked', after: null, before: { name: 'site' } },
    { actor: 'olga', action: 'api_key.created', before: null, after: { scopes: ['catalog:write', 'access:read'] } },
  ])
})

test('the audit log names the key that made a change', async () => {
  const { db } = database
  const { apiKey } = await create()
  await putEntities(db, [{ id: 'by-key', type: 'video', title: 'One' }], apiKey.id)
  await putEntities(db, [{ id: 'by-key', type: 'video', title: 'Two' }], 'olga')
  expect(await createReads(db).auditEntries('by-key', null, 10)).toMatchObject([
    { actor: 'olga', actorName: null },
    { actor: apiKey.id, actorName: 'site' },
  ])
})

test('a repeated request with the same idempotency key creates nothing and returns no secret; a different API key is a conflict', async () => {
  const { db } = database
  const key = { ...newKey, createdBy: 'repeater', idempotencyKey: 'one' }
  const results = await Promise.all([1, 2, 3, 4].map(() => createApiKey(db, key)))
  const created = results.flatMap((result) => ('conflict' in result ? [] : [result]))
  expect(created).toHaveLength(4)
  expect(new Set(created.map(({ apiKey }) => apiKey.id)).size).toBe(1)
  expect(created.filter(({ secret }) => secret !== null)).toHaveLength(1)
  expect(await createApiKey(db, { ...key, scopes: ['access:read'] })).toEqual({ conflict: true })
  expect(await createApiKey(db, { ...key, createdBy: 'another' })).toMatchObject({ secret: expect.any(String) })
})

test('the last use is written at most once a minute', async () => {
  const { db } = database
  const { secret, apiKey } = await create()
  const start = new Date('2026-01-01T12:00:00Z')
  const at = (seconds: number) => new Date(start.getTime() + seconds * 1_000)
  const useAt = async (seconds: number) => {
    const found = await findApiKey(db, secret)
    if (found) await recordApiKeyUse(db, found, at(seconds))
    return (await db.apiKey.findUniqueOrThrow({ where: { id: apiKey.id } })).lastUsedAt
  }
  expect(await useAt(0)).toEqual(at(0))
  expect(await useAt(59)).toEqual(at(0))
  expect(await useAt(61)).toEqual(at(61))
  // This simulates another server that read the key before the last use was recorded.
  await recordApiKeyUse(db, { id: apiKey.id, lastUsedAt: at(0) }, at(90))
  expect((await db.apiKey.findUniqueOrThrow({ where: { id: apiKey.id } })).lastUsedAt).toEqual(at(61))
})
