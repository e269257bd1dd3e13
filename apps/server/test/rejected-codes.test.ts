import { ApiError, type PurchaseCommands } from '@pay-to-view/api'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { limitRejectedCodes } from '../src/rejected-codes.ts'
import { buildTestServer, unexpectedCall } from './test-server.ts'

const input = {
  payToViewProductId: 'prod_01m85eetz6e8qthwvnjjs5zz41',
  entityId: 'vid_01m85eetz2e8qthwsqr5v0dh8g',
  returnUrl: 'https://shop.example/',
}
const hasAccess = { success: false as const, hasAccess: true as const }

/** Rejects every code except GOOD. */
const create: PurchaseCommands['create'] = async ({ promotionCode }) => {
  if (promotionCode === undefined || promotionCode === 'GOOD') return hasAccess
  throw new ApiError('promotion_code_invalid', { field: 'promotionCode' })
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** Returns the error code, or `created`. */
const attempt = (limited: PurchaseCommands['create'], promotionCode: string | undefined, id = 'alice') =>
  limited({ ...input, promotionCode }, { id, email: null }).then(
    () => 'created',
    (error) => error.code,
  )

test('a user whose codes are rejected gets 429, and can try one more per minute', async () => {
  const limited = limitRejectedCodes(create, 3)
  const invalid = 'promotion_code_invalid'
  // The limit is three. The fourth attempt uses up the one attempt that is then allowed per minute.
  for (const code of ['A', 'B', 'C', 'D']) expect(await attempt(limited, code)).toBe(invalid)
  expect(await attempt(limited, 'E')).toBe('rate_limited')
  expect(await attempt(limited, 'GOOD')).toBe('rate_limited')
  expect(await attempt(limited, undefined)).toBe('created')
  expect(await attempt(limited, 'E', 'bob')).toBe(invalid)
  vi.advanceTimersByTime(60_000)
  expect([await attempt(limited, 'E'), await attempt(limited, 'F')]).toEqual([invalid, 'rate_limited'])
  vi.advanceTimersByTime(600_000)
  expect(await attempt(limited, 'G')).toBe(invalid)
})

test('accepted codes do not count', async () => {
  const limited = limitRejectedCodes(create, 1)
  for (let count = 0; count < 20; count++) expect(await attempt(limited, 'GOOD')).toBe('created')
  expect(await attempt(limited, 'BAD')).toBe('promotion_code_invalid')
})

test('errors in REST and tRPC name the field and the seconds to wait, at most a minute', async () => {
  vi.useRealTimers()
  const purchases = { create, refund: unexpectedCall, withdraw: unexpectedCall, accept: unexpectedCall }
  const app: FastifyInstance = await buildTestServer({ purchases }, { rejectedCodesPerUser: 1 })
  const post = async (url: string) =>
    await app.inject({
      method: 'POST',
      url,
      payload: { ...input, promotionCode: 'BAD' },
      headers: { authorization: 'Bearer alice' },
    })
  for (const _ of [1, 2]) expect((await post('/client/v1/pay-to-view/purchases')).statusCode).toBe(400)
  const rest = await post('/client/v1/pay-to-view/purchases')
  const trpc = await post('/trpc/purchases.create')
  for (const response of [rest, trpc]) {
    expect(response.statusCode).toBe(429)
    const seconds = Number(response.headers['retry-after'])
    expect(seconds).toBeGreaterThan(50)
    expect(seconds).toBeLessThanOrEqual(60)
    expect(response.body).toContain(`Too many promotion codes were rejected. Try again in ${seconds} seconds, or omit the code`)
  }
  expect(rest.json()).toMatchObject({ code: 'rate_limited', errors: [{ field: 'promotionCode' }] })
  await app.close()
})
