import { addOffers, closeDb, createDb, putProduct } from '@pay-to-view/db'
import { repositoryRoot } from '@pay-to-view/devstack'
import { waitFor } from '@pay-to-view/devstack/wait'
import { programOf } from '@pay-to-view/testing/built'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { execa } from 'execa'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { copyDatabase, restoreDatabase } from './backup/database-copy.ts'

// Tests free, discounted and taxed purchases, and their possible failures. The scheduled reconciler does not run, so only the
// operator's commands make repairs.
const stack = useStack({
  environment: { AUTOMATIC_TAX: 'on', INVOICES: 'on' },
  workerEnvironment: { RECONCILE_EVERY: '86400' },
})

const productId = 'thirty-days-with-codes'

beforeAll(async () => {
  const { stack: services, emulator } = stack()
  const db = createDb(services.databaseUrl)
  const product = { id: productId, name: '30 days', accessDurationDays: 30, allowPromotionCodes: true }
  await putProduct(db, { ...product, taxBehavior: 'exclusive', prices: [{ currency: 'usd', amount: 1_000 }] }, 'test')
  await addOffers(db, productId, [seedIds.film], 'test')
  await closeDb(db)
  for (const [code, percent] of [
    ['FREE', '100'],
    ['HALF', '50'],
  ])
    expect(await emulator('promotion_codes', { code, percent_off: percent })).toBe(200)
  expect(await emulator('tax', { registrations: ['DE'] })).toBe(200)
})

const ops = async (...args: string[]): Promise<{ code: number | undefined; output: string }> => {
  const { databaseUrl, temporalAddress, temporalNamespace, stripeApi } = stack().stack
  const env = {
    ...{ PATH: process.env.PATH, DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress },
    ...{ TEMPORAL_NAMESPACE: temporalNamespace, STRIPE_SECRET_KEY: 'sk_test_operator', STRIPE_API_BASE: stripeApi },
  }
  const options = { cwd: repositoryRoot, env, extendEnv: false, all: true, reject: false } as const
  const { exitCode, all } = await execa(process.execPath, [...programOf('ops'), ...args], options)
  return { code: exitCode, output: all }
}

const input = { payToViewProductId: productId, entityId: seedIds.film, returnUrl: 'https://yoursite.com/' }

const newBuyer = async () => {
  const user = stack().newUser()
  return { user, client: await stack().client(user) }
}
type Buyer = Awaited<ReturnType<typeof newBuyer>>

const create = async ({ client }: Buyer, promotionCode?: string) => {
  const created = await client.purchases.create.mutate({ ...input, ...(promotionCode && { promotionCode }) })
  if (!created.success) throw new Error(`create returned no checkout: ${JSON.stringify(created)}`)
  return { purchaseId: created.purchaseId, sessionId: created.clientSecret.split('_secret_')[0] ?? '' }
}

const pay = async (sessionId: string) => expect(await stack().pay(sessionId, { country: 'DE' })).toBe(200)

const buy = async (buyer: Buyer, promotionCode?: string) => {
  const checkout = await create(buyer, promotionCode)
  await pay(checkout.sessionId)
  await stack().waitForStatus(buyer.client, checkout.purchaseId, 'Completed')
  return checkout
}

const allEventsApplied = () =>
  waitFor(
    'all events to be applied',
    async () =>
      (await stack().query("select 1 from stripe_events where applied_at is null and outcome <> 'foreign'")).length === 0,
    { timeoutMs: 30_000 },
  )

const expectCleanDoctor = () =>
  expect
    .poll(async () => (await ops('doctor', '--stripe')).output, { timeout: 60_000, interval: 2_000 })
    .toMatch(/No problems found\.$/)

/** Injects a fault until the test ends. */
const withFault = async (fault: object) => {
  const { emulator } = stack()
  await emulator('faults', fault)
  onTestFinished(async () => {
    await emulator('faults', {}, 'DELETE')
  })
}

test('a free order whose webhook is lost is found once by the reconciler', async () => {
  const { emulator, waitForStatus } = stack()
  const buyer = await newBuyer()
  const { purchaseId, sessionId } = await create(buyer, 'FREE')
  await withFault({ on: 'webhook', effect: 'drop' })
  await pay(sessionId)
  expect(await ops('reconcile', '--dry-run')).toMatchObject({
    code: 1,
    output: expect.stringMatching(/would repair {2}missing_event {2}evt_\w+ {2}checkout\.session\.completed/),
  })
  expect((await ops('doctor', '--stripe')).output).toContain(
    `purchase_matches_stripe  ${purchaseId}  status is Pending, but Completed in Stripe`,
  )
  expect((await ops('reconcile')).code).toBe(0)
  const purchase = await waitForStatus(buyer.client, purchaseId, 'Completed')
  expect(purchase).toMatchObject({ amountPaid: 0, amountDiscount: 1_000, promotionCode: 'FREE', hasAccess: true })
  const days = (Date.parse(purchase.expiresAt ?? '') - Date.parse(purchase.completedAt ?? '')) / 86_400_000
  expect(days).toBe(30)
  await emulator('faults', {}, 'DELETE')
  await allEventsApplied()
  expect(await ops('reconcile', '--dry-run')).toMatchObject({ code: 0, output: expect.stringContaining('0 to repair') })
  await expectCleanDoctor()
}, 180_000)

test('repeated webhooks and a manual refresh complete a free order only once', async () => {
  const { stripe, emulator, query } = stack()
  await withFault({ on: 'webhook', effect: 'repeat', count: 3 })
  const { purchaseId, sessionId } = await buy(await newBuyer(), 'FREE')
  const events = await stripe.events.list({ type: 'checkout.session.completed', limit: 100 })
  const event = events.data.find(({ data }) => 'id' in data.object && data.object.id === sessionId)
  expect(await emulator(`events/${event?.id}/resend`)).toBe(200)
  expect((await ops('reconcile', '--purchase', purchaseId)).code).toBe(0)
  await allEventsApplied()
  const changes = () =>
    query("select 1 from changes where purchase_id = $1 and to_status = 'Completed' and from_status <> 'Completed'", [purchaseId])
  expect(await changes()).toHaveLength(1)
  expect(await query('select revoked_at from grants where purchase_id = $1', [purchaseId])).toEqual([{ revoked_at: null }])
  await expectCleanDoctor()
}, 120_000)

test('a free checkout that is never completed expires, and its code is not used up', async () => {
  const { stripe, emulator, waitForStatus } = stack()
  expect(await emulator('promotion_codes', { code: 'ONEFREE', percent_off: '100', max_redemptions: 1 })).toBe(200)
  const buyer = await newBuyer()
  const { purchaseId, sessionId } = await create(buyer, 'ONEFREE')
  await stripe.checkout.sessions.expire(sessionId)
  await waitForStatus(buyer.client, purchaseId, 'Expired')
  expect(await buyer.client.access.check.query({ entityId: seedIds.film })).toMatchObject({ hasAccess: false })
  await buy(buyer, 'ONEFREE')
  await expect(create(await newBuyer(), 'ONEFREE')).rejects.toMatchObject({
    data: { problem: { code: 'promotion_code_invalid' } },
  })
}, 120_000)

test('another code replaces an open free checkout, but if the checkout has already been completed, the user gets access instead', async () => {
  const { stripe, waitForStatus } = stack()
  const buyer = await newBuyer()
  const free = await create(buyer, 'FREE')
  const half = await create(buyer, 'HALF')
  expect(half.purchaseId).not.toBe(free.purchaseId)
  expect((await stripe.checkout.sessions.retrieve(free.sessionId)).status).toBe('expired')
  await waitForStatus(buyer.client, free.purchaseId, 'Expired')
  await pay(half.sessionId)
  expect(await waitForStatus(buyer.client, half.purchaseId, 'Completed')).toMatchObject({ amountPaid: 595, amountTax: 95 })

  const quick = await newBuyer()
  const completed = await create(quick, 'FREE')
  await withFault({ on: 'webhook', effect: 'drop' })
  await pay(completed.sessionId)
  expect(await quick.client.purchases.create.mutate({ ...input, promotionCode: 'HALF' })).toEqual({
    success: false,
    hasAccess: true,
  })
  await waitForStatus(quick.client, completed.purchaseId, 'Completed')
}, 120_000)

test('the doctor compares the price parts with Stripe', async () => {
  const { query } = stack()
  const { purchaseId } = await buy(await newBuyer(), 'HALF')
  await allEventsApplied()
  await expectCleanDoctor()
  const replaceInFacts = (from: string, to: string) =>
    query('update purchases set facts = replace(facts::text, $2, $3)::jsonb where id = $1', [purchaseId, from, to])
  await replaceInFacts('"discount": 500', '"discount": 400')
  const { code, output } = await ops('doctor', '--stripe')
  expect(code).toBe(1)
  expect(output).toContain(`purchase_matches_stripe  ${purchaseId}  amountDiscount is 400, but 500 in Stripe`)
  expect(output).toContain(`purchase_matches_stripe  ${purchaseId}  mismatch is total, but null in Stripe`)
  await query('update purchases set amount_tax = 1 where id = $1', [purchaseId])
  expect((await ops('doctor')).output).toContain(`row_follows_from_facts  ${purchaseId}  amountTax is 1, but the facts say 95`)
  await replaceInFacts('"discount": 400', '"discount": 500')
  expect((await ops('reconcile', '--purchase', purchaseId)).code).toBe(0)
  await expectCleanDoctor()
}, 180_000)

test('free, discounted and taxed purchases, and an open checkout with tax, are restored from Stripe with code, tax and all amounts', async () => {
  const { stack: services, query, waitForStatus } = stack()
  await allEventsApplied()
  const dump = await copyDatabase(services.databaseUrl)
  const [freeBuyer, halfBuyer, fullBuyer, openBuyer] = [await newBuyer(), await newBuyer(), await newBuyer(), await newBuyer()]
  const free = await buy(freeBuyer, 'FREE')
  const half = await buy(halfBuyer, 'HALF')
  const full = await buy(fullBuyer)
  const open = await create(openBuyer, 'HALF')
  await allEventsApplied()
  const ids = [free, half, full, open].map(({ purchaseId }) => purchaseId)
  const stateOf = () =>
    query(
      `select id, status, amount, currency, allowed_discount, chosen_promotion_code_id, chosen_promotion_code, promotion_code, tax_behavior,
         amount_paid, amount_subtotal, amount_discount, amount_tax, country, invoice_number, open, session_id
       from purchases where id = any($1) order by id`,
      [ids],
    )
  const before = await stateOf()
  expect(before).toHaveLength(4)
  await restoreDatabase(services.databaseUrl, dump)
  expect(await stateOf()).toEqual([])
  const restored = await ops('import:purchases', '--from-stripe', '--since', '1d')
  expect(restored).toMatchObject({ code: 0, output: expect.stringContaining('4 purchases imported') })
  expect((await ops('reconcile', '--since', '30d')).code).toBe(0)
  await allEventsApplied()
  expect(await stateOf()).toEqual(before)
  expect(await freeBuyer.client.access.check.query({ entityId: seedIds.film })).toMatchObject({ hasAccess: true })
  // The tax of the open checkout is calculated when it is paid.
  await pay(open.sessionId)
  expect(await waitForStatus(openBuyer.client, open.purchaseId, 'Completed')).toMatchObject({ amountTax: 95, amountPaid: 595 })
  await allEventsApplied()
  await expectCleanDoctor()
}, 240_000)
