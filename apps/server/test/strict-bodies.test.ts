import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { Document } from './contract.ts'
import { buildTestServer } from './test-server.ts'

let app: FastifyInstance
let operations: { method: 'POST' | 'PUT' | 'PATCH'; url: string; isStrict: boolean }[]

const Operation = z.looseObject({
  requestBody: z.object({ content: z.object({ 'application/json': z.object({ schema: z.looseObject({}) }) }) }).optional(),
})

beforeAll(async () => {
  app = await buildTestServer({
    authenticate: async () => ({ id: 'root', admin: true, email: null, tokenExpiresAt: Date.now() + 60_000 }),
  })
  const { paths } = Document.parse((await app.inject('/openapi.json')).json())
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    (['POST', 'PUT', 'PATCH'] as const).flatMap((method) => {
      const body = Operation.safeParse(methods[method.toLowerCase()]).data?.requestBody
      if (!body || path.includes('webhooks')) return []
      const { schema } = body.content['application/json']
      const url = path.replaceAll(/\{\w+\}/g, 'ptv_01m85eetz2e8qthwsqr5v0dh8g')
      return [{ method, url, isStrict: schema.additionalProperties === false }]
    }),
  )
})
afterAll(() => app.close())

const refund = '/admin/v1/pay-to-view/purchases/ptv_01m85eetz2e8qthwsqr5v0dh8g/refund'

test('the OpenAPI document says which bodies reject unknown fields', () => {
  expect(operations.map(({ url }) => url)).toContain(refund)
  expect(operations.filter(({ isStrict }) => !isStrict).map(({ url }) => url)).toEqual(['/client/v1/pay-to-view/purchases'])
})

const unknownFields = ['amuont', 'constructor', 'toString', '__proto__', 'hasOwnProperty']

test.each(unknownFields)(
  'the unknown field %s is named in the error exactly where the document rejects unknown fields',
  async (field) => {
    for (const { method, url, isStrict } of operations) {
      const headers = { authorization: 'Bearer root', 'content-type': 'application/json' }
      const response = await app.inject({ method, url, headers, payload: `{"${field}":{"x":1}}` })
      const { data } = z.object({ errors: z.array(z.object({ field: z.string() })) }).safeParse(response.json())
      const fields = (data?.errors ?? []).map((error) => error.field)
      expect([url, fields.includes(field)]).toEqual([url, isStrict])
      if (isStrict) expect(response.statusCode).toBe(400)
    }
  },
)

test.each([0, -1, 1.5, 100_000_000, '5', null])(
  'a refund of the amount %j is rejected with the unit and the range of the amount',
  async (amount) => {
    const headers = { authorization: 'Bearer root', 'content-type': 'application/json' }
    const response = await app.inject({ method: 'POST', url: refund, headers, payload: JSON.stringify({ amount }) })
    const message = expect.stringMatching(/from 1 to 99999999, in minor units of the currency: 499 for 4\.99 USD or 499 JPY/)
    expect([response.statusCode, response.json().errors]).toEqual([400, [{ field: 'amount', message }]])
  },
)
