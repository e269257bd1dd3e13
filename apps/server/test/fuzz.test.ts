import { appRouter } from '@pay-to-view/api'
import { useStack } from '@pay-to-view/testing/stack'
import fc from 'fast-check'
import Stripe from 'stripe'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createContractChecker, Document } from './contract.ts'
import { hostile, near, Schema, wellFormed } from './fuzz/values.ts'
import { createHttpClient } from './http-client.ts'
import { fetchToken } from './token.ts'

const stack = useStack()
const { send, get } = createHttpClient(() => stack().stack.api)
let contract: ReturnType<typeof createContractChecker>
let document: z.infer<typeof Document>
const tokens: Record<string, string | undefined> = { nobody: undefined, stranger: 'a.b.c' }

beforeAll(async () => {
  const { body } = await get('/openapi.json')
  contract = createContractChecker(body)
  document = Document.parse(body)
  tokens.user = await fetchToken(stack().stack.issuer, { user: 'alice' })
  tokens.admin = await fetchToken(stack().stack.issuer, { user: 'root', admin: true })
  const { client, create, pay, whenStatus } = stack()
  const viewer = await client('alice')
  const paid = await create(viewer)
  await pay(paid.sessionId)
  await whenStatus(viewer, paid.purchaseId, 'Completed')
  const open = await create(await client('bob'))
  wellFormed.push(paid.purchaseId, open.purchaseId)
})

/** A failure says the seed that shows it again: `fc.assert(…, { seed, path })`. */
const runs = { numRuns: 60, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: false }
const whoever = fc.constantFrom('user', 'user', 'admin', 'admin', 'nobody', 'stranger')

/** As UTF-8 takes it: halves of surrogate pairs become U+FFFD. */
const asText = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toString()
const inHeader = (value: unknown): string =>
  asText(value)
    .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '')
    .trim()
/** fetch takes dots for steps in the path, and nothing for the path above. */
const inPath = (value: unknown): string => asText(value).replace(/^\.{0,2}$/, 'x')

const Operation = z.looseObject({
  parameters: z.array(z.looseObject({ in: z.string(), name: z.string(), schema: Schema })).default([]),
  requestBody: z.object({ content: z.object({ 'application/json': z.object({ schema: Schema }) }) }).optional(),
})

test('whatever is sent to a REST path, the answer is one that /openapi.json tells of, and never 5xx', async () => {
  const operations = contract.paths.filter((operation) => !operation.includes('/webhooks/'))
  expect(operations.length).toBeGreaterThan(5)
  for (const operation of operations) {
    const [method = '', path = ''] = operation.split(' ')
    const { parameters, requestBody } = Operation.parse(document.paths[path]?.[method.toLowerCase()])
    const given = fc.record({
      who: whoever,
      parameters: fc.tuple(...parameters.map(({ schema }) => near(schema))),
      body: requestBody ? near(requestBody.content['application/json'].schema) : fc.constant(undefined),
    })
    await fc.assert(
      fc.asyncProperty(given, async ({ who, parameters: values, body }) => {
        const query = new URLSearchParams()
        const headers: Record<string, string> = {}
        let url = path
        for (const [at, { in: place, name }] of parameters.entries()) {
          const value = values[at]
          if (place === 'path') url = url.replace(`{${name}}`, () => encodeURIComponent(inPath(value)))
          if (place === 'header' && value !== undefined) headers[name] = inHeader(value)
          if (place === 'query') for (const one of Array.isArray(value) ? value : [value]) query.append(name, asText(one))
        }
        const answer = await send(method, `${url}?${query}`, { token: tokens[who], headers, body: JSON.stringify(body) })
        expect([operation, answer.status, answer.body]).toEqual([
          operation,
          expect.toSatisfy((status) => status < 500),
          answer.body,
        ])
        contract.holds(operation, answer)
      }),
      runs,
    )
  }
})

const Procedure = z.object({ _def: z.object({ type: z.string(), inputs: z.array(z.instanceof(z.ZodType)).default([]) }) })
const Told = z.object({ error: z.object({ data: z.object({ problem: z.object({ status: z.int(), code: z.string() }) }) }) })

/** Of a stream the head is enough. */
const headOf = async (url: string, token: string | undefined): Promise<number> => {
  const leave = new AbortController()
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const { status } = await fetch(url, { headers, signal: leave.signal })
  leave.abort()
  return status
}

test('whatever is sent to a procedure, the answer is its own or a problem that says what is wrong, and never 5xx', async () => {
  // A router is a function to zod; what its procedures hold is read at run time.
  const procedures = Object.entries<unknown>(appRouter._def.procedures).map(([name, procedure]) => ({
    name,
    ...Procedure.parse({ _def: Reflect.get(Object(procedure), '_def') })._def,
  }))
  expect(procedures.length).toBeGreaterThan(15)
  for (const { name, type, inputs } of procedures) {
    const [input] = inputs
    const schema = input ? Schema.parse(z.toJSONSchema(input, { io: 'input' })) : {}
    await fc.assert(
      fc.asyncProperty(whoever, near(schema), async (who, value) => {
        const token = tokens[who]
        const query = `?input=${encodeURIComponent(JSON.stringify(value))}`
        const path = `/trpc/${name}`
        if (type === 'subscription') {
          expect(await headOf(stack().stack.api + path + query, token)).toBeLessThan(500)
          return
        }
        const answer =
          type === 'query' ? await get(path + query, { token }) : await send('POST', path, { token, body: JSON.stringify(value) })
        if (answer.status === 200) return
        const { problem } = Told.parse(answer.body).error.data
        expect(problem.status).toBe(answer.status)
        // Where no keys of playback are set, it says so.
        if (problem.code !== 'playback_not_configured')
          expect([name, problem]).toEqual([name, expect.objectContaining({ status: expect.toSatisfy((status) => status < 500) })])
      }),
      runs,
    )
  }
})

test('whatever a signed event says, it is taken or refused', async () => {
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
      id: fc.oneof(fc.constantFrom('evt_a', 'evt_b'), hostile),
      object: fc.constant('event'),
      type: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...types) }, { weight: 1, arbitrary: hostile }),
      created: fc.oneof(fc.integer({ min: 1_700_000_000, max: 1_900_000_000 }), hostile),
      livemode: fc.oneof(fc.boolean(), hostile),
      data: fc.record({
        object: fc.oneof(
          fc.record(
            {
              id: fc.oneof(fc.constant('cs_test_1'), hostile),
              object: fc.constantFrom('checkout.session', 'charge', 'refund', 'dispute', 'payment_intent'),
              payment_intent: fc.oneof(fc.constant('pi_1'), hostile),
              status: fc.oneof(fc.constantFrom('complete', 'open', 'succeeded', 'won'), hostile),
              amount: hostile,
              metadata: fc.oneof(
                fc.record({ payToViewPurchaseId: fc.oneof(fc.constant('ptv_01m85eetz2e8qthwsqr5v0dh8g'), hostile) }),
                hostile,
              ),
            },
            { requiredKeys: [] },
          ),
          hostile,
        ),
      }),
    },
    { requiredKeys: ['object'] },
  )
  await fc.assert(
    fc.asyncProperty(fc.oneof(event, hostile), async (told) => {
      const body = JSON.stringify(told)
      const signature = webhooks.generateTestHeaderString({ payload: body, secret: stack().stack.webhookSecret })
      const answer = await send('POST', '/client/v1/webhooks/stripe', { body, headers: { 'stripe-signature': signature } })
      expect(answer.status < 500 ? [] : [answer.status, answer.body]).toEqual([])
      contract.holds('POST /client/v1/webhooks/stripe', answer)
    }),
    { ...runs, numRuns: 200, examples: [[{ id: { toString: 'x' }, object: 'event', type: 'checkout.session.completed' }]] },
  )
})
