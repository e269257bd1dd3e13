import { uninterruptedUntil } from '@pay-to-view/purchase'
import type { Db } from '../client.ts'
import { readAccessPeriods } from '../grants/access-periods.ts'
import { grantTimesColumns, playedPeriodOf } from '../grants/grant-times.ts'

/** The purchase data that an e-mail shows. It does not contain the e-mail address, because only Stripe stores it. */
export type EmailPurchase = NonNullable<Awaited<ReturnType<typeof readEmailPurchase>>>

const columns = {
  ...{ id: true, userId: true, entityId: true, locale: true, status: true, sessionId: true, currency: true, currencyPaid: true },
  ...{ amountSubtotal: true, amountDiscount: true, amountTax: true, amountPaid: true, amountRefunded: true, taxBehavior: true },
  ...{ promotionCode: true, completedAt: true, invoiceUrl: true, externalTransactionId: true, rentalWatchWithinHours: true },
  ...{ consentAt: true, consentVersion: true, withdrawnAt: true },
  product: { select: { name: true } },
  entity: { select: { title: true, availableFrom: true, canceledAt: true } },
  grant: { select: { ...grantTimesColumns, revokedAt: true } },
} as const

/**
 * Returns null if the purchase does not exist. If the purchase is for a container, `memberId` is the id of the member that the e-mail is
 * about.
 */
export const readEmailPurchase = async (db: Db, id: string, memberId?: string) => {
  const row = await db.purchase.findUnique({ where: { id }, select: columns })
  if (!row) return null
  const { grant, entity, product, ...purchase } = row
  const customer = await db.customer.findUnique({ where: { userId: purchase.userId }, select: { stripeCustomerId: true } })
  const member = memberId === undefined ? null : await db.entity.findUnique({ where: { id: memberId }, select: { title: true } })
  const now = new Date()
  const periods = await readAccessPeriods(db, { userId: purchase.userId, entityId: purchase.entityId }, now)
  return {
    ...purchase,
    title: member?.title ?? entity.title,
    /** The title of the purchased container if the e-mail is about one of its members; otherwise null. */
    container: member ? entity.title : null,
    productName: product.name,
    availableFrom: entity.availableFrom,
    canceledAt: entity.canceledAt,
    stripeCustomerId: customer?.stripeCustomerId ?? null,
    grant: grant && {
      ...playedPeriodOf(grant, entity.availableFrom),
      isActive: grant.revokedAt === null,
    },
    /** When the user's uninterrupted access to the entity ends, taking all grants into account; null if it never ends. */
    accessUntil: uninterruptedUntil(periods, now),
  }
}
