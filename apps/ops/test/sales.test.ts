import {
  checkPurchases,
  checkTables,
  createReads,
  type Finding,
  importPurchases,
  readSales,
  rollUpSales,
  type TransactionRow,
} from '@pay-to-view/db'
import { seedIds } from '@pay-to-view/devstack'
import { createEventIngestor, createReconciler } from '@pay-to-view/ingestion'
import { createGateway, createStripe, type StripeGateway } from '@pay-to-view/stripe'
import { type StripeEmulator, startStripeEmulator } from '@pay-to-view/stripe-emulator'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import type { PurchaseClient } from '@pay-to-view/workflow-client/client'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { readPastSales } from '../src/import-purchases/read-history.ts'

let database: Database
let emulator: StripeEmulator
let converted: { database: Database; emulator: StripeEmulator }

beforeAll(async () => {
  ;[database, emulator] = [await startDatabase(), await startStripeEmulator()]
  converted = { database: await startDatabase(), emulator: await startStripeEmulator() }
}, 120_000)

afterAll(async () => {
  await Promise.all([emulator?.close(), converted?.emulator.close()])
  await Promise.all([database?.stop(), converted?.database.stop()])
})

const purchases: PurchaseClient = new Proxy(Object.create(null), {
  get: (_, name) => (name === 'listBlocked' ? async () => [] : async () => true),
})

const stripeOf = ({ url }: StripeEmulator = emulator) => createStripe({ secretKey: 'sk_test_operator', apiBase: url })

type List = 'listBalanceTransactions' | 'listPayouts'

/** Returns a gateway that runs an action before the given list is read for the first time. */
const interrupt = (gateway: StripeGateway, list: List, action: () => Promise<unknown>): StripeGateway => {
  let isDone = false
  const interrupted = async function* <T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
    if (!isDone) await action()
    isDone = true
    yield* pages
  }
  return {
    ...gateway,
    ...(list === 'listPayouts'
      ? { listPayouts: (from) => interrupted(gateway.listPayouts(from)) }
      : { listBalanceTransactions: (from, to) => interrupted(gateway.listBalanceTransactions(from, to)) }),
  }
}

const reconcile = ({ db }: Database = database, account = emulator, stripe = createGateway(stripeOf(account))) => {
  const ingestor = createEventIngestor({ db, stripe, purchases, livemode: false })
  return createReconciler({ db, stripe, purchases, ingestor, graceSeconds: 0 }).reconcileFromCursor(Date.now())
}

const findings = async ({ db }: Database = database): Promise<Finding[]> => {
  const found: Finding[] = []
  for await (const check of checkTables(db, new Date())) found.push(...check.findings)
  for await (const check of checkPurchases(db, new Date())) found.push(...check.findings)
  return found.filter(({ level }) => level === 'broken')
}

/** Creates a year of sample sales in the emulator. */
const sellForAYear = async (account: StripeEmulator, count: number, currencies: readonly string[]): Promise<void> => {
  const items = currencies.map((currency, index) => ({
    ...{ entityId: [seedIds.film, seedIds.channel, seedIds.channelFilm][index], entityType: String((index % 2) + 1) },
    ...{ title: 'Film', productId: seedIds.thirtyDayProduct, currency, amount: 999 + index },
  }))
  const response = await fetch(`${account.url}/_test/sales_year`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ purchases: count, items }) },
  })
  expect(response.status).toBe(200)
}

const importSales = async ({ db }: Database, account: StripeEmulator): Promise<void> => {
  const past = await readPastSales(db, createGateway(stripeOf(account)), 0, undefined)
  for (let start = 0; start < past.purchases.length; start += 200)
    await importPurchases(db, past.purchases.slice(start, start + 200), { actor: 'test', termsOf: new Map() })
}

/** Returns the paid purchases whose fees are missing from the sales figures. */
const withoutFees = ({ db }: Database): Promise<object[]> =>
  db.$queryRaw`
    SELECT id FROM purchases WHERE completed_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM sales_entries WHERE purchase_id = purchases.id AND kind = 'fee')`

/** Returns the number of database sessions that are waiting for a lock. */
const waiting = async ({ db }: Database): Promise<number> => {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  return row?.count ?? 0
}

/** Starts an import and pauses it just before its commit. Returns a function that lets the import complete. */
const startImport = async (target: Database, account: StripeEmulator): Promise<() => Promise<unknown>> => {
  let release = () => {}
  const isReleased = new Promise<void>((resolve) => {
    release = resolve
  })
  let onLocked = () => {}
  const isLocked = new Promise<void>((resolve) => {
    onLocked = resolve
  })
  const lock = target.db.$transaction(
    async (tx) => {
      // The import writes to this table last.
      await tx.$executeRaw`LOCK TABLE audit_entries IN EXCLUSIVE MODE`
      onLocked()
      await isReleased
    },
    { timeout: 60_000 },
  )
  await isLocked
  const imported = importSales(target, account)
  await expect.poll(() => waiting(target), { timeout: 30_000 }).toBe(1)
  return () => {
    release()
    return Promise.all([lock, imported])
  }
}

const period = () => ({ from: new Date(Date.now() - 400 * 86_400_000), to: new Date(Date.now() + 86_400_000), limit: 1_000 })

test('the figures of a year equal the balance and payouts in Stripe, and the sum of the purchases, per currency', async () => {
  const { db } = database
  // The reconciler has already run, so the import has to move the reconciler's cursor back to the oldest sale.
  await reconcile()
  await sellForAYear(emulator, 400, ['usd', 'eur', 'jpy'])
  await importSales(database, emulator)
  await reconcile()

  const { groups, totals } = await readSales(db, { groupBy: 'currency', ...period() })
  const nets = new Map<string, number>()
  for await (const { currency, net, type } of stripeOf().balanceTransactions.list({ limit: 100 }))
    if (type !== 'payout') nets.set(currency, (nets.get(currency) ?? 0) + net)
  expect(new Map(totals.map(({ currency, net }) => [currency, net]))).toEqual(nets)
  expect([...nets.keys()].sort()).toEqual(['eur', 'jpy', 'usd'])
  for (const { currency, gross, discount, refunded, disputed, fees, net } of totals)
    expect(gross - discount - refunded - disputed - fees, currency).toBe(net)
  const independent = await db.$queryRaw`
    SELECT currency_paid AS currency, sum(amount_subtotal)::float8 AS gross, sum(amount_discount)::float8 AS discount,
      sum(amount_paid)::float8 AS paid, sum(amount_refunded)::float8 AS refunded, count(*)::float8 AS purchases,
      (SELECT count(*)::float8 FROM refunds JOIN purchases AS sold ON sold.id = purchase_id WHERE sold.currency_paid = purchases.currency_paid) AS refunds
    FROM purchases WHERE completed_at IS NOT NULL GROUP BY currency_paid ORDER BY 1`
  expect(totals).toMatchObject(Array.isArray(independent) ? independent : [])
  expect(groups).toHaveLength(3)
  for (const groupBy of ['entity', 'product', 'promotionCode', 'country'] as const)
    expect((await readSales(db, { groupBy, ...period() })).totals).toEqual(totals)

  const reads = createReads(db)
  const payouts = await reads.payouts({ limit: 1_000 })
  expect(payouts.length).toBeGreaterThan(50)
  expect(payouts.filter(({ isRead, amount, net, other }) => !isRead || amount !== net || other !== 0)).toEqual([])
  const atStripe = await stripeOf().payouts.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 })
  const amountsOf = (list: readonly { id: string; amount: number }[]) => new Map(list.map(({ id, amount }) => [id, amount]))
  expect(amountsOf(payouts)).toEqual(amountsOf(atStripe))

  const contained = await reads.payoutTransactions({ payoutId: payouts[0]?.id ?? '', after: null })
  expect(contained.rows.reduce((total, row) => total + row.net, 0)).toBe(payouts[0]?.amount)

  const lines: TransactionRow[] = []
  for (let after: { at: Date; id: string } | null = null; ; ) {
    const page: Awaited<ReturnType<typeof reads.periodTransactions>> = await reads.periodTransactions({ ...period(), after })
    lines.push(...page.rows)
    if (!page.next) break
    after = page.next
  }
  const sum = (currency: string, name: 'gross' | 'fee' | 'net') =>
    lines.filter((line) => line.currency === currency).reduce((total, line) => total + (line[name] ?? 0), 0)
  for (const { currency, gross, fees, net } of totals)
    expect([sum(currency, 'gross'), sum(currency, 'fee'), sum(currency, 'net')]).toEqual([gross, fees, net])

  const fees = lines.flatMap(({ kind, purchaseId, at }, index) => (kind === 'fee' ? [{ purchaseId, at, index }] : []))
  const isOfSale = (line: TransactionRow | undefined, { purchaseId, at }: (typeof fees)[number]) =>
    line?.kind === 'purchase' && line.purchaseId === purchaseId && line.at.getTime() === at.getTime()
  expect(fees.filter((fee) => isOfSale(lines[fee.index - 1], fee)).length).toBeGreaterThan(0)
  expect(fees.filter((fee) => isOfSale(lines[fee.index + 1], fee))).toEqual([])

  // Another reconciler run does not count anything twice.
  await reconcile()
  await rollUpSales(db)
  expect((await readSales(db, { groupBy: 'currency', ...period() })).totals).toEqual(totals)
  expect(await findings()).toEqual([])
}, 180_000)

test("sales in a currency other than the account's have their gross in their own currency, and their fees and net in the account's currency", async () => {
  const { database, emulator } = converted
  const { db } = database
  await fetch(`${emulator.url}/_test/settings`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ settlement_currency: 'eur' }) },
  })
  await sellForAYear(emulator, 60, ['usd', 'eur'])
  await importSales(database, emulator)
  await reconcile(database, emulator)
  const { totals } = await readSales(db, { groupBy: 'currency', ...period() })
  const [eur, usd] = ['eur', 'usd'].map((currency) => totals.find((total) => total.currency === currency))
  expect(usd).toMatchObject({ fees: 0, net: 0 })
  expect(usd?.gross).toBeGreaterThan(0)
  const balance = await stripeOf(emulator).balanceTransactions.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 })
  const own = balance.filter(({ type }) => type !== 'payout')
  expect(own.some(({ exchange_rate: rate }) => rate !== null)).toBe(true)
  const sum = (name: 'fee' | 'net') => own.reduce((total, transaction) => total + transaction[name], 0)
  expect([eur?.fees, eur?.net]).toEqual([sum('fee'), sum('net')])
  const payouts = await createReads(db).payouts({ limit: 1_000 })
  expect(payouts.length).toBeGreaterThan(10)
  expect(payouts.filter(({ currency, amount, net, isRead }) => currency !== 'eur' || !isRead || amount !== net)).toEqual([])
  expect(await findings(database)).toEqual([])
}, 120_000)

/**
 * Creates a shop whose reconciler has read Stripe's balance transactions and payouts up to `days` days ago, and whose past year of sales has
 * not been imported yet.
 */
const startShop = async (days: number) => {
  const [target, account] = [await startDatabase(), await startStripeEmulator()]
  onTestFinished(async () => {
    await Promise.all([account.close(), target.stop()])
  })
  await sellForAYear(account, 100, ['usd'])
  const at = new Date(Date.now() - days * 86_400_000)
  await target.db.cursor.createMany({ data: ['stripe-balance', 'stripe-payouts'].map((name) => ({ name, at })) })
  return { target, account, gateway: createGateway(stripeOf(account)) }
}

const expectAllSales = async ({ target, account }: Awaited<ReturnType<typeof startShop>>): Promise<void> => {
  expect(await target.db.purchase.count()).toBe(100)
  expect(await withoutFees(target)).toEqual([])
  const payouts = await stripeOf(account).payouts.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 })
  expect(await target.db.payout.count({ where: { readAt: { not: null } } })).toBe(payouts.length)
}

test.each<List>(['listBalanceTransactions', 'listPayouts'])(
  'no fee or payout is lost if a year of sales is imported while the reconciler calls %s',
  async (list) => {
    const shop = await startShop(0)
    const { target, account, gateway } = shop
    await reconcile(
      target,
      account,
      interrupt(gateway, list, () => importSales(target, account)),
    )
    await reconcile(target, account)
    await expectAllSales(shop)
  },
)

test('no fee is lost if an import starts before the reconciler reads the year, and is committed afterward', async () => {
  const shop = await startShop(400)
  const { target, account, gateway } = shop
  let completeImport: () => Promise<unknown> = async () => undefined
  const startIt = async () => {
    completeImport = await startImport(target, account)
  }
  await reconcile(target, account, interrupt(gateway, 'listBalanceTransactions', startIt))
  await completeImport()
  await reconcile(target, account)
  await expectAllSales(shop)
})
