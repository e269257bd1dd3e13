import { factsOf, isOpenDispute, noFacts } from '@pay-to-view/purchase'
import type { Db } from '../client.ts'
import type { Prisma, PurchaseStatus } from '../generated/client.ts'
import { playedPeriodOf, readRental } from '../grants/grant-times.ts'
import { storedFacts } from '../json-columns.ts'
import { columns, newestFirst, withAccess } from './history.ts'

export interface SearchFilter {
  userId?: string
  /** The first characters of the user's id. */
  userIdPrefix?: string
  entityId?: string
  productId?: string
  /** The promotion code, either spelled as in Stripe, or in all uppercase or all lowercase. */
  promotionCode?: string
  /** The ISO 3166 country code in uppercase. */
  country?: string
  /** The quote's currency code in lowercase. */
  currency?: string
  status?: PurchaseStatus
  externalTransactionId?: string
  /** The start of the creation period, inclusive. */
  createdFrom?: Date
  /** The end of the creation period, exclusive. */
  createdTo?: Date
}

/** The last row of a page; the next page starts after it. */
export interface SearchPosition {
  createdAt: Date
  id: string
}

const operatorColumns = {
  ...columns,
  mismatch: true,
  updatedAt: true,
  entity: { select: { title: true, type: true, availableFrom: true } },
  product: { select: { name: true } },
} satisfies Prisma.PurchaseSelect

const flatten = ({ product, ...row }: Prisma.PurchaseGetPayload<{ select: typeof operatorColumns }>) => ({
  ...withAccess(row),
  entityTitle: row.entity.title,
  productName: product.name,
})

/** A purchase as shown to operators in a list. */
export type OperatorRow = ReturnType<typeof flatten>

/**
 * Returns the spellings of a promotion code that occur in purchases. Stripe ignores case, but a purchase stores the code as spelled in
 * Stripe, and the index finds only exact spellings. Therefore the usual spellings are looked up first.
 */
const usedSpellings = async (db: Db, code: string): Promise<string[]> => {
  const spellings = [...new Set([code, code.toUpperCase(), code.toLowerCase()])]
  const rows = await db.$queryRaw<{ spelling: string }[]>`
    SELECT spelling FROM unnest(${spellings}::text[]) AS spelling
    WHERE EXISTS (SELECT FROM purchases WHERE promotion_code = spelling)`
  return rows.map(({ spelling }) => spelling)
}

/**
 * Returns a filter for a promotion code. The filter uses a single value if possible, because the index then returns the newest purchases
 * first.
 */
const promotionCodeFilter = async (db: Db, code: string): Promise<Prisma.PurchaseWhereInput> => {
  const [first = code, ...others] = await usedSpellings(db, code)
  return { promotionCode: others.length === 0 ? first : { in: [first, ...others] } }
}

/**
 * Returns at most `limit` purchases, newest first. All pages cost the same, because a page starts at an index position instead of an
 * offset.
 */
export const searchPurchases = async (
  db: Db,
  { createdFrom, createdTo, userIdPrefix, promotionCode, ...equal }: SearchFilter,
  after: SearchPosition | null,
  limit: number,
): Promise<OperatorRow[]> => {
  const and: Prisma.PurchaseWhereInput[] = [equal, { createdAt: { gte: createdFrom, lt: createdTo } }]
  if (promotionCode !== undefined) and.push(await promotionCodeFilter(db, promotionCode))
  // Prisma does not escape LIKE wildcards.
  if (userIdPrefix !== undefined) and.push({ userId: { startsWith: userIdPrefix.replaceAll(/[\\%_]/g, '\\$&') } })
  // The first condition selects the position in the index. The second condition excludes rows with the same creation time that were on
  // earlier pages.
  if (after) and.push({ createdAt: { lte: after.createdAt } }, { NOT: { createdAt: after.createdAt, id: { gte: after.id } } })
  const rows = await db.purchase.findMany({ where: { AND: and }, orderBy: newestFirst, take: limit, select: operatorColumns })
  return rows.map(flatten)
}

/** Reads all data that the back office shows about a purchase. */
export const operatorPurchase = async (db: Db, id: string) => {
  const [row, events] = await Promise.all([
    db.purchase.findUnique({
      where: { id },
      select: {
        ...operatorColumns,
        sessionId: true,
        checkoutDeadline: true,
        accessDurationDays: true,
        facts: true,
        grant: { select: { ...columns.grant.select, id: true, entityId: true, revokedBy: true, revokedReason: true } },
        rentalStartWithinDays: true,
        rentalWatchWithinHours: true,
        isRenewal: true,
        changes: { orderBy: { id: 'asc' }, select: { at: true, fromStatus: true, toStatus: true, cause: true, note: true } },
        withdrawalSteps: { orderBy: { id: 'asc' }, select: { at: true, step: true, reason: true } },
        refunds: {
          orderBy: { createdAt: 'asc' },
          select: { id: true, amount: true, status: true, requestId: true, createdAt: true },
        },
        refundRequests: {
          orderBy: { createdAt: 'asc' },
          select: {
            requestId: true,
            amount: true,
            reason: true,
            requestedBy: true,
            createdAt: true,
            refundId: true,
            error: true,
            respondedAt: true,
          },
        },
        alerts: {
          orderBy: { id: 'asc' },
          select: { id: true, kind: true, detail: true, at: true, dueAt: true, resolvedAt: true, resolvedBy: true, note: true },
        },
      },
    }),
    db.stripeEvent.findMany({
      where: { purchaseId: id },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      take: 200,
      select: { id: true, type: true, createdAt: true, receivedAt: true, appliedAt: true, source: true },
    }),
  ])
  if (!row) return null
  const {
    sessionId,
    checkoutDeadline,
    accessDurationDays,
    isRenewal,
    facts,
    changes,
    withdrawalSteps,
    refunds,
    refundRequests,
    alerts,
    ...rest
  } = row
  return {
    ...flatten(rest),
    grants: rest.grant ? [{ ...rest.grant, ...playedPeriodOf(rest.grant, rest.entity.availableFrom) }] : [],
    rental: readRental(row),
    ...{
      sessionId,
      checkoutDeadline,
      accessDurationDays,
      isRenewal,
      changes,
      withdrawalSteps,
      refunds,
      refundRequests,
      alerts,
      events,
    },
    disputes: factsOf(storedFacts.safeParse(facts).data ?? noFacts, 'dispute').map((dispute) => ({
      id: dispute.id,
      amount: dispute.amount,
      status: dispute.status,
      blocksRefund: dispute.paymentIntentId === row.externalTransactionId && isOpenDispute(dispute) && !dispute.refundable,
    })),
  }
}

export type OperatorPurchase = NonNullable<Awaited<ReturnType<typeof operatorPurchase>>>
