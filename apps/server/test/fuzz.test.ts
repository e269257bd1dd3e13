import { appRouter } from '@pay-to-view/api'
import { useStack } from '@pay-to-view/testing/stack'
import fc from 'fast-check'
import Stripe from 'stripe'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createContractChecker, Document } from './contract.ts'
import { hostileValue, nearSchema, Schema, validTexts } from './fuzz/arbitraries.ts'
import { createHttpClient } from './http-client.ts'
import { fetchToken } from './token.ts'

const stack = useStack()
const { send, get } = createHttpClient(() => stack().stack.api)
let contract: ReturnType<typeof createContractChecker>
let document: z.infer<typeof Document>
const tokens: Record<string, string | undefined> = { none: undefined, invalid: 'a.b.c' }

beforeAll(async () => {
  const { body } = await get('/openapi.json')
  contract = createContractChecker(body)
  document = Document.parse(body)
  tokens.user = await fetchToken(stack().stack.issuer, { user: 'alice' })
  tokens.admin = await fetchToken(stack().stack.issuer, { user: 'root', admin: true })
  const { client, create, pay, waitForStatus } = stack()
  const alice = await client('alice')
  const paid = await create(alice)
  await pay(paid.sessionId)
  await waitForStatus(alice, paid.purchaseId, 'Completed')
  const open = await create(await client('bob'))
  validTexts.push(paid.purchaseId, open.purchaseId)
})

/**
 * Each API path is one fast-check property. Set FUZZ_RUNS to run each property more often. A failure reports the seed and path that
 * reproduce it: `fc.assert(…, { seed, path })`.
 */
const timeoutMs = 240_000
const runs = { numRuns: Number(process.env.FUZZ_RUNS ?? 20), interruptAfterTimeLimit: 20_000, markInterruptAsFailure: false }
const tokenKind = fc.constantFrom('user', 'user', 'admin', 'admin', 'none', 'invalid')

/** Returns the text as it is after UTF-8 encoding, which replaces unpaired surrogates with U+FFFD. */
const toText = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toString()
const toHeaderValue = (value: unknown): string =>
  toText(value)
    .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '')
    .trim()
/** Replaces `.` and `..`, which fetch would resolve, and an empty segment, which would address the parent path. */
const toPathSegment = (value: unknown): string => toText(value).replace(/^\.{0,2}$/, 'x')

const Operation = z.looseObject({
  parameters: z.array(z.looseObject({ in: z.string(), name: z.string(), schema: Schema })).default([]),
  requestBody: z.object({ content: z.object({ 'application/json': z.object({ schema: Schema }) }) }).optional(),
})

test(
  'any input to a REST path gets a response documented in /openapi.json, and never 5xx',
  async () => {
    const operations = contract.paths.filter((operation) => !operation.includes('/webhooks/'))
    expect(operations.length).toBeGreaterThan(5)
    for (const operation of operations) {
      const [method = '', path = ''] = operation.split(' ')
      const { parameters, requestBody } = Operation.parse(document.paths[path]?.[method.toLowerCase()])
      const request = fc.record({
        token: tokenKind,
        parameters: fc.tuple(...parameters.map(({ schema }) => nearSchema(schema))),
        body: requestBody ? nearSchema(requestBody.content['application/json'].schema) : fc.constant(undefined),
      })
      await fc.assert(
        fc.asyncProperty(request, async ({ token, parameters: values, body }) => {
          const query = new URLSearchParams()
          const headers: Record<string, string> = {}
          let url = path
          for (const [index, { in: place, name }] of parameters.entries()) {
            const value = values[index]
            if (place === 'path') url = url.replace(`{${name}}`, () => encodeURIComponent(toPathSegment(value)))
            if (place === 'header' && value !== undefined) headers[name] = toHeaderValue(value)
            if (place === 'query') for (const item of Array.isArray(value) ? value : [value]) query.append(name, toText(item))
          }
          const response = await send(method, `${url}?${query}`, { token: tokens[token], headers, body: JSON.stringify(body) })
          expect([operation, response.status, response.body]).toEqual([
            operation,
            expect.toSatisfy((status) => status < 500),
            response.body,
          ])
          contract.expectValid(operation, response)
        }),
        runs,
      )
    }
  },
  timeoutMs,
)

const Procedure = z.object({ _def: z.object({ type: z.string(), inputs: z.array(z.instanceof(z.ZodType)).default([]) }) })
const ErrorResponse = z.object({
  error: z.object({ data: z.object({ problem: z.object({ status: z.int(), code: z.string() }) }) }),
})

/** Returns the status of a stream without reading its events. */
const fetchStatus = async (url: string, token: string | undefined): Promise<number> => {
  const client = new AbortController()
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const { status } = await fetch(url, { headers, signal: client.signal })
  client.abort()
  return status
}

test(
  'any input to a procedure gets its output or a problem, and never 5xx',
  async () => {
    // zod cannot parse a procedure, which is a function, so its definition is read by reflection.
    const procedures = Object.entries<unknown>(appRouter._def.procedures).map(([name, procedure]) => ({
      name,
      ...Procedure.parse({ _def: Reflect.get(Object(procedure), '_def') })._def,
    }))
    expect(procedures.length).toBeGreaterThan(15)
    for (const { name, type, inputs } of procedures) {
      const [input] = inputs
      const schema = input ? Schema.parse(z.toJSONSchema(input, { io: 'input' })) : {}
      await fc.assert(
        fc.asyncProperty(tokenKind, nearSchema(schema), async (kind, value) => {
          const token = tokens[kind]
          const query = `?input=${encodeURIComponent(JSON.stringify(value))}`
          const path = `/trpc/${name}`
          if (type === 'subscription') {
            expect(await fetchStatus(stack().stack.api + path + query, token)).toBeLessThan(500)
            return
          }
          const response =
            type === 'query'
              ? await get(path + query, { token })
              : await send('POST', path, { token, body: JSON.stringify(value) })
          if (response.status === 200) return
          const { problem } = ErrorResponse.parse(response.body).error.data
          expect(problem.status).toBe(response.status)
          // Without playback keys, the `playback_not_configured` problem with status 501 is expected.
          if (problem.code !== 'playback_not_configured')
            expect([name, problem]).toEqual([
              name,
              expect.objectContaining({ status: expect.toSatisfy((status) => status < 500) }),
            ])
        }),
        runs,
      )
    }
  },
  timeoutMs,
)

test('any signed event is accepted or rejected, and never 5xx', async () => {
  const { webhooks } = new Stripe('sk_test_unused')
  const types = [
    'checkout.session.completed',
    'charge.refunded',
    'refund.updated',
    'charge.dispute.created',
    'payment_intent.succeeded',
  ]
  const event = fc.record(
    {
      id: fc.oneof(fc.constantFrom('evt_a', 'evt_b'), hostileValue),
      object: fc.constant('event'),
      type: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...types) }, { weight: 1, arbitrary: hostileValue }),
      created: fc.oneof(fc.integer({ min: 1_700_000_000, max: 1_900_000_000 }), hostileValue),
      livemode: fc.oneof(fc.boolean(), hostileValue),
      data: fc.record({
        object: fc.oneof(
          fc.record(
            {
              id: fc.oneof(fc.constant('cs_test_1'), hostileValue),
              object: fc.constantFrom('checkout.session', 'charge', 'refund', 'dispute', 'payment_intent'),
              payment_intent: fc.oneof(fc.constant('pi_1'), hostileValue),
              status: fc.oneof(fc.constantFrom('complete', 'open', 'succeeded', 'won'), hostileValue),
              amount: hostileValue,
              metadata: fc.oneof(
                fc.record({ payToViewPurchaseId: fc.oneof(fc.constant('ptv_01m85eetz2e8qthwsqr5v0dh8g'), hostileValue) }),
                hostileValue,
              ),
            },
            { requiredKeys: [] },
          ),
          hostileValue,
        ),
      }),
    },
    { requiredKeys: ['object'] },
  )
  await fc.assert(
    fc.asyncProperty(fc.oneof(event, hostileValue), async (content) => {
      const body = JSON.stringify(content)
      const signature = webhooks.generateTestHeaderString({ payload: body, secret: stack().stack.webhookSecret })
      const response = await send('POST', '/client/v1/webhooks/stripe', { body, headers: { 'stripe-signature': signature } })
      expect(response.status < 500 ? [] : [response.status, response.body]).toEqual([])
      contract.expectValid('POST /client/v1/webhooks/stripe', response)
    }),
    { ...runs, numRuns: 200, examples: [[{ id: { toString: 'x' }, object: 'event', type: 'checkout.session.completed' }]] },
  )
})
