import { waitFor } from '@pay-to-view/devstack/wait'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { adminPath, entity, useCatalogOperations } from './catalog-operations.ts'

const { call, sendAsAdmin, putEntity, putProduct, putOffer, create, userToken, stack } = useCatalogOperations()

const operations = {
  cancel: `POST ${entity}/cancel`,
  cancellation: `GET ${entity}/cancel`,
  items: `GET ${entity}/cancel/items`,
  pause: `POST ${entity}/cancel/pause`,
  resume: `POST ${entity}/cancel/resume`,
  extend: `POST ${entity}/extend`,
  extension: `GET ${entity}/extensions/{extensionId}`,
}

const waitOptions = { timeoutMs: 30_000 }
const video = { type: 'video', title: 'Concert' }

const waitUntilFinished = (operation: string, params: Record<string, string>) =>
  waitFor(
    `${operation} to finish`,
    async () => {
      const { body } = await call(operation, params)
      return z.object({ status: z.string() }).parse(body).status === 'finished' && body
    },
    waitOptions,
  )

test('an entity that was not canceled has no cancellation, and an unknown entity cannot be canceled', async () => {
  await putEntity('not-canceled', video)
  const params = { id: 'not-canceled' }
  for (const operation of [operations.cancellation, operations.items, operations.pause, operations.resume])
    expect(await call(operation, params, operation.startsWith('POST') ? { body: {} } : {})).toMatchObject({
      ...{ status: 404, code: 'cancellation_not_found', fields: ['id'] },
    })
  const unknown = { id: 'unknown' }
  expect(await call(operations.cancel, unknown, { body: { reason: 'storm' } })).toMatchObject({
    ...{ status: 404, code: 'entity_not_found', fields: ['id'] },
  })
  for (const body of [{}, { reason: '' }, { reason: 'x'.repeat(501) }, { reason: 7 }])
    expect(await call(operations.cancel, params, { body })).toMatchObject({ status: 400, fields: ['reason'] })
})

test('canceling an entity: 202, then the progress and the items; a second request changes nothing, and the entity is no longer sold', async () => {
  const id = 'canceled'
  await putEntity(id, video)
  await putProduct('ticket')
  await putOffer('ticket', id)
  const token = await userToken()
  const { clientSecret } = z.object({ clientSecret: z.string() }).parse((await create(token, 'ticket', id)).body)
  await stack().pay(clientSecret.split('_secret_')[0] ?? '')
  expect(await call(operations.cancel, { id }, { body: { reason: 'storm' } })).toMatchObject({
    ...{ status: 202, body: { entityId: id, reason: 'storm', requestedBy: 'root', failed: 0 } },
  })
  expect(await call(operations.cancel, { id }, { body: { reason: 'other' } })).toMatchObject({
    ...{ status: 202, body: { reason: 'storm' } },
  })
  expect(await waitUntilFinished(operations.cancellation, { id })).toMatchObject({ total: 1, refunded: 1, pending: 0 })
  expect(await call(operations.items, { id }, { query: '?outcome=refunded' })).toMatchObject({
    ...{ status: 200, body: { items: [{ outcome: 'refunded', grantId: null, reason: null }], nextCursor: null } },
  })
  expect(await call(operations.items, { id }, { query: '?outcome=lost' })).toMatchObject({ status: 400, fields: ['outcome'] })
  for (const operation of [operations.pause, operations.resume])
    expect(await call(operation, { id }, { body: {} })).toMatchObject({ status: 202, body: { status: 'finished' } })
  expect(await create(await userToken(), 'ticket', id)).toMatchObject({ status: 409, code: 'product_not_on_sale' })
  // The entity stays canceled even if the site writes it again.
  expect(await putEntity(id, { ...video, title: 'New title' })).toMatchObject({ status: 200 })
  expect(await create(await userToken(), 'ticket', id)).toMatchObject({ status: 409, code: 'product_not_on_sale' })
})

test('the Location header of a 202 is the path of the progress; a response with 200 has none', async () => {
  const id = 'located:1'
  await putEntity(id, video)
  const path = `${adminPath}/entities/${encodeURIComponent(id)}`
  const canceled = await sendAsAdmin('POST', `${path}/cancel`, { body: { reason: 'storm' } })
  expect([canceled.status, canceled.headers.get('location')]).toEqual([202, `${path}/cancel`])
  const progress = await sendAsAdmin('GET', `${path}/cancel`)
  expect(progress).toMatchObject({ status: 200, body: { location: `${path}/cancel` } })
  expect(progress.headers.get('location')).toBeNull()
  const extended = await sendAsAdmin('POST', `${path}/extend`, { body: { days: 1, reason: 'failed' } })
  expect(extended).toMatchObject({ status: 202, body: { location: extended.headers.get('location') } })
})

test('extending access: 202 with the path of the progress, and only one extension per Idempotency-Key', async () => {
  const id = 'extended'
  await putEntity(id, video)
  const extend = (body: object, key = 'incident-1') =>
    call(operations.extend, { id }, { body, headers: { 'idempotency-key': key } })
  for (const days of [0, 1.5, 36_501, '2', undefined])
    expect(await extend({ days, reason: 'failed' })).toMatchObject({ status: 400, fields: ['days'] })
  const { status, body } = await extend({ days: 2, reason: 'failed' })
  const { extensionId, location } = z.object({ extensionId: z.string(), location: z.string() }).parse(body)
  expect({ status, location }).toEqual({
    status: 202,
    location: `/admin/v1/pay-to-view/entities/${id}/extensions/${extensionId}`,
  })
  expect(await extend({ days: 2, reason: 'failed' })).toMatchObject({ status: 202, body: { extensionId } })
  expect(await extend({ days: 3, reason: 'failed' })).toMatchObject({ status: 409, code: 'idempotency_conflict' })
  expect(await waitUntilFinished(operations.extension, { id, extensionId })).toMatchObject({ days: 2, total: 0, extended: 0 })
  expect(await call(operations.extension, { id, extensionId: 'nope' })).toMatchObject({ status: 404 })
  expect(await call(operations.extension, { id: 'other', extensionId })).toMatchObject({
    status: 404,
    code: 'extension_not_found',
  })
  expect(await call(operations.extend, { id: 'unknown' }, { body: { days: 2, reason: 'failed' } })).toMatchObject({ status: 404 })
})
