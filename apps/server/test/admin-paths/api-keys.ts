import { createPayToViewClient } from '@pay-to-view/client'
import { waitFor } from '@pay-to-view/devstack/wait'
import { startServer } from '@pay-to-view/testing/app-process'
import { seedIds } from '@pay-to-view/testing/stack'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Page, type useAdminClient } from '../admin-client.ts'

const base = '/admin/v1/pay-to-view'
const unknownKey = 'key_01m85eetz2e8qthwsqr5v0dh8g'
const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
const past = '2026-01-01T00:00:00.000Z'

/** Tests of API keys. They share a stack with the tests of the other admin paths. */
export const describeApiKeys = ({ stack, send, get, call, document, createKey, buy }: ReturnType<typeof useAdminClient>) =>
  describe('API keys', () => {
    /** Moves the expiry into the past. A test that waits for an expiry depends on the machine's speed. */
    const expire = (id: string) => stack().query('update api_keys set expires_at = $2 where id = $1', [id, past])

    test('are created with a secret that is returned only once, listed page by page without it, and audited', async () => {
      const body = { name: ' import ', scopes: ['catalog:write', 'catalog:read'], rateLimit: 50 }
      const headers = { 'idempotency-key': 'create-import' }
      const created = await call(`POST ${base}/api-keys`, { body, headers })
      expect(created).toMatchObject({
        status: 201,
        body: { name: 'import', scopes: ['catalog:write', 'catalog:read'], rateLimit: 50, expiresAt: null, lastUsedAt: null },
      })
      const { key, ...withoutSecret } = z.looseObject({ key: z.string() }).parse(created.body)
      expect(key).toMatch(/^ptvk_[0-9A-Za-z]{43}$/)
      const repeated = await call(`POST ${base}/api-keys`, { body, headers })
      expect(repeated).toMatchObject({ status: 201, body: withoutSecret })
      expect(repeated.body).not.toHaveProperty('key')
      expect(await call(`POST ${base}/api-keys`, { body: { ...body, name: 'other' }, headers })).toMatchObject({
        status: 409,
        body: { code: 'idempotency_conflict', errors: [{ field: 'Idempotency-Key' }] },
      })
      await createKey(['access:read'])
      const first = Page.parse((await call(`GET ${base}/api-keys`, { query: '?limit=1' })).body)
      const second = Page.parse((await call(`GET ${base}/api-keys`, { query: `?limit=1&cursor=${first.nextCursor}` })).body)
      expect(second.items).toEqual([withoutSecret])
      expect(JSON.stringify([first, second])).not.toContain(key.slice(0, 12))
      const { id } = withoutSecret
      expect((await call(`GET ${base}/audit`, { query: `?subjectId=${id}` })).body).toMatchObject({
        items: [{ actor: 'root', action: 'api_key.created', subjectId: id, before: null, after: { name: 'import' } }],
        nextCursor: null,
      })
      const { items } = Page.parse((await call(`GET ${base}/audit`, { query: '?limit=1' })).body)
      expect(items).toHaveLength(1)
      for (const operation of [`GET ${base}/api-keys`, `GET ${base}/audit`] as const)
        expect(await call(operation, { query: '?limit=0' })).toMatchObject({
          status: 400,
          body: { errors: [{ field: 'limit' }] },
        })
    })

    test.each([
      ['name', { name: ' ' }],
      ['name', { name: undefined }],
      ['scopes', { scopes: [] }],
      ['scopes.0', { scopes: ['catalog'] }],
      ['expiresAt', { expiresAt: '2020-01-01T00:00:00Z' }],
      ['expiresAt', { expiresAt: 'tomorrow' }],
      ['rateLimit', { rateLimit: 0 }],
      ['scope', { scope: 'catalog:read' }],
    ])('with an invalid %s are rejected: %j', async (field, fields) => {
      const body = { name: 'site', scopes: ['catalog:read'], ...fields }
      const response = await call(`POST ${base}/api-keys`, { body })
      expect(response).toMatchObject({ status: 400, body: { code: 'validation', errors: [{ field }] } })
    })

    test('are returned to a repeated request after they expired or were revoked', async () => {
      const headers = { 'idempotency-key': 'create-short' }
      const valid = { name: 'short', scopes: ['catalog:read'], expiresAt: tomorrow }
      const created = await call(`POST ${base}/api-keys`, { body: valid, headers })
      const { key: _key, ...withoutSecret } = z.looseObject({ id: z.string(), key: z.string() }).parse(created.body)
      await expire(withoutSecret.id)
      const body = { ...valid, expiresAt: past }
      const repeat = () => call(`POST ${base}/api-keys`, { body, headers })
      expect(await repeat()).toMatchObject({ status: 201, body: { ...withoutSecret, expiresAt: past } })
      await call(`DELETE ${base}/api-keys/{id}`, { id: withoutSecret.id })
      expect(await repeat()).toMatchObject({ status: 201, body: { ...withoutSecret, expiresAt: past } })
      expect(await call(`POST ${base}/api-keys`, { body, headers: { 'idempotency-key': 'create-late' } })).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'expiresAt' }] },
      })
    })

    test('can call exactly the paths of their scope, and no paths of users or admins', async () => {
      const { key } = await createKey(['reports:read'])
      const scopes = new Set<string>()
      for (const [path, methods] of Object.entries(document().paths)) {
        for (const [method, operation] of Object.entries(methods)) {
          const {
            'x-scope': scope,
            tags,
            security,
          } = z
            .looseObject({ 'x-scope': z.string().optional(), tags: z.array(z.string()), security: z.array(z.unknown()) })
            .parse(operation)
          if (tags.includes('stripe') || security.length === 0) continue
          const url = path.replaceAll(/\{\w+\}/g, 'x')
          const options = { token: key, ...(method !== 'get' && { body: {} }) }
          const response = await send(method.toUpperCase(), url, options)
          if (scope === 'reports:read') {
            expect(response.status).not.toBe(403)
            continue
          }
          const code = tags.includes('client')
            ? 'user_token_required'
            : scope === undefined
              ? 'admin_token_required'
              : 'scope_missing'
          expect({ path, method, ...response }).toMatchObject({ path, method, status: 403, body: { code } })
          if (scope === undefined) continue
          scopes.add(scope)
          expect(response.body).toMatchObject({ errors: [{ field: 'scope', message: expect.stringContaining(scope) }] })
          const { key: permitted } = await createKey([scope])
          expect((await send(method.toUpperCase(), url, { ...options, token: permitted })).status).not.toBe(403)
        }
      }
      expect([...scopes]).toEqual(expect.arrayContaining(['access:read', 'purchases:read', 'refunds:write']))
      // The catalog is public, so a key may read it.
      expect((await get('/client/v1/pay-to-view/products', { token: key })).status).toBe(200)
    })

    test('work as the token of the typed client, and record when they were last used', async () => {
      const { id, key } = await createKey(['purchases:read', 'access:read'])
      const client = createPayToViewClient({ url: stack().stack.api, token: key })
      const { user, purchaseId } = await buy()
      expect(await client.admin.users.access.query({ userId: user, entityId: [seedIds.film] })).toMatchObject({
        items: [{ entityId: seedIds.film, hasAccess: true, purchaseId }],
      })
      const { items } = await client.admin.purchases.list.query({ userId: user })
      expect(items).toMatchObject([{ purchaseId, userId: user }])
      await expect(client.purchases.list.query({})).rejects.toMatchObject({ data: { problem: { code: 'user_token_required' } } })
      await expect(client.admin.apiKeys.list.query({})).rejects.toMatchObject({
        data: { problem: { code: 'admin_token_required' } },
      })
      const lastUse = async () => {
        const page = Page.parse((await call(`GET ${base}/api-keys`, { query: '?limit=200' })).body)
        return page.items.find((item) => item.id === id)?.lastUsedAt
      }
      await waitFor('the last use', async () => (await lastUse()) != null, { timeoutMs: 10_000 })
    })

    test('that are revoked, expired or unknown get 401, on every server within 5 seconds', async () => {
      const other = await startServer(stack().stack)
      const { id, key } = await createKey(['purchases:read'])
      const headers = { authorization: `Bearer ${key}` }
      const urls = [stack().stack.api, other.url]
      const statuses = () => Promise.all(urls.map(async (url) => (await fetch(`${url}${base}/stuck`, { headers })).status))
      try {
        expect(await statuses()).toEqual([200, 200])
        expect(await call(`DELETE ${base}/api-keys/{id}`, { id })).toMatchObject({ status: 204, body: '' })
        const revokedAt = Date.now()
        await waitFor('401', async () => (await statuses()).every((status) => status === 401), { timeoutMs: 10_000 })
        expect(Date.now() - revokedAt).toBeLessThan(5_000)
      } finally {
        await other.stop()
      }
      // Revoking the key again has no effect.
      expect(await call(`DELETE ${base}/api-keys/{id}`, { id })).toMatchObject({ status: 204 })
      expect(await call(`DELETE ${base}/api-keys/{id}`, { id: unknownKey })).toMatchObject({
        status: 404,
        body: { code: 'api_key_not_found' },
      })
      expect(await call(`DELETE ${base}/api-keys/{id}`, { id: 'nope' })).toMatchObject({ status: 404 })
      expect(await call(`DELETE ${base}/api-keys/{id}`, { id: 'x!' })).toMatchObject({ status: 400 })
      for (const token of [`ptvk_${'0'.repeat(43)}`, 'ptvk_short'])
        expect((await get(`${base}/stuck`, { token })).status).toBe(401)
      const { id: expired, key: expiredKey } = await createKey(['purchases:read'], { expiresAt: tomorrow })
      await expire(expired)
      expect((await get(`${base}/stuck`, { token: expiredKey })).status).toBe(401)
    })
  })
