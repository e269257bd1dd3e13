import type { TransactionPage } from '@pay-to-view/db'
import { expect, test } from 'vitest'
import { exportTransactions } from '../src/admin/reports/export.ts'
import { toApiError } from '../src/to-api-error.ts'
import type { Context, Services } from '../src/trpc.ts'
import { never, unusedServices } from './unused-services.ts'

const rowAt = (n: number, fields: object = {}): TransactionPage['rows'][number] => ({
  ...{
    at: new Date(Date.UTC(2026, 2, 29, 0, 59, n)),
    kind: 'refund',
    subjectId: `re_${n}`,
    purchaseId: `ptv_${n}`,
    entityId: 'vid',
  },
  ...{ entityTitle: '=HYPERLINK("http://evil")', productId: 'rent', productName: 'Rent; or @buy', currency: 'usd', gross: 0 },
  ...{ discount: 0, tax: 0, amount: -1_050, fee: 0, net: 0, promotionCode: null, country: 'DE', invoiceNumber: 'A-1', ...fields },
})

/** A context whose pages have two transactions. It records the calls that count toward the caller's rate limit. */
const createContext = (pages: number, admin = true) => {
  const counted: string[] = []
  let read = 0
  const periodTransactions: Services['reads']['periodTransactions'] = async ({ after }) => {
    const number = after ? after.at.getUTCSeconds() + 1 : 0
    read++
    return {
      rows: [rowAt(number), rowAt(number + 1, { currency: 'jpy', amount: -1_050 })],
      next: read < pages ? { at: rowAt(number + 1).at, id: '' } : null,
    }
  }
  const payoutTransactions: Services['reads']['payoutTransactions'] = async ({ payoutId }) => ({
    rows:
      payoutId === 'po_1'
        ? [
            rowAt(0, {
              kind: 'charge',
              subjectId: 'txn_1',
              amount: 499,
              fee: 44,
              net: 455,
              gross: null,
              discount: null,
              tax: null,
            }),
          ]
        : [],
    next: null,
  })
  const payouts: Services['reads']['payouts'] = async ({ id }) =>
    id === 'po_manual'
      ? [
          {
            ...{ id, amount: 0, currency: 'usd', status: 'paid', automatic: false, isRead: false },
            ...{ createdAt: new Date(0), arrivalDate: new Date(0), purchases: 0, purchaseAmount: 0, refunds: 0, refundAmount: 0 },
            ...{ disputes: 0, disputeAmount: 0, fees: 0, net: 0, other: 0 },
          },
        ]
      : []
  const services: Services = {
    ...unusedServices(),
    reads: new Proxy(Object.create(null), {
      get: (_, name) => ({ periodTransactions, payoutTransactions, payouts })[String(name)] ?? never,
    }),
    withLimit: (_lane, caller, call) => {
      if (caller) counted.push(caller.id)
      return call()
    },
  }
  const user = { id: 'root', admin, email: null, tokenExpiresAt: Date.now() + 60_000 }
  const origin = { address: '192.0.2.1', userAgent: undefined }
  const context: Context = { user, apiKey: null, requestId: 'one', origin, services }
  return { context, counted, readPages: () => read }
}

const period = { from: '2026-03-01', to: '2026-04-01', timezone: 'Europe/Berlin' }

const textOf = async (query: Record<string, string>, context: Context): Promise<string> => {
  let text = ''
  for await (const page of await exportTransactions(query, context)) text += page
  return text
}

test("an export is read page by page at the reader's pace, and counts as one call", async () => {
  const { context, counted, readPages } = createContext(3)
  const pages = await exportTransactions(period, context)
  expect(readPages()).toBe(1)
  let text = ''
  for await (const page of pages) text += page
  expect([readPages(), counted]).toEqual([3, ['root']])
  const lines = text.trim().split('\r\n')
  expect(lines).toHaveLength(7)
  expect(lines[0]).toBe(
    '"date","time","type","purchaseId","invoiceNumber","entityId","entity","productId","product","country","promotionCode","currency","gross","discount","tax","amount","fee","net","stripeId"',
  )
  expect(lines[1]).toBe(
    `"2026-03-29 01:59:00","2026-03-29T00:59:00.000Z","refund","ptv_0","A-1","vid","'=HYPERLINK(""http://evil"")","rent","Rent; or @buy","DE",,"USD",0.00,0.00,0.00,-10.50,0.00,0.00,"re_0"`,
  )
  expect(lines[2]).toContain(',"JPY",0,0,0,-1050,0,0,')
})

test('the export has a byte-order mark, semicolons and decimal commas for Excel on request, or tabs', async () => {
  const excel = await textOf({ ...period, separator: 'semicolon', byteOrderMark: 'true' }, createContext(1).context)
  expect(excel.startsWith('\uFEFF"date";"time"')).toBe(true)
  expect(excel).toContain(';"USD";0,00;0,00;0,00;-10,50;')
  expect(await textOf({ ...period, separator: 'tab' }, createContext(1).context)).toContain('\t"USD"\t0.00\t')
})

test('an export can contain the transactions of a payout instead of a period', async () => {
  const text = await textOf({ payoutId: 'po_1' }, createContext(1).context)
  expect(text).toContain('"charge","ptv_0"')
  // Stripe's balance transactions do not contain the gross amount, the discount or the tax.
  expect(text).toContain(',"USD",,,,4.99,0.44,4.55,"txn_1"')
})

test('an unknown payout is an error; the export of a payout whose content is not known has only the header', async () => {
  await expect(exportTransactions({ payoutId: 'po_nope' }, createContext(1).context)).rejects.toMatchObject({
    cause: { code: 'payout_not_found', fields: [{ field: 'payoutId' }] },
  })
  expect((await textOf({ payoutId: 'po_manual' }, createContext(1).context)).trim().split('\r\n')).toHaveLength(1)
})

test('a missing period is reported like an invalid one', async () => {
  const fieldsOf = async (query: Record<string, string>) => {
    const error = await exportTransactions(query, createContext(1).context).catch((reason: unknown) => reason)
    return toApiError(error).fields
  }
  const message = 'Expected a date such as 2026-03-29'
  const both = [
    { field: 'from', message },
    { field: 'to', message },
  ]
  expect(await fieldsOf({})).toEqual(both)
  expect(await fieldsOf({ from: ' 2026-03-29', to: '2026-03-29T00:00:00Z' })).toEqual(both)
})

test.each([
  ['a period and a payout', { ...period, payoutId: 'po_1' }],
  ['neither', {}],
  ['no end', { from: '2026-03-01' }],
  ['an end before the start', { ...period, to: '2026-02-01' }],
  ['an unknown time zone', { ...period, timezone: 'Mars/Olympus' }],
  ['an unknown separator', { ...period, separator: 'bar' }],
  ['an empty separator', { ...period, separator: '' }],
  ['an empty byte-order mark', { ...period, byteOrderMark: '' }],
  ['a position', { ...period, after: 'x' }],
  ['an invalid byte-order mark', { ...period, byteOrderMark: '1' }],
  ['an unknown filter', { ...period, user: 'alice' }],
])('%s is rejected before any output', async (_, query) => {
  await expect(exportTransactions(query, createContext(1).context)).rejects.toThrow()
})

test('a caller who is not an admin is rejected', async () => {
  await expect(exportTransactions(period, createContext(1, false).context)).rejects.toThrow('An admin token is required')
})
