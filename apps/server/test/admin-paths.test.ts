import { createPayToViewClient } from '@pay-to-view/client'
import { waitFor } from '@pay-to-view/devstack/wait'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type CallOptions, Page, useAdminClient } from './admin-client.ts'
import { adminOperations } from './admin-operations.ts'
import { describeApiKeys } from './admin-paths/api-keys.ts'
import { fetchToken } from './token.ts'

// Report totals include every purchase, so these tests use their own stack.
const admin = useAdminClient(useStack())
const { stack, send, call, seenStatuses, createKey, buy } = admin
const base = '/admin/v1/pay-to-view'
const unknownPurchase = 'ptv_01m85eetz2e8qthwsqr5v0dh8g'
const SalesReport = z.object({
  items: z.array(z.looseObject({ key: z.string().nullable(), purchases: z.number() })),
  totals: z.array(z.looseObject({ purchases: z.number(), checkouts: z.number(), paidCheckouts: z.number() })),
  nextCursor: z.null(),
})

describeApiKeys(admin)

test('a backend can read the access, purchases and plays of any user', async () => {
  const { user, purchaseId, client } = await buy()
  const { key } = await createKey(['access:read', 'purchases:read'])
  const access = await call(`GET ${base}/users/{userId}/access`, {
    ...{ token: key, userId: user, query: `?entityId=${seedIds.film}&entityId=${seedIds.channel}` },
  })
  expect(access.body).toMatchObject(await client.access.checkMany.query({ entityId: [seedIds.film, seedIds.channel] }))
  const startsAt = expect.stringMatching(/^20.*Z$/)
  expect(access.body).toMatchObject({
    items: [
      { startsAt, source: 'purchase' },
      { startsAt: null, source: null },
    ],
  })
  const purchases = await call(`GET ${base}/users/{userId}/purchases`, { token: key, userId: user, query: '?pageSize=5' })
  expect(purchases.body).toEqual(await client.purchases.list.query({ pageSize: 5 }))
  expect(purchases).toMatchObject({ body: { items: [{ purchaseId }], totalCount: 1 } })
  const { sessionId } = await client.access.playback.start.mutate({ entityId: seedIds.film })
  expect(await call(`GET ${base}/users/{userId}/plays`, { token: key, userId: user })).toMatchObject({
    body: { items: [{ sessionId, entityTitle: 'Nosferatu', endedAt: null }], nextCursor: null },
  })
  expect(await call(`GET ${base}/users/{userId}/plays`, { userId: user, query: '?limit=0' })).toMatchObject({ status: 400 })
  for (const userId of ['no such user', "o'brien@example.com/…"]) {
    const unknown = await call(`GET ${base}/users/{userId}/access`, { token: key, userId, query: `?entityId=${seedIds.film}` })
    expect(unknown.body).toMatchObject({ items: [{ hasAccess: false, purchaseId: null }] })
  }
  expect(await call(`GET ${base}/users/{userId}/access`, { userId: user })).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'entityId' }] },
  })
  expect(await call(`GET ${base}/users/{userId}/purchases`, { userId: user, query: '?limit=5' })).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'limit' }] },
  })
})

test('purchases are searched page by page, and a purchase is returned with its timeline, refunds and grants', async () => {
  const { user, purchaseId } = await buy()
  const client = await stack().client(user)
  const { purchaseId: other } = await stack().create(client, seedIds.channelProduct, seedIds.channel)
  const { key } = await createKey(['purchases:read', 'refunds:write'])
  const search = (query: string) => call(`GET ${base}/purchases`, { token: key, query })
  const first = Page.parse((await search(`?userId=${user}&limit=1`)).body)
  expect(first.items).toMatchObject([{ purchaseId: other, userId: user }])
  const second = Page.parse((await search(`?userId=${user}&limit=1&cursor=${first.nextCursor}`)).body)
  expect(second).toMatchObject({ items: [{ purchaseId }], nextCursor: null })
  expect((await search(`?userId=${user}&status=Completed&entityId=${seedIds.film}`)).body).toMatchObject({
    items: [{ purchaseId }],
  })
  for (const [field, query] of [
    ['cursor', '?cursor=x'],
    ['cursor', `?cursor=${Buffer.from('["x","y"]').toString('base64url')}`],
    ['limit', '?limit=201'],
    ['status', '?status=paid'],
    ['user', '?user=alice'],
  ])
    expect(await search(query ?? '')).toMatchObject({ status: 400, body: { code: 'validation', errors: [{ field }] } })

  const refund = await send('POST', `${base}/purchases/${purchaseId}/refund`, { token: key, body: { amount: 100 } })
  expect(refund).toMatchObject({ status: 200, body: { amountRefunded: 100 } })
  const details = await call(`GET ${base}/purchases/{id}`, { token: key, id: purchaseId })
  expect(details.body).toMatchObject({
    purchaseId,
    timeline: expect.arrayContaining([expect.objectContaining({ toStatus: 'Completed' })]),
    grants: [{ entityId: seedIds.film, expiresAt: expect.any(String), revokedAt: null }],
    links: { payment: expect.any(String) },
    refunds: [{ amount: 100 }],
    // The refund request names the key.
    refundRequests: [{ requestedBy: expect.stringMatching(/^key_/) }],
  })
  expect(await call(`GET ${base}/purchases/{id}`, { id: unknownPurchase })).toMatchObject({ status: 404 })
  expect(await call(`GET ${base}/purchases/{id}`, { id: ' x' })).toMatchObject({ status: 400 })
})

test('a payment that does not match its quote is stuck, raises an alert, and can be accepted', async () => {
  const client = await stack().client(stack().newUser())
  const { purchaseId, sessionId } = await stack().create(client)
  await stack().payInDashboard(sessionId, 100)
  await stack().stripe.checkout.sessions.expire(sessionId)
  const { key } = await createKey(['purchases:read', 'refunds:write'])
  const isStuck = async () => JSON.stringify((await call(`GET ${base}/stuck`, { token: key })).body).includes(purchaseId)
  await waitFor('the mismatch', isStuck, { timeoutMs: 20_000 })
  expect(await call(`GET ${base}/stuck`, { query: '?kind=mismatched' })).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'kind' }] },
  })
  const alerts = async (query: string) => Page.parse((await call(`GET ${base}/alerts`, { token: key, query })).body).items
  const [alert] = (await alerts('?severity=action')).filter((item) => item.purchaseId === purchaseId)
  expect(alert).toMatchObject({ kind: 'mismatch', severity: 'action' })
  expect((await alerts('?severity=urgent')).filter((item) => item.purchaseId === purchaseId)).toEqual([])
  expect(await call(`GET ${base}/alerts`, { query: '?open=maybe' })).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'open' }] },
  })
  const id = String(alert?.id)
  expect(await call(`POST ${base}/alerts/{id}/resolve`, { token: key, id, body: { note: 'called' } })).toMatchObject({
    status: 200,
  })
  // Resolving the alert again keeps its first resolution.
  const again = await call(`POST ${base}/alerts/{id}/resolve`, { id, body: { note: 'again' } })
  expect(again).toMatchObject({ status: 200, body: { success: true } })
  expect(await call(`POST ${base}/alerts/{id}/resolve`, { id: '999999999' })).toMatchObject({
    status: 404,
    body: { code: 'alert_not_found' },
  })
  expect(await call(`POST ${base}/alerts/{id}/resolve`, { id: 'nope' })).toMatchObject({ status: 404 })
  expect(await call(`POST ${base}/alerts/{id}/resolve`, { id, body: { note: 1 } })).toMatchObject({ status: 400 })
  const [resolved] = (await alerts('?open=false&limit=200')).filter((item) => item.id === id)
  expect(resolved).toMatchObject({ note: 'called', resolvedBy: expect.stringMatching(/^key_/) })

  const accept = (options: CallOptions) => call(`POST ${base}/purchases/{id}/accept`, { token: key, id: purchaseId, ...options })
  expect(await accept({ body: { reasons: 'x' } })).toMatchObject({ status: 400, body: { errors: [{ field: 'reasons' }] } })
  expect(await accept({ body: { reason: 'agreed' } })).toMatchObject({ status: 200, body: { hasAccess: true } })
  expect(await accept({ id: unknownPurchase })).toMatchObject({ status: 404 })
})

test('the alert of an open dispute is resolved only with a confirmation', async () => {
  const [row] = await stack().query(
    `insert into alerts (kind, dedupe_key, detail) values ('disputed', 'disputed:test', '{}') returning id::text`,
  )
  const id = String(row?.id)
  const client = await stack().client('root', { admin: true })
  expect(await call(`POST ${base}/alerts/{id}/resolve`, { id })).toMatchObject({ status: 409, body: { code: 'dispute_open' } })
  await expect(client.admin.alerts.resolveMany.mutate({ ids: [id] })).rejects.toMatchObject({
    data: { problem: { code: 'dispute_open', errors: [{ field: 'ids' }] } },
  })
  expect(await call(`POST ${base}/alerts/{id}/resolve`, { id, body: { confirmOpenDispute: true } })).toMatchObject({
    status: 200,
  })
})

/** Removes the fees, which are unknown until the next reconciler run. */
const withoutFees = <Row extends object, Total extends object>({
  items,
  totals,
  ...report
}: {
  items: Row[]
  totals: Total[]
  nextCursor: null | string
}) => {
  const noFees = { fees: 0, net: 0 }
  return {
    ...report,
    items: items.map((item) => ({ ...item, ...noFees })),
    totals: totals.map((total) => ({ ...total, ...noFees })),
  }
}

test('sales are reported by day, entity, product, currency, code and country, in the time zone that the caller chooses', async () => {
  const { purchaseId, client } = await buy()
  const purchase = await client.purchases.get.query({ id: purchaseId })
  const { key } = await createKey(['reports:read'])
  const zone = 'Pacific/Kiritimati'
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(
    Date.parse(purchase.completedAt ?? ''),
  )
  const [from, to] = [-1, 2].map((days) => new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10))
  const period = `?from=${from}&to=${to}&timezone=${encodeURIComponent(zone)}`
  const read = async (query: string) => {
    const { body } = await call(`GET ${base}/reports/sales`, { token: key, query: `${period}${query}` })
    return withoutFees(SalesReport.parse(body))
  }
  const byDay = await read('')
  expect(byDay.items.map((item) => item.key)).toContain(day)
  const counted = await call(`GET ${base}/purchases`, { query: '?status=Completed&limit=200' })
  expect(byDay.totals).toMatchObject([{ currency: 'usd', purchases: Page.parse(counted.body).items.length }])
  for (const [groupBy, expected] of Object.entries({
    entity: seedIds.film,
    product: seedIds.thirtyDayProduct,
    currency: 'usd',
    promotionCode: null,
    country: 'US',
  })) {
    const { items, totals } = await read(`&groupBy=${groupBy}`)
    expect(totals).toEqual(byDay.totals)
    expect(items[0]).toMatchObject({ key: expected, currency: 'usd' })
  }
  expect((await read('&groupBy=entity&currency=eur')).items).toEqual([])
  const [total] = byDay.totals
  expect(total?.paidCheckouts).toBe(total?.purchases)
  expect(total?.checkouts).toBeGreaterThanOrEqual(total?.purchases ?? 0)
  expect((await read('&groupBy=country')).items[0]).toMatchObject({ checkouts: null, paidCheckouts: null })
  const hours = await read('&groupBy=hour')
  expect([hours.totals, hours.items.reduce((sum, { purchases }) => sum + purchases, 0)]).toEqual([byDay.totals, total?.purchases])
  expect((await read('&groupBy=entity&entityType=channel')).items.map((item) => item.key)).not.toContain(seedIds.film)
  const searched = await call(`GET ${base}/purchases`, { query: '?country=US&limit=200' })
  expect(Page.parse(searched.body).items.map(({ purchaseId: id }) => id)).toContain(purchaseId)
  expect(await call(`GET ${base}/purchases`, { query: '?promotionCode=NEVER' })).toMatchObject({ body: { items: [] } })
  expect(await call(`GET ${base}/reports/payouts`, { token: key })).toMatchObject({
    status: 200,
    body: { items: [], nextCursor: null },
  })
  expect(await call(`GET ${base}/reports/payouts`, { query: '?limit=0' })).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'limit' }] },
  })
  const typed = createPayToViewClient({ url: stack().stack.api, token: key })
  const report = await typed.admin.reports.sales.query({ from: from ?? '', to: to ?? '', timezone: zone, groupBy: 'day' })
  expect(withoutFees(report)).toEqual(byDay)
})

test.each([
  ['from', '?from=2026-02-30&to=2026-03-01'],
  ['from', '?to=2026-03-01'],
  ['to', '?from=2026-03-01&to=01.04.2026'],
  ['to', '?from=2026-03-01&to=2026-03-01'],
  ['to', '?from=2026-03-01&to=2026-02-01'],
  ['to', '?from=2001-03-01&to=2026-02-01'],
  ['timezone', '?from=2026-03-01&to=2026-04-01&timezone=Mars/Olympus'],
  ['timezone', '?from=2026-03-01&to=2026-04-01&timezone=%2B02:00'],
  ['groupBy', '?from=2026-03-01&to=2026-04-01&groupBy=week'],
  ['to', '?from=2026-03-01&to=2026-04-02&groupBy=hour'],
  ['entityType', '?from=2026-03-01&to=2026-04-01&groupBy=entity&entityType=film'],
  ['entityType', '?from=2026-03-01&to=2026-04-01&entityType=channel'],
  ['currency', '?from=2026-03-01&to=2026-04-01&currency=EURO'],
  ['limit', '?from=2026-03-01&to=2026-04-01&limit=0'],
  ['cursor', '?from=2026-03-01&to=2026-04-01&groupBy=entity&cursor=x'],
  ['grouping', '?from=2026-03-01&to=2026-04-01&grouping=day'],
])('a sales report with an invalid %s is rejected: %s', async (field, query) => {
  expect(await call(`GET ${base}/reports/sales`, { query })).toMatchObject({
    status: 400,
    body: { code: 'validation', errors: [{ field }] },
  })
})

test('admin paths reject users without the admin role and callers without a token', async () => {
  const token = await fetchToken(stack().stack.issuer, { user: stack().newUser() })
  for (const operation of adminOperations) {
    const options = { id: 'x', userId: 'x' }
    expect(await call(operation, { ...options, token })).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect(await call(operation, { ...options, token: undefined })).toMatchObject({ status: 401 })
  }
})

test('every operation was tested with a success and an error', () => {
  for (const operation of adminOperations) {
    const statuses = seenStatuses(operation)
    expect(statuses.filter((status) => status < 300).length, operation).toBeGreaterThan(0)
    expect(statuses, operation).toContain(400)
  }
})
