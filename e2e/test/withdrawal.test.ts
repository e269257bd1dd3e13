import { problemOf } from '@pay-to-view/client'
import { addOffers, closeDb, createDb, putProduct } from '@pay-to-view/db'
import { consentTerms } from '@pay-to-view/purchase'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

// Tests consent before the payment, and withdrawals after it.
const stack = useStack({ environment: { CONSENT: 'eu' } })

const consent = { immediateAccess: true, withdrawalWaived: true }
const input = { payToViewProductId: seedIds.thirtyDayProduct, entityId: seedIds.film, returnUrl: 'https://yoursite.com/' }
const freeProduct = 'free-with-code'

beforeAll(async () => {
  const db = createDb(stack().stack.databaseUrl)
  const prices = [{ currency: 'usd', amount: 999 }]
  await putProduct(db, { id: freeProduct, name: 'Film', prices, allowPromotionCodes: true }, 'test')
  await addOffers(db, freeProduct, [seedIds.film], 'test')
  await closeDb(db)
  expect(await stack().emulator('promotion_codes', { code: 'FREE', percent_off: '100' })).toBe(200)
})

const newBuyer = async () => {
  const user = stack().newUser()
  return { user, client: await stack().client(user) }
}
type Buyer = Awaited<ReturnType<typeof newBuyer>>

const create = async ({ client }: Buyer, terms: Partial<Parameters<typeof client.purchases.create.mutate>[0]> = {}) => {
  const created = await client.purchases.create.mutate({ ...input, consent, ...terms })
  if (!created.success) throw new Error(`create returned no checkout: ${JSON.stringify(created)}`)
  return { purchaseId: created.purchaseId, sessionId: created.clientSecret.split('_secret_')[0] ?? '' }
}

const buy = async (terms?: Parameters<typeof create>[1]) => {
  const buyer = await newBuyer()
  const { purchaseId, sessionId } = await create(buyer, terms)
  expect(await stack().pay(sessionId)).toBe(200)
  await stack().waitForStatus(buyer.client, purchaseId, 'Completed')
  return { ...buyer, purchaseId }
}

const Body = z.looseObject({ until: z.string().nullish(), withdrawnAt: z.string().optional() })

/** Calls the REST path for withdrawals. */
const withdraw = async (user: string, id: string, body?: object) => {
  const response = await fetch(`${stack().stack.api}/client/v1/pay-to-view/purchases/${id}/withdraw`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await stack().token(user)}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: Body.parse(await response.json()) }
}

const refundsOf = async (purchaseId: string) => {
  const admin = await stack().client('root', { admin: true })
  const { externalTransactionId } = await admin.admin.purchases.get.query({ id: purchaseId })
  return (await stack().stripe.refunds.list({ payment_intent: externalTransactionId ?? '' })).data
}

test('create requires both acknowledgments, whose texts every page can read, and stores their version and time', async () => {
  const { client } = await newBuyer()
  expect(await client.products.list.query({ entityId: seedIds.film })).toMatchObject({ consent: consentTerms })
  expect(await client.entities.get.query({ id: seedIds.film })).toMatchObject({ consent: consentTerms })
  const rejected = async (given: Parameters<typeof client.purchases.create.mutate>[0]['consent']) =>
    problemOf(await client.purchases.create.mutate({ ...input, consent: given }).catch((error: unknown) => error))
  expect(await rejected(undefined)).toMatchObject({ status: 400, code: 'consent_required', errors: [{ field: 'consent' }] })
  expect(await rejected({ ...consent, withdrawalWaived: false })).toMatchObject({
    code: 'consent_required',
    errors: [{ field: 'consent.withdrawalWaived' }],
  })
  expect(await rejected({ immediateAccess: true })).toMatchObject({
    code: 'consent_required',
    errors: [{ field: 'consent.withdrawalWaived' }],
  })
  expect(await rejected({})).toMatchObject({
    code: 'consent_required',
    errors: [{ field: 'consent.immediateAccess' }, { field: 'consent.withdrawalWaived' }],
  })
  expect(await rejected({ ...consent, version: '1999-01-01' })).toMatchObject({
    code: 'consent_required',
    errors: [{ field: 'consent.version', message: expect.stringContaining(consentTerms.version) }],
  })
  expect((await client.purchases.list.query({})).totalCount).toBe(0)
  const { purchaseId } = await create({ user: '', client })
  const purchase = await client.purchases.get.query({ id: purchaseId })
  expect(purchase).toMatchObject({ consent: { version: consentTerms.version }, withdrawnAt: null })
  expect(Math.abs(Date.parse(purchase.consent?.at ?? '') - Date.now())).toBeLessThan(60_000)
  expect((await client.purchases.list.query({})).items).toMatchObject([{ consent: purchase.consent }])
})

test('create requires no acknowledgments from a user who already has access, or for a product that does not exist', async () => {
  const { client } = await buy()
  expect(await client.purchases.create.mutate(input)).toEqual({ success: false, hasAccess: true })
  const renewed = client.purchases.create.mutate({ ...input, renew: true }).catch((error: unknown) => error)
  expect(problemOf(await renewed)).toMatchObject({ status: 400, code: 'consent_required' })
  const unknown = client.purchases.create.mutate({ ...input, payToViewProductId: 'unknown' }).catch((error: unknown) => error)
  expect(problemOf(await unknown)).toMatchObject({ status: 404, code: 'product_not_found' })
})

test('an open checkout is reused only with the same consent', async () => {
  const buyer = await newBuyer()
  const first = await create(buyer)
  expect((await create(buyer, { consent: { ...consent, version: consentTerms.version } })).purchaseId).toBe(first.purchaseId)
  await stack().query("update purchases set consent_version = 'earlier' where id = $1", [first.purchaseId])
  expect((await create(buyer)).purchaseId).not.toBe(first.purchaseId)
})

test('an unplayed purchase is refunded in full immediately, even if the withdrawal is confirmed several times', async () => {
  const { user, client, purchaseId } = await buy()
  const stranger = await stack().newUser()
  expect(await withdraw(stranger, purchaseId)).toMatchObject({ status: 404, body: { code: 'purchase_not_found' } })
  const refund = { amount: 499, currency: 'usd' }
  const preview = await withdraw(user, purchaseId)
  expect(preview).toMatchObject({ status: 200, body: { possible: true, reason: null, refund } })
  expect(Date.parse(preview.body.until ?? '') - Date.now()).toBeGreaterThan(13 * 86_400_000)
  expect(await withdraw(user, purchaseId, { confirm: true, amount: 1 })).toMatchObject({
    status: 400,
    body: { code: 'validation' },
  })

  const confirmed = await Promise.all([1, 2, 3].map(() => withdraw(user, purchaseId, { confirm: true })))
  for (const { status, body } of confirmed) expect({ status, body }).toEqual({ status: 200, body: confirmed[0]?.body })
  expect(confirmed[0]?.body).toEqual({ withdrawnAt: expect.stringMatching(/Z$/), refund })
  expect(await withdraw(user, purchaseId, { confirm: true })).toEqual(confirmed[0])
  const withdrawnAt = confirmed[0]?.body.withdrawnAt
  const refunded = await stack().waitForStatus(client, purchaseId, 'Refunded')
  expect(refunded).toMatchObject({ hasAccess: false, withdrawnAt, amountRefunded: 499 })
  expect(await refundsOf(purchaseId)).toHaveLength(1)
  expect(await withdraw(user, purchaseId)).toMatchObject({ status: 200, body: { possible: false, reason: 'withdrawn' } })

  const admin = await stack().client('root', { admin: true })
  const { withdrawal, timeline } = await admin.admin.purchases.get.query({ id: purchaseId })
  expect(withdrawal.map(({ step, reason }) => reason ?? step)).toEqual(['requested', 'confirmed', 'withdrawn'])
  expect(timeline).toContainEqual(expect.objectContaining({ cause: expect.objectContaining({ by: 'withdrawal' }) }))
})

test('playback ends the right of withdrawal only for a buyer who has given consent', async () => {
  const { user, client, purchaseId } = await buy()
  const endsWithdrawal = async () => (await client.access.check.query({ entityId: seedIds.film })).playbackEndsWithdrawal
  expect(await endsWithdrawal()).toBe(true)
  await stack().query('update purchases set consent_version = null, consent_at = null where id = $1', [purchaseId])
  expect(await endsWithdrawal()).toBe(false)
  await stack().query("update purchases set consent_version = '1', consent_at = now() where id = $1", [purchaseId])
  const pushed: boolean[] = []
  const stream = client.access.watch.subscribe(
    { entityId: seedIds.film },
    { onData: (access) => pushed.push(access.playbackEndsWithdrawal) },
  )
  await expect.poll(() => pushed).toEqual([true])
  await client.access.playback.start.mutate({ entityId: seedIds.film })
  await expect.poll(() => pushed).toEqual([true, false])
  stream.unsubscribe()
  expect(await endsWithdrawal()).toBe(false)
  expect(await withdraw(user, purchaseId)).toMatchObject({
    status: 200,
    body: { possible: false, reason: 'played', refund: null },
  })
  expect(await withdraw(user, purchaseId, { confirm: true })).toMatchObject({
    status: 409,
    body: { code: 'withdrawal_refused', reason: 'played' },
  })
  expect(await client.access.check.query({ entityId: seedIds.film })).toMatchObject({ hasAccess: true })

  const without = { consent_version: null, consent_at: null }
  await stack().query(
    'update purchases set consent_version = $2, consent_at = $3, completed_at = now() - interval $$11 months$$ where id = $1',
    [purchaseId, ...Object.values(without)],
  )
  expect(await withdraw(user, purchaseId, { confirm: true })).toMatchObject({ status: 200, body: { refund: { amount: 499 } } })
  await expect(client.access.playback.start.mutate({ entityId: seedIds.film })).rejects.toMatchObject({
    data: { problem: { code: 'no_access' } },
  })
  await stack().waitForStatus(client, purchaseId, 'Refunded')
})

test('a first playback and a concurrent withdrawal never both succeed', async () => {
  const { user, client, purchaseId } = await buy()
  const [played, withdrawn] = await Promise.all([
    client.access.playback.start.mutate({ entityId: seedIds.film }).then(
      () => true,
      () => false,
    ),
    withdraw(user, purchaseId, { confirm: true }),
  ])
  expect(played).toBe(withdrawn.status !== 200)
})

test('a withdrawal takes a free order back', async () => {
  const { user, client, purchaseId } = await buy({ payToViewProductId: freeProduct, promotionCode: 'FREE' })
  expect(await withdraw(user, purchaseId)).toMatchObject({ body: { possible: true, refund: null } })
  expect(await withdraw(user, purchaseId, { confirm: true })).toMatchObject({ status: 200, body: { refund: null } })
  expect(await stack().waitForStatus(client, purchaseId, 'Refunded')).toMatchObject({ hasAccess: false })
})

test('a withdrawal from an unpaid, late or refunded purchase is rejected with the reason', async () => {
  const buyer = await newBuyer()
  const open = await create(buyer)
  expect(await withdraw(buyer.user, open.purchaseId, { confirm: true })).toMatchObject({
    status: 409,
    body: { reason: 'not_paid' },
  })
  const late = await buy()
  await stack().query('update purchases set completed_at = now() - interval $$15 days$$ where id = $1', [late.purchaseId])
  expect(await withdraw(late.user, late.purchaseId)).toMatchObject({ body: { possible: false, reason: 'too_late' } })
  const admin = await stack().client('root', { admin: true })
  await admin.admin.purchases.refund.mutate({ id: late.purchaseId })
  expect(await withdraw(late.user, late.purchaseId, { confirm: true })).toMatchObject({ body: { reason: 'already_refunded' } })
})
