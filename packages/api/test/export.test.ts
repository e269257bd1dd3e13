import type { OperatorRow } from '@pay-to-view/db'
import { expect, test } from 'vitest'
import { csvLine } from '../src/admin/purchases/csv.ts'
import { exportPurchases } from '../src/admin/purchases/export.ts'
import type { Context, Services } from '../src/trpc.ts'
import { never, unusedServices } from './unused-services.ts'

test.each([
  ['=1+1', `"'=1+1"`],
  ['+49 30', `"'+49 30"`],
  ['-2', `"'-2"`],
  ['@SUM(A1)', `"'@SUM(A1)"`],
  ['\t=1', `"\t'=1"`],
  ['  =1', `"  '=1"`],
  ['\u200B=1', `"\u200B'=1"`],
  ['\uFF1D1', `"'\uFF1D1"`],
  ['a, "b"', '"a, ""b"""'],
  ['=a\r\nb', `"'=a\r\nb"`],
  ['a;=cmd|x', `"a;'=cmd|x"`],
  ['a,+1', `"a,'+1"`],
  ['a\t@x', `"a\t'@x"`],
  ['a\n-1', `"a\n'-1"`],
  ['a\r -1', `"a\r '-1"`],
  ['a;"=cmd', `"a;""'=cmd"`],
  ['a;b', '"a;b"'],
  ['1-2 = 3', '"1-2 = 3"'],
  ['alice', '"alice"'],
  ['', '""'],
  [-5, '-5'],
  [null, ''],
])('%j is %j in CSV', (cell, written) => {
  expect(csvLine([cell, 1])).toBe(`${written},1\r\n`)
})

/** Splits CSV as a spreadsheet does: at a separator, with quotes recognized only at the beginning of a cell. */
const cellsOf = (line: string, separator: string): string[] => {
  const cells: string[] = []
  for (let rest = line; ; ) {
    const [whole = '', quoted, unquoted = ''] = new RegExp(`^(?:"((?:[^"]|"")*)")?([^${separator}\\r\\n]*)`).exec(rest) ?? []
    cells.push((quoted?.replaceAll('""', '"') ?? '') + unquoted)
    if (whole.length >= rest.length) return cells
    rest = rest.slice(whole.length + 1)
  }
}

test.each([',', ';', '\t', '|'])('no text becomes a formula in a spreadsheet that separates cells with %j', (separator) => {
  const alphabet = [',', ';', '\t', '|', '"', '\n', ' ', '=', '+', '-', '@', 'a', "'"]
  const texts = alphabet.flatMap((a) => alphabet.flatMap((b) => alphabet.flatMap((c) => alphabet.map((d) => a + b + c + d))))
  const formulas = texts.filter((text) => cellsOf(csvLine(['x', text, 'y']), separator).some((cell) => /^\s*[=+\-@]/.test(cell)))
  expect(formulas).toEqual([])
})

const row = (n: number): OperatorRow => ({
  ...{
    id: `ptv_01m85eetz2e8qthwsqr5v${String(n).padStart(5, '0')}`,
    userId: 'alice',
    entityId: 'vid_01m85eetz2e8qthwsqr5v0dh8g',
    entityType: 'video',
  },
  ...{ productId: 'prod_01m85eetz6e8qthwvnjjs5zz41', status: 'Completed', processing: false, amount: 499, currency: 'usd' },
  ...{
    amountRefunded: 0,
    externalTransactionId: `pi_${n}`,
    hasAccess: true,
    amountPaid: 499,
    currencyPaid: 'usd',
    mismatch: null,
    amountSubtotal: 499,
    amountDiscount: 0,
    amountTax: 0,
    promotionCode: null,
    country: null,
    invoiceNumber: null,
    invoiceUrl: null,
    invoicePdfUrl: null,
    startsAt: null,
    rentalWatchWithinHours: null,
    firstPlayedAt: null,
    consentVersion: null,
    consentAt: null,
    withdrawnAt: null,
  },
  ...{ createdAt: new Date(n), completedAt: null, expiresAt: null, refundedAt: null, updatedAt: new Date(n) },
  ...{ entityTitle: 'Nosferatu', productName: 'Film' },
})

const origin = { address: '192.0.2.1', userAgent: undefined }

/** A context with 250 purchases. It records the offset of each page read and each call that counts toward the rate limit. */
const createContext = (admin: boolean) => {
  const offsets: number[] = []
  const counted: string[] = []
  const searchPurchases: Services['reads']['searchPurchases'] = async (_filter, after, limit) => {
    const from = after ? after.createdAt.getTime() : 0
    offsets.push(from)
    return Array.from({ length: Math.min(limit, 250 - from) }, (_, n) => row(from + n + 1))
  }
  const services: Services = {
    ...unusedServices(),
    reads: new Proxy(Object.create(null), { get: (_, name) => (name === 'searchPurchases' ? searchPurchases : never) }),
    withLimit: (_lane, caller, call) => {
      if (caller) counted.push(caller.id)
      return call()
    },
  }
  const user = { id: 'root', admin, email: null, tokenExpiresAt: Date.now() + 60_000 }
  const context: Context = { user, apiKey: null, requestId: 'one', origin, services }
  return { context, offsets, counted }
}

test('an export reads all pages lazily and counts as one call of the user', async () => {
  const { context, offsets, counted } = createContext(true)
  const pages = await exportPurchases({ userId: 'alice' }, context)
  const first = await pages.next()
  expect(offsets).toEqual([0])
  let text = first.value ?? ''
  for await (const page of pages) text += page
  expect(offsets).toEqual([0, 100, 200])
  expect(counted).toEqual(['root'])
  expect(text.split('\r\n')).toHaveLength(252)
})

test('an export begins with a byte-order mark only on request', async () => {
  const start = async (query: Record<string, string>) =>
    (await (await exportPurchases(query, createContext(true).context)).next()).value?.slice(0, 13)
  expect(await start({})).toBe('"purchaseId",')
  expect(await start({ byteOrderMark: 'false' })).toBe('"purchaseId",')
  expect(await start({ byteOrderMark: 'true' })).toBe('\uFEFF"purchaseId"')
  await expect(start({ byteOrderMark: 'yes' })).rejects.toMatchObject({ code: 'validation' })
})

test.each(['limit', 'after', 'page'])('an export rejects the parameter %s, which it would ignore', async (field) => {
  await expect(exportPurchases({ [field]: '5' }, createContext(true).context)).rejects.toMatchObject({
    code: 'validation',
    fields: [{ field }],
  })
})

test('a user without the admin claim and an invalid filter are rejected before any output', async () => {
  await expect(exportPurchases({}, createContext(false).context)).rejects.toThrow('An admin token is required')
  await expect(exportPurchases({ status: 'Stolen' }, createContext(true).context)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})
