import { createStripe } from '@pay-to-view/stripe'
import { startStripeEmulator } from '@pay-to-view/stripe-emulator'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runOps } from './run-ops.ts'

let database: Database
let account: Awaited<ReturnType<typeof startStripeEmulator>>

beforeAll(async () => {
  database = await startDatabase()
  account = await startStripeEmulator({})
}, 120_000)

afterAll(async () => {
  await account?.close()
  await database?.stop()
})

const stripe = () => createStripe({ secretKey: 'sk_test_operator', apiBase: account.url })

const promotionCodes = (...args: string[]) =>
  runOps(['promotion-codes', ...args], {
    STRIPE_SECRET_KEY: 'sk_test_operator',
    STRIPE_API_BASE: account.url,
    DATABASE_URL: database.databaseUrl,
  })

const findCode = async (code: string) =>
  (await stripe().promotionCodes.list({ code, active: true, expand: ['data.promotion.coupon'] })).data[0]

test('a percentage code is created with all its limits, listed, and deactivated', async () => {
  const { id } = await database.db.product.findFirstOrThrow({ where: { allowPromotionCodes: false } })
  const limits = ['--max-redemptions', '3', '--expires', '2099-12-31', '--first-purchase', '--minimum-amount', '4.99']
  const created = await promotionCodes(
    'create',
    'SUMMER20',
    '--percent-off',
    '20',
    ...limits,
    '--currency',
    'USD',
    '--product',
    id,
  )
  expect(created).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^Created SUMMER20 \(promo_\w+\)\.\n$/) })
  expect(created.stderr).toContain(`${id} does not accept promotion codes`)
  expect(await findCode('SUMMER20')).toMatchObject({
    max_redemptions: 3,
    expires_at: Date.parse('2100-01-01T00:00:00Z') / 1000,
    restrictions: { first_time_transaction: true, minimum_amount: 499, minimum_amount_currency: 'usd' },
    promotion: { coupon: { percent_off: 20, duration: 'once', metadata: { payToViewProductIds: id } } },
  })
  expect((await promotionCodes('list')).stdout).toBe(
    `SUMMER20  active  20% off ${id}  redeemed 0 of 3  expires 2100-01-01T00:00:00.000Z  first purchase  from 4.99 USD\n`,
  )
  const again = await promotionCodes('create', 'summer20', '--percent-off', '10')
  expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('already exists and is active') })
  expect(await promotionCodes('deactivate', 'summer20')).toMatchObject({ exitCode: 0 })
  expect(await promotionCodes('list')).toMatchObject({ stdout: '' })
  expect((await promotionCodes('list', '--all')).stdout).toContain('SUMMER20  inactive')
  expect(await promotionCodes('deactivate', 'SUMMER20')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('no active code SUMMER20'),
  })
}, 120_000)

test('a deactivated code can be created again with the same options, as a new code', async () => {
  const create = () => promotionCodes('create', 'AGAIN', '--amount-off', '500', '--currency', 'jpy')
  expect(await create()).toMatchObject({ exitCode: 0 })
  const first = await findCode('AGAIN')
  expect(first).toMatchObject({ promotion: { coupon: { amount_off: 500, currency: 'jpy', metadata: {} } } })
  await promotionCodes('deactivate', 'AGAIN')
  expect(await create()).toMatchObject({ exitCode: 0 })
  expect((await findCode('AGAIN'))?.id).not.toBe(first?.id)
})

test('nothing is created twice after a lost response', async () => {
  await fetch(`${account.url}/_test/faults`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ on: 'api', effect: 'lost_response', path: '/v1/coupons', method: 'POST', times: 2 }),
  })
  const before = (await stripe().coupons.list({ limit: 100 })).data.length
  expect(await promotionCodes('create', 'ONCE', '--percent-off', '100')).toMatchObject({ exitCode: 0 })
  expect((await stripe().coupons.list({ limit: 100 })).data.length).toBe(before + 1)
})

test.each([
  ['no discount', ['create', 'CODE'], 'Expected --percent-off or --amount-off'],
  ['two discounts', ['create', 'CODE', '--percent-off', '20', '--amount-off', '5'], 'cannot be used with'],
  ['a percentage above 100', ['create', 'CODE', '--percent-off', '120'], 'Expected at most 100'],
  ['an amount without a currency', ['create', 'CODE', '--amount-off', '5'], '--amount-off needs --currency'],
  ...[
    ['decimals of yen', '5.50', 'jpy', 'expected an amount in jpy, such as 500, got 5.50'],
    ['an ambiguous separator', '1,250', 'kwd', 'such as 5 or 4.99, got 1,250. The separator could be a thousands separator'],
    ['an amount below the smallest step of dinars', '0.005', 'kwd', 'expected a multiple of 0.010 KWD'],
    ['decimals of krónur', '1.50', 'isk', 'expected a multiple of 1.00 ISK'],
    ["an amount above Stripe's maximum", '99999999', 'usd', 'expected at most 999999.99 USD'],
  ].map(([name = '', amount = '', currency = '', message = '']): [string, string[], string] => [
    name,
    ['create', 'CODE', '--amount-off', amount, '--currency', currency],
    message,
  ]),
  [
    'an unknown currency',
    ['create', 'CODE', '--amount-off', '5', '--currency', 'xyz'],
    'Expected a currency that Stripe supports',
  ],
  ['a date that does not exist', ['create', 'CODE', '--percent-off', '5', '--expires', '2026-13-01'], 'Expected 2026-12-31'],
  ['a date in the past', ['create', 'CODE', '--percent-off', '5', '--expires', '2020-01-01'], 'Expected a time in the future'],
  ['an unknown product', ['create', 'CODE', '--percent-off', '5', '--product', 'prod_unknown'], 'prod_unknown not found'],
  ['spaces in the code', ['create', 'MY CODE', '--percent-off', '5'], 'Expected letters, digits and hyphens'],
])('%s is rejected, and no code is created', async (_, args, message) => {
  const { exitCode, stdout, stderr } = await promotionCodes(...args)
  expect({ exitCode, stdout }).toEqual({ exitCode: expect.toBeOneOf([1, 2]), stdout: '' })
  expect(stderr).toContain(message)
  expect(await findCode('CODE')).toBeUndefined()
})
