import { addOffers, checkPurchases, checkTables, closeDb, createDb, type Finding, putProduct } from '@pay-to-view/db'
import { waitFor } from '@pay-to-view/devstack/wait'
import { seedIds, useStack } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'

const stack = useStack({ environment: { AUTOMATIC_TAX: 'on' }, workerEnvironment: { RECONCILE_EVERY: '2' } })
const productId = 'film-with-codes'

const [from, to] = [-2, 3].map((days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10))
const period = { from: from ?? '', to: to ?? '', timezone: 'America/New_York' }

const sell = async ({
  currency = 'usd',
  promotionCode,
  ...payment
}: {
  currency?: string
  promotionCode?: string
  card?: string
  country?: string
}) => {
  const client = await stack().client(stack().newUser())
  const created = await client.purchases.create.mutate({
    ...{ payToViewProductId: productId, entityId: seedIds.film, returnUrl: 'https://yoursite.com/', currency },
    ...(promotionCode && { promotionCode }),
  })
  if (!created.success) throw new Error(`create returned no checkout: ${JSON.stringify(created)}`)
  const sessionId = created.clientSecret.split('_secret_')[0] ?? ''
  expect(await stack().pay(sessionId, { card: '4242424242424242', ...payment })).toBe(200)
  const { purchaseId } = created
  await waitFor(
    'the payment to be applied',
    async () => (await client.purchases.get.query({ id: purchaseId })).status !== 'Pending',
    {
      timeoutMs: 30_000,
    },
  )
  return purchaseId
}

/** Returns the emulator's balance by currency, including amounts that have been paid out. */
const balance = async (): Promise<Record<string, number>> => {
  const sums: Record<string, number> = {}
  for await (const { currency, net, type } of stack().stripe.balanceTransactions.list({ limit: 100 }))
    if (type !== 'payout') sums[currency] = (sums[currency] ?? 0) + net
  return sums
}

const findings = async (): Promise<Finding[]> => {
  const db = createDb(stack().stack.databaseUrl)
  const found: Finding[] = []
  for await (const check of checkTables(db, new Date())) found.push(...check.findings)
  for await (const check of checkPurchases(db, new Date())) found.push(...check.findings)
  await closeDb(db)
  return found
}

test('sales, fees and payouts equal the balance in Stripe and an independent sum of the purchases, per currency', async () => {
  const db = createDb(stack().stack.databaseUrl)
  const prices = [
    { currency: 'usd', amount: 999 },
    { currency: 'eur', amount: 899 },
    { currency: 'jpy', amount: 1_500 },
  ]
  const terms = { allowPromotionCodes: true, taxBehavior: 'exclusive', accessDurationDays: null } as const
  await putProduct(db, { id: productId, name: 'Film to keep', prices, ...terms }, 'test')
  await addOffers(db, productId, [seedIds.film], 'test')
  await closeDb(db)
  await stack().emulator('promotion_codes', { code: 'FREE', percent_off: '100' })
  await stack().emulator('promotion_codes', { code: 'HALF', percent_off: '50' })
  await stack().emulator('tax', { head_office: 'US', registrations: ['DE'] })

  const admin = await stack().client('root', { admin: true })
  const ids = await Promise.all([
    sell({ country: 'DE', currency: 'eur' }),
    sell({ promotionCode: 'half', country: 'DE' }),
    sell({ promotionCode: 'free' }),
    sell({ currency: 'jpy' }),
    sell({ card: '4000000000000259' }),
    sell({}),
  ])
  await admin.admin.purchases.refund.mutate({ id: ids[0] ?? '', amount: 100 })
  await admin.admin.purchases.refund.mutate({ id: ids[5] ?? '' })

  const expectedNet = async () => balance()
  const report = await waitFor(
    'the fees of all payments',
    async () => {
      const sales = await admin.admin.reports.sales.query({ ...period, groupBy: 'currency' })
      const nets = Object.fromEntries(sales.totals.map(({ currency, net }) => [currency, net]))
      const expected = await expectedNet()
      return JSON.stringify(Object.entries(nets).sort()) === JSON.stringify(Object.entries(expected).sort()) ? sales : null
    },
    { timeoutMs: 60_000 },
  )
  for (const { gross, discount, refunded, disputed, fees, net, currency } of report.totals) {
    const [{ tax } = { tax: 0 }] = await stack().query(
      'select sum(amount_tax)::float8 as tax from purchases where currency_paid = $1',
      [currency],
    )
    expect(gross - discount + Number(tax) - refunded - disputed - fees, currency).toBe(net)
  }
  const independent = await stack().query(`
    select currency_paid as currency, sum(amount_subtotal)::float8 as gross, sum(amount_discount)::float8 as discount, sum(amount_tax)::float8 as tax,
      sum(amount_refunded)::float8 as refunded, count(*)::float8 as purchases,
      (select count(*)::float8 from refunds join purchases as refunded on refunded.id = purchase_id where refunded.currency_paid = purchases.currency_paid) as refunds
    from purchases where completed_at is not null group by currency_paid order by 1`)
  expect(report.totals).toMatchObject(independent)
  expect(report.totals.find(({ currency }) => currency === 'usd')?.disputed).toBe(999)
  for (const groupBy of ['day', 'entity', 'product', 'promotionCode', 'country'] as const)
    expect((await admin.admin.reports.sales.query({ ...period, groupBy })).totals).toEqual(report.totals)

  expect(await stack().emulator('payouts', { includesPending: true })).toBe(200)
  const payouts = await waitFor(
    'the payouts to be read',
    async () => {
      const { items } = await admin.admin.reports.payouts.query({})
      return items.length > 0 && items.every(({ isRead }) => isRead) ? items : null
    },
    { timeoutMs: 60_000 },
  )
  expect(payouts.map(({ difference, other }) => [difference, other])).toEqual(payouts.map(() => [0, 0]))
  const paidOut = Object.fromEntries(payouts.map(({ currency, net }) => [currency, net]))
  const nets = Object.fromEntries(report.totals.filter(({ net }) => net > 0).map(({ currency, net }) => [currency, net]))
  expect(paidOut).toEqual(nets)
  expect(payouts.find(({ currency }) => currency === 'eur')).toMatchObject({
    purchases: { count: 1 },
    refunds: { count: 1, amount: 100 },
  })

  const token = await stack().token('root', { admin: true })
  const download = async (query: string) => {
    const response = await fetch(`${stack().stack.api}/admin/v1/pay-to-view/reports/transactions.csv?${query}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(response.status).toBe(200)
    return new Uint8Array(await response.arrayBuffer())
  }
  const unknown = await fetch(`${stack().stack.api}/admin/v1/pay-to-view/reports/transactions.csv?payoutId=po_nope`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect([unknown.status, await unknown.json()]).toMatchObject([
    404,
    { code: 'payout_not_found', errors: [{ field: 'payoutId' }] },
  ])
  const decode = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const csv = decode(await download(new URLSearchParams(period).toString()))
  const lines = csv
    .trim()
    .split('\r\n')
    .map((line) => line.split(','))
  const column = (name: string): number => (lines[0] ?? []).indexOf(`"${name}"`)
  const cents = lines.slice(1).filter((line) => line[column('currency')] === '"USD"')
  const sum = (name: string) => cents.reduce((total, line) => total + Math.round(Number(line[column(name)]) * 100), 0)
  const usd = report.totals.find(({ currency }) => currency === 'usd')
  expect([sum('gross'), sum('discount'), sum('net')]).toEqual([usd?.gross, usd?.discount, usd?.net])
  const eur = payouts.find(({ currency }) => currency === 'eur')
  const excel = decode(await download(`payoutId=${eur?.id}&separator=semicolon&byteOrderMark=true`))
  expect(excel.startsWith('\uFEFF"date";"time";"type"')).toBe(true)
  expect(excel).toMatch(/;\d+,\d\d;/)
  expect(await findings()).toEqual([])
}, 240_000)
