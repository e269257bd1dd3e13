import { seedIds } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { Page, useAdminClient } from './admin-client.ts'
import { grantOperations } from './grant-operations.ts'

// Every response is checked against the OpenAPI document. The effects of grants are tested in e2e/test/access-grants.test.ts.
const { stack, call, createKey, seenStatuses } = useAdminClient()
const [create, list, extend, revoke] = grantOperations

const Grant = z.object({ grantId: z.string() })
const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
const unknownGrant = 'grant_01m85eetz2e8qthwsqr5v0dh8g'

test('an API key with the grants:write scope can grant, list, extend and revoke access', async () => {
  const { key: token, id: keyId } = await createKey(['grants:write'])
  const body = { userId: 'press', entityId: seedIds.film, reason: 'Press' }
  const created = await call(create, { token, body })
  expect(created).toMatchObject({
    status: 201,
    body: { source: 'complimentary', expiresAt: null, revokedAt: null, grantedBy: keyId },
  })
  const { grantId } = Grant.parse(created.body)
  const query = `?userId=press&entityId=${seedIds.film}&source=complimentary&limit=1`
  expect(Page.parse((await call(list, { token, query })).body)).toEqual({ items: [created.body], nextCursor: null })
  expect(await call(extend, { token, grantId, body: { expiresAt: tomorrow } })).toMatchObject({
    status: 200,
    body: { expiresAt: tomorrow },
  })
  expect(await call(revoke, { token, grantId, body: { reason: 'Published' } })).toMatchObject({
    status: 200,
    body: { revokedBy: keyId, revokedReason: 'Published' },
  })
  expect(await call(extend, { token, grantId, body: { expiresAt: tomorrow } })).toMatchObject({
    status: 409,
    body: { code: 'grant_revoked' },
  })
})

test('a repeated request returns the grant after it was changed, expired or revoked', async () => {
  const headers = { 'idempotency-key': 'short' }
  const granted = { userId: 'press', entityId: seedIds.film, reason: 'Premiere', expiresAt: tomorrow }
  const created = await call(create, { body: granted, headers })
  const { grantId } = Grant.parse(created.body)
  // Moves the access into the past, because a test that waits for an expiry depends on the machine's speed.
  const [startsAt, expiresAt] = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z']
  const move = 'update grants set starts_at = $2, expires_at = $3, granted_until = $3 where id = $1'
  await stack().query(move, [grantId, startsAt, expiresAt])
  const body = { ...granted, expiresAt }
  const repeat = () => call(create, { body, headers })
  expect(await repeat()).toMatchObject({ status: 201, body: { ...Grant.loose().parse(created.body), startsAt, expiresAt } })
  await call(extend, { grantId, body: { expiresAt: tomorrow } })
  expect(await repeat()).toMatchObject({ status: 201, body: { grantId, expiresAt: tomorrow } })
  await call(revoke, { grantId, body: { reason: 'Published' } })
  expect(await repeat()).toMatchObject({ status: 201, body: { grantId, revokedReason: 'Published' } })
  expect(await call(create, { body })).toMatchObject({ status: 400, body: { errors: [{ field: 'expiresAt' }] } })
})

test('an idempotency key in the body is rejected under the name that was sent, and an invalid header under its own name', async () => {
  const body = { userId: 'press', entityId: seedIds.film, reason: 'Press' }
  const message = 'Send it in the Idempotency-Key header'
  expect(await call(create, { body: { ...body, idempotencyKey: 'one' } })).toMatchObject({
    ...{ status: 400, body: { errors: [{ field: 'idempotencyKey', message }] } },
  })
  expect(await call(create, { body, headers: { 'idempotency-key': 'x'.repeat(300) } })).toMatchObject({
    ...{ status: 400, body: { errors: [{ field: 'Idempotency-Key' }] } },
  })
})

test('unknown grants and invalid input are rejected', async () => {
  expect(await call(create, { body: {} })).toMatchObject({ status: 400 })
  const years = { startsAt: '1990-01-01T00:00:00Z', expiresAt: '2100-01-01T00:00:00Z' }
  const tooLong = { userId: 'press', entityId: seedIds.film, reason: 'Press', ...years }
  expect(await call(create, { body: tooLong })).toMatchObject({ status: 400, body: { errors: [{ field: 'expiresAt' }] } })
  expect(await call(list, { query: '?source=gift' })).toMatchObject({ status: 400, body: { errors: [{ field: 'source' }] } })
  expect(await call(extend, { grantId: unknownGrant, body: { expiresAt: tomorrow } })).toMatchObject({
    status: 404,
    body: { code: 'grant_not_found', errors: [{ field: 'grantId' }] },
  })
  expect(await call(extend, { grantId: unknownGrant, body: { expiresAt: '2020-01-01T00:00:00Z' } })).toMatchObject({
    status: 400,
  })
  for (const grantId of [unknownGrant, 'nope']) {
    expect(await call(revoke, { grantId, body: { reason: 'x' } })).toMatchObject({ status: 404 })
    expect(await call(extend, { grantId, body: { expiresAt: null } })).toMatchObject({ status: 404 })
  }
})

test('every operation was tested with a success and an error', () => {
  for (const operation of grantOperations) {
    const statuses = seenStatuses(operation)
    expect([operation, statuses.some((status) => status < 300), statuses.some((status) => status >= 400)]).toEqual([
      operation,
      true,
      true,
    ])
  }
})
