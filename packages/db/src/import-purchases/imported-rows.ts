import {
  evidenceDueAt,
  factsOf,
  isCoveredBy,
  isLostDispute,
  isOpenDispute,
  isPreSold,
  type Period,
  type Projection,
  SYSTEM_ACTOR,
  soldPeriod,
} from '@pay-to-view/purchase'
import { newGrantId } from '../access.ts'
import { alertKey } from '../alerts.ts'
import { disputeAlertKind } from '../apply/update-alerts.ts'
import type { Prisma } from '../generated/client.ts'
import { projectionColumns, toDate } from '../projection-columns.ts'
import type { ProjectedPurchase } from './imported-purchase.ts'

/** A purchase's product and entity in the catalog. */
export interface CatalogOf {
  product: { name: string; taxCode: string | null; keepsRemovedMembers: boolean }
  entity: { type: 'video' | 'channel' | 'content'; title: string; availableFrom: Date | null }
}

export const purchaseRow = (
  purchase: ProjectedPurchase,
  { product, entity }: CatalogOf,
  open: boolean,
  now: Date,
): Prisma.PurchaseCreateManyInput => {
  const { id, userId, entityId, productId, amount, currency, sessionId, checkoutDeadline, createdAt } = purchase
  const { terms, facts, projection, allowedDiscount, taxBehavior } = purchase
  const chosen = allowedDiscount.kind === 'code' ? allowedDiscount : null
  return {
    ...{ id, userId, entityId, productId, amount, currency, sessionId, checkoutDeadline, createdAt, updatedAt: now, taxBehavior },
    accessDurationDays: terms.accessDurationDays,
    rentalStartWithinDays: terms.rental?.startWithinDays,
    rentalWatchWithinHours: terms.rental?.watchWithinHours,
    allowedDiscount: allowedDiscount.kind,
    chosenPromotionCodeId: chosen?.promotionCodeId,
    chosenPromotionCode: chosen?.code,
    checkoutRequest: purchase.buildCheckoutRequest({ productName: product.name, taxCode: product.taxCode, entity }),
    facts,
    ...projectionColumns(projection),
    open: open && projection.status === 'Pending',
  }
}

/** Returns when a payment stopped giving access: the time of the refund, or of the newest snapshot of an open or lost dispute. */
const revokedAt = ({ facts, projection }: ProjectedPurchase, now: Date): Date => {
  const disputes = factsOf(facts, 'dispute').filter((dispute) => isOpenDispute(dispute) || isLostDispute(dispute))
  return toDate(projection.refundedAt ?? disputes.at(-1)?.observedAt ?? null) ?? now
}

/**
 * Returns the grant of a purchase that was paid as quoted, or null if the purchase never gave access. An expired grant is included too,
 * because otherwise a later event would start the access again.
 */
export const grantRow = (
  purchase: ProjectedPurchase,
  { product, entity }: CatalogOf,
  now: Date,
): { row: Prisma.GrantCreateManyInput; period: Period } | null => {
  const { id: purchaseId, userId, entityId, projection, terms } = purchase
  const startsAt = toDate(projection.startsAt)
  if (startsAt === null || projection.mismatch !== null) return null
  const period = soldPeriod(terms, startsAt, entity.availableFrom)
  const row: Prisma.GrantCreateManyInput = {
    ...{ id: newGrantId(), source: 'purchase', purchaseId, userId, entityId, startsAt },
    preSold: isPreSold(startsAt, entity.availableFrom),
    accessDurationDays: terms.accessDurationDays,
    rentalStartWithinDays: terms.rental?.startWithinDays,
    rentalWatchWithinHours: terms.rental?.watchWithinHours,
    keepsRemovedMembers: product.keepsRemovedMembers,
    // If the buyer keeps access to removed members, this time is compared with the time at which a member was removed.
    createdAt: startsAt,
    ...(!projection.entitled && {
      revokedAt: revokedAt(purchase, now),
      revokedBy: SYSTEM_ACTOR,
      revokedReason: projection.status,
    }),
  }
  return { row, period }
}

export const refundRows = ({ id: purchaseId, facts }: ProjectedPurchase): Prisma.RefundCreateManyInput[] =>
  factsOf(facts, 'refund').map(({ id, paymentIntentId, amount, status, requestId, createdAt }) => ({
    ...{ id, purchaseId, paymentIntentId, amount, status, requestId },
    createdAt: new Date(createdAt * 1_000),
  }))

/**
 * Returns the alerts about an imported purchase's open disputes, inquiries, and payments that do not match the quote. Past refunds and lost
 * disputes need no alert.
 */
export const alertRows = ({
  id: purchaseId,
  facts,
  projection,
  amount,
  currency,
}: ProjectedPurchase): Prisma.AlertCreateManyInput[] => [
  ...factsOf(facts, 'dispute').flatMap((dispute): Prisma.AlertCreateManyInput[] => {
    const kind = disputeAlertKind(dispute)
    if (kind === null || kind === 'charged_back') return []
    const { id, observedAt, paymentIntentId, status } = dispute
    return [
      {
        ...{ kind, purchaseId, dedupeKey: alertKey(purchaseId, kind, `${id}:${observedAt}`) },
        dueAt: toDate(evidenceDueAt(dispute)),
        detail: { paymentIntentId, disputeId: id, amount: dispute.amount, status },
      },
    ]
  }),
  ...projection.mismatchedSettlements.map(({ settlement: { kind, id, ...paid }, mismatch }) => ({
    ...{ kind: 'mismatch', purchaseId, dedupeKey: alertKey(purchaseId, 'mismatch', id) },
    detail: {
      ...(kind === 'payment' ? { paymentIntentId: id } : { freeOrderId: id }),
      ...{ mismatch, amount: paid.amount, currency: paid.currency, quoted: amount, quotedCurrency: currency },
    },
  })),
]

export interface PaidPeriod extends Period {
  purchaseId: string
}

/** Returns other purchases that now give the same access for at least as long, which means that the user has paid twice. */
export const coveringPurchases = (
  { projection }: { projection: Projection },
  period: Period,
  others: readonly PaidPeriod[],
  now: Date,
): string[] => {
  const isOver = ({ expiresAt }: Period): boolean => expiresAt !== null && expiresAt <= now
  if (!projection.entitled || isOver(period)) return []
  const left = others.filter((other) => !isOver(other))
  const from = period.startsAt > now ? period.startsAt : now
  return isCoveredBy(left, { from, until: period.expiresAt }) ? left.map(({ purchaseId }) => purchaseId) : []
}

export const paidTwiceAlert = (purchaseId: string, purchases: string[]): Prisma.AlertCreateManyInput => ({
  ...{ kind: 'restored_but_covered', purchaseId, dedupeKey: alertKey(purchaseId, 'restored_but_covered', 'import') },
  detail: { purchases },
})
