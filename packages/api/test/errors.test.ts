import { promotionCodeRejections, withdrawalRefusals } from '@pay-to-view/purchase'
import { TRPCError } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { errors } from '../src/error-table.ts'
import { ApiError, toProblem } from '../src/errors.ts'
import { problem } from '../src/problem.ts'
import { toApiError } from '../src/to-api-error.ts'
import { adminProcedure, type Context, publicProcedure, router, userProcedure } from '../src/trpc.ts'
import { unusedServices } from './unused-services.ts'

const secret = 'postgresql://user:password@db.internal'

/** One procedure for each kind of failure. */
const failing = router({
  input: publicProcedure.input(z.object({ page: z.int('Expected a whole number') })).query(() => 'fine'),
  output: publicProcedure.output(z.object({ amount: z.int() })).query(() => ({ amount: Number('none') })),
  row: publicProcedure.query(() => z.object({ facts: z.string() }).parse({ facts: secret.length })),
  unknown: publicProcedure.query((): string => {
    throw new Error(`Connection to ${secret} failed`)
  }),
  text: publicProcedure.query((): string => {
    throw secret
  }),
  apiError: publicProcedure.query((): string => {
    throw new ApiError('already_refunded')
  }),
  user: userProcedure.query(() => 'fine'),
  admin: adminProcedure.query(() => 'fine'),
})

const logged: string[] = []
const context = (admin: boolean | null): Context => ({
  requestId: 'req-1',
  origin: { address: '192.0.2.1', userAgent: undefined },
  services: unusedServices(),
  apiKey: null,
  user: admin === null ? null : { id: 'alice', admin, email: null, tokenExpiresAt: Date.now() + 60_000 },
})

const call = async (path: string, admin: boolean | null = null) => {
  const response = await fetchRequestHandler({
    endpoint: '/trpc',
    req: new Request(`http://api.test/trpc/${path}`),
    router: failing,
    createContext: async () => context(admin),
    onError: ({ error }) => {
      if (toApiError(error).code === 'internal') logged.push(String(error.cause?.message ?? error.message))
    },
  })
  const text = await response.text()
  const { error } = z
    .object({ error: z.object({ message: z.string(), data: z.looseObject({ problem }) }) })
    .parse(JSON.parse(text))
  return { status: response.status, text, error }
}

test('the error for an invalid input names the fields', async () => {
  const { status, error } = await call(`input?input=${encodeURIComponent('{"page":"x"}')}`)
  expect(status).toBe(400)
  expect(error).toMatchObject({
    data: {
      code: 'BAD_REQUEST',
      problem: { code: 'validation', errors: [{ field: 'page', message: 'Expected a whole number' }] },
    },
  })
})

test.each(['output', 'row', 'unknown', 'text'])('an internal error (%s) exposes no details, and is logged', async (path) => {
  const before = logged.length
  const { status, text, error } = await call(path)
  expect([status, error.data.code, error.data.problem.code]).toEqual([500, 'INTERNAL_SERVER_ERROR', 'internal'])
  expect(error.data.problem.errors).toEqual([])
  expect(text).not.toMatch(/password|stack|facts|amount|NaN|at .*\.ts/)
  expect(logged.length).toBe(before + 1)
})

test('an ApiError is returned with its own status', async () => {
  expect(await call('apiError')).toMatchObject({
    status: 409,
    error: { data: { code: 'CONFLICT', problem: { code: 'already_refunded' } } },
  })
  expect(await call('user')).toMatchObject({ status: 401, error: { data: { code: 'UNAUTHORIZED' } } })
  expect(await call('admin', false)).toMatchObject({ status: 403, error: { data: { code: 'FORBIDDEN' } } })
  expect(await call('nothing')).toMatchObject({ status: 404, error: { data: { problem: { code: 'not_found' } } } })
})

test('an unknown tRPC error is internal', () => {
  expect(toApiError(new TRPCError({ code: 'TIMEOUT' })).code).toBe('internal')
  expect(toApiError(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: new ApiError('forbidden') })).code).toBe('forbidden')
})

test('every error code has a detail', () => {
  for (const code of problem.shape.code.options) {
    const parsed = problem.parse(toProblem(new ApiError(code), 'req-1'))
    expect(parsed).toMatchObject({ code, status: errors[code][0], type: `urn:pay-to-view:problem:${code}` })
    expect(parsed.detail.length).toBeGreaterThan(5)
  }
})

test.each([
  ...withdrawalRefusals.map((reason) => ['withdrawal_refused', reason] as const),
  ...promotionCodeRejections.map((reason) => ['promotion_code_invalid', reason] as const),
])('the schema of problems allows %s with the reason %s', (code, reason) => {
  expect(problem.parse(toProblem(new ApiError(code, { extensions: { reason } }), 'req_1'))).toMatchObject({ code, reason })
})

test.each(['forbidden', 'admin_token_required'] as const)('%s names the variable that decides who is an admin', (code) => {
  expect(errors[code][3]).toContain('AUTH_ADMIN')
  expect(errors[code][3]).not.toContain('admin: true')
})
