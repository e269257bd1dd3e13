import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { waitFor } from '@pay-to-view/devstack/wait'
import { createStripe } from '@pay-to-view/stripe'
import { type StripeEmulator, startStripeEmulator } from '@pay-to-view/stripe-emulator'
import { programOf } from '@pay-to-view/testing/built'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'

const History = z.object({
  data: z.array(
    z.object({
      ...{ outcome: z.string(), purchaseId: z.string(), userId: z.string(), entityId: z.string(), session: z.string() },
      charge: z.string().nullable(),
    }),
  ),
})

let database: Database
let emulator: StripeEmulator
let folder: string

beforeEach(async () => {
  database = await startDatabase()
  emulator = await startStripeEmulator({ refundDelaySeconds: 0 })
  folder = mkdtempSync(path.join(tmpdir(), 'purchases-'))
}, 120_000)

afterEach(async () => {
  await emulator?.close()
  await database?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const start = (args: string[]) =>
  spawn(process.execPath, [...programOf('ops'), ...args], {
    env: {
      ...{ PATH: process.env.PATH, DATABASE_URL: database.databaseUrl },
      ...{ STRIPE_SECRET_KEY: 'sk_test_operator', STRIPE_API_BASE: emulator.url },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

const ops = async (...args: string[]) => {
  const child = start(args)
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exit])
  return { exitCode, stdout, stderr }
}

const importPurchases = (...args: string[]) => ops('import:purchases', '--from-stripe', '--by', 'mig', ...args)

const helper = async (to: string, body: object) => {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${emulator.url}/_test/${to}`, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(response.ok).toBe(true)
  return response.json()
}

const fillHistory = async (purchases: number) => History.parse(await helper('history', { purchases })).data

const writeLengths = (...rows: string[]): string => {
  const file = path.join(folder, 'lengths.csv')
  writeFileSync(file, ['payToViewProductId,accessDurationDays,startWithinDays,watchWithinHours', ...rows].join('\n'))
  return file
}

const allLengths = () => writeLengths('old-rent-30,30,,', 'old-own,permanent,,', 'old-rental-48h,,30,48')

const counts = async () => ({
  purchases: await database.db.purchase.count(),
  grants: await database.db.grant.count(),
  changes: await database.db.change.count(),
  refunds: await database.db.refund.count(),
})

test('the sales of another backend are imported with their ids, statuses, times and access; nothing is written to Stripe', async () => {
  const sales = await fillHistory(80)
  const stripe = createStripe({ secretKey: 'sk_test_operator', apiBase: emulator.url })
  const dryRun = await importPurchases('--dry-run')
  expect(dryRun.exitCode).toBe(1)
  expect(dryRun.stdout).toContain('80 checkout sessions read, 4 of them from other systems. 0 purchases already exist.')
  expect(dryRun.stdout).toContain('no length  old-own: paid')
  expect(dryRun.stdout).toContain('old-rent-30,,,\n')
  expect(dryRun.stdout).toContain('would create  video film-')
  expect(dryRun.stdout).toContain('Dry run, nothing was written: 76 purchases to import, 72 of them paid.')
  // Without the lengths file, a real import does not write anything either.
  expect(await importPurchases()).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('Nothing was imported.') })
  expect(await counts()).toMatchObject({ purchases: 0 })
  expect(await database.db.entity.count({ where: { id: { startsWith: 'film-' } } })).toBe(0)

  const imported = await importPurchases('--lengths', allLengths())
  expect(imported).toMatchObject({ exitCode: 0 })
  expect(imported.stdout).toContain('76 purchases imported: 60 Completed, 4 Refunded, 4 Expired, 4 Disputed, 4 ChargedBack.')
  expect(await database.db.purchase.count({ where: { id: { in: sales.map(({ purchaseId }) => purchaseId) } } })).toBe(76)
  const statusOf = async (outcome: string) => {
    const { purchaseId } = sales.find((sale) => sale.outcome === outcome) ?? { purchaseId: '' }
    return database.db.purchase.findUnique({ where: { id: purchaseId }, include: { grant: true, entity: true, product: true } })
  }
  expect(await statusOf('kept')).toMatchObject({ status: 'Completed', grant: { revokedAt: null }, workflowStartedAt: null })
  expect(await statusOf('partly_refunded')).toMatchObject({ status: 'Completed', amountRefunded: 100 })
  expect(await statusOf('refund_failed')).toMatchObject({ status: 'Completed', amountRefunded: 0 })
  expect(await statusOf('refunded')).toMatchObject({ status: 'Refunded', grant: { revokedReason: 'Refunded' } })
  expect(await statusOf('disputed')).toMatchObject({ status: 'Disputed', grant: { revokedAt: expect.any(Date) } })
  expect(await statusOf('dispute_won')).toMatchObject({ status: 'Completed', grant: { revokedAt: null } })
  expect(await statusOf('expired')).toMatchObject({ status: 'Expired', grant: null, open: false })
  const kept = await statusOf('kept')
  expect(kept).toMatchObject({
    entity: { status: 'archived', title: expect.stringMatching(/^Film no\. \d+$/) },
    product: { status: 'withdrawn' },
  })
  // Access starts when the payment is made, a minute after the session was created.
  const session = await stripe.checkout.sessions.retrieve(kept?.sessionId ?? '')
  expect(kept?.createdAt).toEqual(new Date(session.created * 1_000))
  expect(kept?.completedAt).toEqual(new Date((session.created + 60) * 1_000))
  expect(kept?.grant?.startsAt).toEqual(kept?.completedAt)
  // An open dispute requires action by an operator; past refunds and lost disputes do not.
  const alerts = await database.db.alert.findMany({ where: { resolvedAt: null } })
  expect(alerts.map(({ kind }) => kind)).toEqual(Array(4).fill('disputed'))

  const before = await counts()
  expect(await importPurchases('--dry-run')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('76 purchases already exist'),
  })
  expect(await importPurchases()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('0 purchases imported.') })
  expect(await counts()).toEqual(before)
  expect(await ops('doctor', '--stripe', '--since', '3650d')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('No problems found.'),
  })
  expect((await stripe.events.list()).data).toEqual([])
}, 300_000)

test('an import that was killed continues where it stopped when it is run again', async () => {
  await fillHistory(1_000)
  const lengths = allLengths()
  const child = start(['import:purchases', '--from-stripe', '--lengths', lengths])
  const exit = new Promise((resolve) => child.once('exit', resolve))
  await waitFor('the first purchases', async () => (await database.db.purchase.count()) > 0, { timeoutMs: 60_000 })
  child.kill('SIGKILL')
  await exit
  const { purchases } = await counts()
  expect(purchases % 200).toBe(0)
  expect(purchases).toBeLessThan(950)
  expect(await importPurchases('--lengths', lengths)).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining(`${purchases} purchases already exist`),
  })
  expect(await counts()).toMatchObject({ purchases: 950, grants: 900 })
  expect((await ops('doctor')).stdout).toContain('No problems found.')
}, 300_000)

test('sales that cannot be imported are listed, and all others are imported', async () => {
  const stripe = createStripe({ secretKey: 'sk_test_operator', apiBase: emulator.url })
  const sell = async (metadata: Record<string, string>, unit_amount = 500) => {
    const session = await stripe.checkout.sessions.create({
      ...{ mode: 'payment', success_url: 'https://example.com/', metadata },
      line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount, product_data: { name: 'Nosferatu' } } }],
    })
    await helper(`checkout/sessions/${session.id}/pay`, {})
    return session.id
  }
  const metadata = { payToViewProductId: 'own', userId: 'ann', entityType: '3', entityId: 'nosferatu' }
  const dots = await sell({ ...metadata, payToViewPurchaseId: '..' })
  const incomplete = await sell({ payToViewPurchaseId: '17', userId: 'ann' })
  await sell({ ...metadata, payToViewPurchaseId: '18' })
  await sell({ ...metadata, payToViewPurchaseId: '19' })
  // The next purchase was paid after its first session had expired.
  const expired = await stripe.checkout.sessions.create({
    ...{
      mode: 'payment',
      success_url: 'https://example.com/',
      metadata: { ...metadata, userId: 'ben', payToViewPurchaseId: '20' },
    },
    line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 500, product_data: { name: 'Nosferatu' } } }],
  })
  await stripe.checkout.sessions.expire(expired.id)
  const paid = await sell({ ...metadata, userId: 'ben', payToViewPurchaseId: '20' })

  const result = await importPurchases('--lengths', writeLengths('own,permanent,,'), '--list')
  expect(result.exitCode).toBe(1)
  expect(result.stdout).toContain(`skipped  ${dots}: payToViewPurchaseId ".." is not 1 to 200 characters`)
  expect(result.stdout).toContain(`skipped  ${incomplete}: its metadata has no entityId, payToViewProductId`)
  expect(result.stdout).toContain('imported  18  Completed')
  // An import never refunds, so both purchases keep their access, and the operator decides which one to refund.
  expect(result.stdout).toContain('paid twice  19: 18 gives the same access')
  expect(await database.db.refundRequest.count()).toBe(0)
  expect(await database.db.purchase.findUnique({ where: { id: '20' } })).toMatchObject({ status: 'Completed', sessionId: paid })
  expect(await database.db.entity.findUnique({ where: { id: 'nosferatu' } })).toMatchObject({
    type: 'content',
    title: 'Nosferatu',
  })
  expect((await ops('doctor')).stdout).toContain('No problems found.')
}, 120_000)

test('a lengths file with mistakes is rejected before anything is read', async () => {
  const lengths = writeLengths('a,30,2,48', 'b,forever,,', 'c,,2,', 'a,30,,', 'd,,,')
  const { exitCode, stderr } = await importPurchases('--lengths', lengths)
  expect(exitCode).toBe(1)
  expect(stderr).toContain('line 2, column accessDurationDays: Expected a number of days, permanent, or a rental')
  expect(stderr).toContain('line 3, column accessDurationDays: Expected a whole number of days from 1 to 36500, or permanent')
  expect(stderr).toContain('line 4, column watchWithinHours: A rental needs both startWithinDays and watchWithinHours')
  expect(stderr).toContain('line 6, column accessDurationDays')
})
