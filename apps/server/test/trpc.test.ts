import { createPayToViewClient } from '@pay-to-view/client'
import { seedIds, useSharedStack } from '@pay-to-view/testing/stack'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createHttpClient } from './http-client.ts'
import { fetchToken } from './token.ts'

const stack = useSharedStack()
const { send, get, post } = createHttpClient(() => stack().stack.api)
let token: string

beforeAll(async () => {
  token = await fetchToken(stack().stack.issuer, { user: stack().newUser() })
})

const purchases = '/client/v1/pay-to-view/purchases'

describe('tRPC', () => {
  const client = () => createPayToViewClient({ url: stack().stack.api, token })

  test('names invalid fields like REST', async () => {
    const restResponse = await post(purchases, { token, body: {} })
    const { errors } = z.object({ errors: z.array(z.unknown()) }).parse(restResponse.body)
    expect(errors).toHaveLength(3)
    const trpcResponse = await post('/trpc/purchases.create', { token, body: {} })
    expect(trpcResponse).toMatchObject({
      status: 400,
      body: { error: { data: { code: 'BAD_REQUEST', problem: { code: 'validation', errors } } } },
    })
  })

  test('returns the error of a procedure like REST', async () => {
    await expect(client().purchases.get.query({ id: 'ptv_01m85eetz2e8qthwsqr5v0dh8g' })).rejects.toMatchObject({
      data: {
        code: 'NOT_FOUND',
        httpStatus: 404,
        problem: { code: 'purchase_not_found', status: 404, errors: [{ field: 'id' }] },
      },
    })
    await expect(client().entities.get.query({ id: 'vid_01m85eetz2e8qthwsqr5v0dh80' })).rejects.toMatchObject({
      data: { problem: { code: 'entity_not_found' } },
    })
  })

  test('supports batches whose inputs exceed the maximum URL length', async () => {
    const ids = Array.from({ length: 100 }, (_, n) => `vid_01m85eetz2e8qthwsqr5v0${String(n).padStart(4, '0')}`)
    const trpc = client()
    const pages = await Promise.all(Array.from({ length: 8 }, () => trpc.access.checkMany.query({ entityId: ids })))
    expect(pages.flatMap(({ items }) => items)).toHaveLength(800)
  })

  // A request with connectionParams is handled by tRPC's own adapter instead of runQueries.
  test.each([
    `access.check?input={"entityId":"${seedIds.film}"}`,
    'access.check?input={"entityId":"a/b"}',
    'access.check',
    'purchases.list?input={"pageSize":1000}',
    'purchases.list',
    'admin.stuck',
    `access.check,entities.list,purchases.list?batch=1&input={"0":{"entityId":"${seedIds.film}"},"2":{"page":2}}`,
    'entities.list,admin.stuck?batch=1&input={}',
    'access.check,admin.stuck?batch=1',
    'access.check,access.check?batch=1&input={"0":{"entityId":"a/b"}}',
  ])('returns the same for %s as the adapter of tRPC does', async (path) => {
    const url = `/trpc/${path.replace(/(?<=input=).*/, encodeURIComponent)}`
    const response = await get(url, { token })
    const adapterResponse = await get(`${url}${path.includes('?') ? '&' : '?'}connectionParams=null`, { token })
    const instance = /"instance":"[^"]*"/g
    expect([response.status, response.type]).toEqual([adapterResponse.status, `${adapterResponse.type}; charset=utf-8`])
    expect(JSON.stringify(response.body).replaceAll(instance, '')).toBe(
      JSON.stringify(adapterResponse.body).replaceAll(instance, ''),
    )
  })

  test.each([
    ['GET', 'purchases.nothing', undefined, 404, 'not_found'],
    ['GET', 'purchases.create', undefined, 405, 'method_not_allowed'],
    ['GET', 'purchases.list?input=%7B', undefined, 400, 'validation'],
    ['POST', 'purchases.create', '{', 400, 'validation'],
  ])('rejects %s %s %s with a problem', async (method, path, body, status, code) => {
    expect(await send(method, `/trpc/${path}`, { token, body })).toMatchObject({
      status,
      body: { error: { data: { httpStatus: status, problem: { code, status } } } },
    })
  })
})
