import type { TransactionPage } from '@pay-to-view/db'
import { z } from 'zod'
import { ApiError } from '../../errors.ts'
import { Timestamp } from '../../purchases/schemas.ts'
import { text } from '../../text.ts'
import { scopedProcedure } from '../../trpc.ts'
import { daysOf, period } from './sales.ts'

const position = z.object({ at: Timestamp, id: text(255) })

const transaction = z.object({
  at: Timestamp,
  kind: z.string(),
  subjectId: z.string(),
  purchaseId: z.string().nullable(),
  entityId: z.string().nullable(),
  entityTitle: z.string().nullable(),
  productId: z.string().nullable(),
  productName: z.string().nullable(),
  currency: z.string(),
  gross: z.number(),
  discount: z.number(),
  tax: z.number(),
  amount: z.number(),
  fee: z.number(),
  net: z.number(),
  promotionCode: z.string().nullable(),
  country: z.string().nullable(),
  invoiceNumber: z.string().nullable(),
})

export type Transaction = z.infer<typeof transaction>

const toOutput = ({ rows, next }: TransactionPage) => ({
  items: rows.map(({ at, kind, subjectId, purchaseId, entityId, entityTitle, productId, productName, ...row }) => ({
    ...{ at: at.toISOString(), kind, subjectId, purchaseId, entityId, entityTitle, productId, productName },
    ...{
      currency: row.currency,
      gross: row.gross,
      discount: row.discount,
      tax: row.tax,
      amount: row.amount,
      fee: row.fee,
      net: row.net,
    },
    ...{ promotionCode: row.promotionCode, country: row.country, invoiceNumber: row.invoiceNumber },
  })),
  next: next && { at: next.at.toISOString(), id: next.id },
})

/**
 * The money movements of a period, or those in a payout, in chronological order. The export and the back office read it in pages of up to
 * about a thousand rows.
 */
export const transactions = scopedProcedure('reports:read')
  .input(
    z.strictObject({
      from: period.from.optional(),
      to: period.to.optional(),
      timezone: period.timezone,
      payoutId: text(255).optional(),
      after: position.optional(),
    }),
  )
  .output(z.object({ items: z.array(transaction), next: position.nullable() }))
  .query(async ({ ctx, input: { from, to, timezone, payoutId, after } }) => {
    const { reads } = ctx.services
    const start = after ? { at: new Date(after.at), id: after.id } : null
    if (payoutId !== undefined) {
      if (from !== undefined || to !== undefined)
        throw new ApiError('validation', { field: 'payoutId', message: 'Expected either a payout or a period, not both' })
      return toOutput(await reads.payoutTransactions({ payoutId, after: start }))
    }
    if (from === undefined) throw new ApiError('validation', { field: 'from', message: 'Expected a date, or a payoutId' })
    if (to === undefined) throw new ApiError('validation', { field: 'to', message: 'Expected a date' })
    const days = daysOf({ from, to, timezone })
    return toOutput(await reads.periodTransactions({ from: days.from, to: days.to, after: start }))
  })
