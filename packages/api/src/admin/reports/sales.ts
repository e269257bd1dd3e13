import { type SalesGroup, salesGroups } from '@pay-to-view/db'
import { dayStarts, daysBetween, hourStarts, isCalendarDate, isTimeZone } from '@pay-to-view/purchase'
import { z } from 'zod'
import { encodeCursor, readCursor } from '../../cursor.ts'
import { EntityType } from '../../entities/entity-input.ts'
import { ApiError } from '../../errors.ts'
import { EntityId } from '../../purchases/schemas.ts'
import { text } from '../../text.ts'
import { scopedProcedure } from '../../trpc.ts'
import { SupportedCurrency } from '../../values.ts'

export const expectedDate = 'Expected a date such as 2026-03-29'
const date = z.string(expectedDate).refine(isCalendarDate, expectedDate).meta({ maxLength: 10 })
const expectedTimeZone = 'Expected the name of a time zone, such as Europe/Berlin or UTC'

/** A period, given as dates in a time zone. */
export const period = {
  from: date.meta({ description: 'First day' }),
  to: date.meta({ description: 'The day after the last day' }),
  timezone: z.string(expectedTimeZone).refine(isTimeZone, expectedTimeZone).meta({ maxLength: 64 }).default('UTC'),
}

/** Ten years. This limits the size of a report by day, which has one group per day and currency. */
const maxDays = 3_660

/** Returns a period's days, each with its start. Rejects a period that is empty or too long. */
export const daysOf = ({ from, to, timezone }: { from: string; to: string; timezone: string }) => {
  const days = daysBetween(from, to)
  if (days < 1) throw new ApiError('validation', { field: 'to', message: `Expected a date after \`from\` (${from})` })
  if (days > maxDays)
    throw new ApiError('validation', { field: 'to', message: `Expected at most ${maxDays} days after \`from\` (${from})` })
  const { dates, starts, end } = dayStarts(from, to, timezone)
  return { dates, starts, from: starts[0] ?? end, to: end }
}

/** Limits the size of a report by hour, which has one group per hour and currency. */
const maxDaysByHour = 31

/** Returns the start and the key of each day or hour in a report. Reports that are not grouped by time have no keys. */
export const timesOf = (groupBy: SalesGroup, period: { from: string; to: string; timezone: string }) => {
  const days = daysOf(period)
  if (groupBy !== 'hour') return { ...days, keys: groupBy === 'day' ? days.dates : null }
  if (days.dates.length > maxDaysByHour)
    throw new ApiError('validation', { field: 'to', message: `Expected at most ${maxDaysByHour} days for a report by hour` })
  const starts = hourStarts(days.starts, days.to)
  return { ...days, starts, keys: starts.map((start) => start.toISOString()) }
}

const amount = z.int()

const figures = z.object({
  currency: z.string(),
  gross: amount.meta({ description: 'Sum of amountSubtotal: prices before discounts and exclusive tax' }),
  discount: amount,
  tax: amount,
  refunded: amount,
  disputed: amount.meta({ description: 'The amount that disputes withdrew, minus the amount that was returned' }),
  fees: amount.meta({ description: "Stripe's fees, in the account's currency" }),
  net: z.int().meta({ description: "The amount added to the balance in Stripe, in the account's currency; may be negative" }),
  purchases: amount.meta({ description: 'Completed purchases, including free orders and purchases that were refunded later' }),
  refunds: amount,
  checkouts: amount.nullable().meta({
    description:
      'Purchases created in this period; null for groups by promotion code or country, which are known only after the payment',
  }),
  paidCheckouts: amount.nullable().meta({ description: 'The `checkouts` that have been completed since' }),
})

/** Promotion codes and countries are known only after the payment, so reports that are grouped by one of them do not count checkouts. */
const withoutCheckouts = { checkouts: null, paidCheckouts: null }

const cursorValues = z.tuple([z.number(), z.string(), z.string()])

const expectedLimit = 'Expected a whole number from 1 to 1000'

/** Amounts are in minor units and never added across currencies. Every number is defined in docs/reporting.md. */
export const sales = scopedProcedure('reports:read')
  .meta({
    rest: {
      method: 'GET',
      path: '/admin/v1/pay-to-view/reports/sales',
      summary: 'Report sales by day, entity, product, …',
      tag: 'admin',
    },
  })
  .input(
    z.strictObject({
      ...period,
      groupBy: z
        .enum(salesGroups, `Expected one of ${salesGroups.join(', ')}`)
        .default('day')
        .meta({ description: `With \`hour\`, the period may be at most ${maxDaysByHour} days long` }),
      currency: SupportedCurrency.optional(),
      entityId: EntityId.optional().meta({ description: 'Only the sales of this entity' }),
      entityType: EntityType.optional().meta({
        description: 'Only the sales of entities of this type; allowed only with groupBy=entity and without entityId',
      }),
      limit: z.int(expectedLimit).min(1, expectedLimit).max(1_000, expectedLimit).default(1_000).meta({
        description: 'Groups per page; a report by day or hour has no pages',
      }),
      cursor: text(1_000).optional().meta({ description: '`nextCursor` of the previous page' }),
    }),
  )
  .output(
    z.object({
      items: z.array(
        figures.extend({
          key: z.string().nullable().meta({
            description: 'The date, start of the hour, id, code, country or currency; null for sales without a code or country',
          }),
        }),
      ),
      totals: z.array(figures).meta({ description: 'Totals of all groups, one per currency' }),
      nextCursor: z.string().nullable(),
    }),
  )
  .query(async ({ ctx, input: { groupBy, currency, entityId, entityType, limit, cursor, ...input } }) => {
    if (entityType !== undefined && (groupBy !== 'entity' || entityId !== undefined))
      throw new ApiError('validation', { field: 'entityType', message: 'Expected only with groupBy=entity and without entityId' })
    const { starts, from, to, keys } = timesOf(groupBy, input)
    const [gross, key, last] = readCursor(cursor, cursorValues) ?? []
    const after = gross === undefined || key === undefined || last === undefined ? null : { gross, key, currency: last }
    const query = { groupBy, from, to, starts, currency, entityId, entityType, after, limit }
    const { groups, totals } = await ctx.services.reads.sales(query)
    const page = keys ? groups : groups.slice(0, limit)
    const end = page.length < groups.length ? page.at(-1) : undefined
    const keyOf = (row: (typeof groups)[number]): string | null => {
      if (keys) return keys[Number(row.key) - 1] ?? null
      return groupBy === 'currency' ? row.currency : row.key || null
    }
    const isKnownAfterPayment = groupBy === 'promotionCode' || groupBy === 'country'
    return {
      items: page.map((row) => ({ ...row, key: keyOf(row), ...(isKnownAfterPayment && withoutCheckouts) })),
      totals,
      nextCursor: end ? encodeCursor([end.gross, end.key, end.currency]) : null,
    }
  })
