import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { repositoryRoot } from '@pay-to-view/devstack'
import { waitFor } from '@pay-to-view/devstack/wait'
import { programOf } from '@pay-to-view/testing/built'
import { useStack } from '@pay-to-view/testing/stack'
import { Client, Connection } from '@temporalio/client'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

// Follows the procedure in docs/migration.md. Another backend, which follows the integration guide, has already made sales on this Stripe
// account.
const stack = useStack()

const Sale = z.object({
  ...{ outcome: z.string(), purchaseId: z.string(), userId: z.string(), entityId: z.string(), productId: z.string() },
  charge: z.string().nullable(),
})
type Sale = z.infer<typeof Sale>

let folder: string
let sales: Sale[]

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'migration-'))
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${stack().stack.stripeApi}/_test/history`, {
    ...{ method: 'POST', headers, body: JSON.stringify({ purchases: 600, days: 600 }) },
  })
  sales = z.object({ data: z.array(Sale) }).parse(await response.json()).data
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const command = (...args: string[]) => {
  const { databaseUrl, temporalAddress, temporalNamespace, stripeApi } = stack().stack
  const env = {
    ...{ PATH: process.env.PATH, DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress },
    ...{ TEMPORAL_NAMESPACE: temporalNamespace, STRIPE_SECRET_KEY: 'sk_test_operator', STRIPE_API_BASE: stripeApi },
  }
  const options = { cwd: repositoryRoot, env, extendEnv: false, all: true, reject: false } as const
  return execa(process.execPath, [...programOf('ops'), ...args], options)
}

const ops = async (...args: string[]) => {
  const { exitCode, all } = await command(...args)
  return { code: exitCode, output: all }
}

const writeLengths = (): string => {
  const file = path.join(folder, 'lengths.csv')
  const rows = [
    'payToViewProductId,accessDurationDays,startWithinDays,watchWithinHours',
    'old-rent-30,30,,',
    'old-own,permanent,,',
  ]
  writeFileSync(file, [...rows, 'old-rental-48h,,30,48'].join('\n'))
  return file
}

const expectCleanDoctor = () =>
  expect
    .poll(async () => (await ops('doctor', '--stripe', '--since', '3650d')).output, { timeout: 90_000, interval: 2_000 })
    .toMatch(/No problems found\.$/)

/** Returns a recent sale of permanent access with the given outcome. */
const saleWith = (outcome: string, accept: (sale: Sale) => boolean = () => true): Sale => {
  const found = sales.findLast((sale) => sale.outcome === outcome && sale.productId === 'old-own' && accept(sale))
  if (!found) throw new Error(`There is no sale that was ${outcome}`)
  return found
}

const isNumber = ({ purchaseId }: Sale): boolean => /^\d+$/.test(purchaseId)

const hasAccess = async ({ userId, entityId }: Sale): Promise<boolean> =>
  (await (await stack().client(userId)).access.check.query({ entityId })).hasAccess

test('a dry run lists the missing purchases, and an import that was killed is completed when it is run again', async () => {
  expect(await ops('import:purchases', '--from-stripe', '--dry-run')).toMatchObject({
    code: 1,
    output: expect.stringContaining('570 purchases to import, 540 of them paid.'),
  })
  expect(await stack().query('select 1 from purchases')).toEqual([])
  const lengths = writeLengths()
  const first = command('import:purchases', '--from-stripe', '--lengths', lengths)
  await waitFor('the first purchases', async () => (await stack().query('select 1 from purchases')).length > 0, {
    timeoutMs: 60_000,
  })
  first.kill('SIGKILL')
  await first
  expect(await ops('import:purchases', '--from-stripe', '--lengths', lengths)).toMatchObject({ code: 0 })
  expect(await stack().query('select count(*)::int as purchases from purchases')).toEqual([{ purchases: 570 }])
  expect(await stack().query('select count(*)::int as grants from grants')).toEqual([{ grants: 540 }])
  await expectCleanDoctor()
}, 240_000)

test.each([
  ['a number', isNumber],
  ['a UUID', (sale: Sale) => !isNumber(sale)],
] as const)(
  'the buyer of a purchase with the id %s sees the purchase, has access, and cannot buy the entity again',
  async (_, accept) => {
    const { purchaseId, userId, entityId, productId: payToViewProductId } = saleWith('kept', accept)
    const user = await stack().client(userId)
    expect(await user.access.check.query({ entityId })).toMatchObject({ hasAccess: true, source: 'purchase', purchaseId })
    expect(await user.purchases.get.query({ id: purchaseId })).toMatchObject({
      status: 'Completed',
      hasAccess: true,
      expiresAt: null,
    })
    const { items } = await user.purchases.list.query({ entityId })
    expect(items).toMatchObject([{ purchaseId, status: 'Completed', amountPaid: 1_299 }])
    const returnUrl = 'https://yoursite.com/purchase/complete'
    expect(await user.purchases.create.mutate({ payToViewProductId, entityId, returnUrl })).toEqual({
      success: false,
      hasAccess: true,
    })
    const rest = await fetch(`${stack().stack.api}/client/v1/pay-to-view/purchases/${purchaseId}`, {
      headers: { authorization: `Bearer ${await stack().token(userId)}` },
    })
    expect(await rest.json()).toMatchObject({ purchaseId, status: 'Completed' })
    const admin = await stack().client('root', { admin: true })
    expect(await admin.admin.purchases.get.query({ id: purchaseId })).toMatchObject({ timeline: [{ cause: { kind: 'import' } }] })
  },
)

test('a refund in the Stripe dashboard and a refund by an admin end the access of old sales', async () => {
  const { emulator, client, waitForStatus } = stack()
  const [byStripe, byAdmin] = [saleWith('kept', isNumber), saleWith('kept', (sale) => !isNumber(sale))]
  expect([await hasAccess(byStripe), await hasAccess(byAdmin)]).toEqual([true, true])
  expect(await emulator(`charges/${byStripe.charge}/refund`)).toBe(200)
  const admin = await client('root', { admin: true })
  expect(await admin.admin.purchases.refund.mutate({ id: byAdmin.purchaseId })).toMatchObject({ success: true, amount: 1_299 })
  for (const sale of [byStripe, byAdmin]) {
    await waitForStatus(await client(sale.userId), sale.purchaseId, 'Refunded')
    expect(await hasAccess(sale)).toBe(false)
  }
}, 60_000)

test('a dispute of an old sale suspends its access, and winning the dispute restores the access with its original start', async () => {
  const { emulator, client, waitForStatus, stripe, query } = stack()
  const sale = saleWith('partly_refunded')
  const startOf = () => query('select starts_at from grants where purchase_id = $1', [sale.purchaseId])
  const before = await startOf()
  const user = await client(sale.userId)
  expect(await emulator(`charges/${sale.charge}/dispute`)).toBe(200)
  await waitForStatus(user, sale.purchaseId, 'Disputed')
  expect(await hasAccess(sale)).toBe(false)
  const [dispute] = (await stripe.disputes.list({ limit: 1 })).data
  expect(await emulator(`disputes/${dispute?.id}/win`)).toBe(200)
  await waitForStatus(user, sale.purchaseId, 'Completed')
  expect(await hasAccess(sale)).toBe(true)
  expect(await startOf()).toEqual(before)
  // This dispute was open at the time of the import.
  const open = saleWith('disputed')
  const disputes = await stripe.disputes.list({ charge: open.charge ?? '' })
  expect(await emulator(`disputes/${disputes.data[0]?.id}/win`)).toBe(200)
  await waitForStatus(await client(open.userId), open.purchaseId, 'Completed')
  expect(await hasAccess(open)).toBe(true)
  expect(await query('select kind from alerts where purchase_id = $1 and resolved_at is null', [open.purchaseId])).toEqual([])
}, 60_000)

test('with workflows, the Temporal UI shows the purchases whose dispute window is open, and the doctor still finds nothing', async () => {
  expect(await ops('import:purchases', '--from-stripe', '--with-workflows')).toMatchObject({
    code: 0,
    output: expect.stringMatching(/0 purchases imported\.(.|\n)*\d\d+ workflows started\./),
  })
  const { temporalAddress, temporalNamespace } = stack().stack
  const connection = await Connection.connect({ address: temporalAddress })
  const temporal = new Client({ connection, namespace: temporalNamespace })
  const { purchaseId } = saleWith('dispute_won')
  expect((await temporal.workflow.getHandle(purchaseId).describe()).status.name).toBe('RUNNING')
  await connection.close()
  expect(await ops('import:purchases', '--from-stripe', '--with-workflows')).toMatchObject({
    output: expect.stringContaining('0 workflows started.'),
  })
  await expectCleanDoctor()
}, 240_000)
