import type { TransactionPage } from '@pay-to-view/db'
import { z } from 'zod'
import { ApiError } from '../../errors.ts'
import { text } from '../../text.ts'
import { scopedProcedure } from '../../trpc.ts'
import { Time, Timestamp } from '../../values.ts'
import { daysOf, expectedDate, period } from './sales.ts'

const position = z.object({ at: Timestamp, id: text(255) }, 'Expected `next` of the previous page')

const transaction = z.object({
  at: Time,
  kind: z.string(),
  subjectId: z.string(),
  purchaseId: z.string().nullable(),
  entityId: z.string().nullable(),
  entityTitle: z.string().nullable(),
  productId: z.string().nullable(),
  productName: z.string().nullable(),
  currency: z.string(),
  gross: z.number().nullable(),
  discount: z.number().nullable(),
  tax: z.number().nullable(),
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
 * The money movements of a period or payout, in chronological order. The export and the back office read them in pages of up to about a
 * thousand rows.
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
      const page = await reads.payoutTransactions({ payoutId, after: start })
      // An empty page does not prove that the payout is unknown: a manual payout, or a payout that Stripe has not filled yet, has no
      // transactions.
      if (page.rows.length === 0 && (await reads.payouts({ id: payoutId, limit: 1 })).length === 0)
        throw new ApiError('payout_not_found', { field: 'payoutId' })
      return toOutput(page)
    }
    if (from === undefined || to === undefined) {
      const missing = [...(from === undefined ? ['from'] : []), ...(to === undefined ? ['to'] : [])]
      throw new ApiError('validation', { fields: missing.map((field) => ({ field, message: expectedDate })) })
    }
    const days = daysOf({ from, to, timezone })
    return toOutput(await reads.periodTransactions({ from: days.from, to: days.to, after: start }))
  })
