import type { AllowedDiscount, EntityType, TaxBehavior } from '@pay-to-view/purchase'
import { lockUser } from './access.ts'
import type { Db } from './client.ts'
import type { Prisma } from './generated/client.ts'

/** A purchase that Stripe's checkout session names and the database lacks. */
export interface LostPurchase {
  id: string
  userId: string
  entityId: string
  productId: string
  /** The quote, in minor units. */
  amount: number
  currency: string
  allowedDiscount: AllowedDiscount
  taxBehavior: TaxBehavior | null
  sessionId: string
  stripeCustomerId: string | null
  /** Builds the request that the purchase stores; `current` has the data that the session lacks. */
  buildCheckoutRequest: (current: {
    productName: string
    taxCode: string | null
    entity: { type: EntityType; title: string }
  }) => Prisma.InputJsonObject
  checkoutDeadline: Date
  createdAt: Date
  isSessionOpen: boolean
}

export type RestoreResult = 'restored' | 'exists' | 'unknown_product' | 'unknown_entity'

/**
 * Inserts a purchase that a restored backup lacks, as it was after its creation: its workflow and Stripe's events do the rest. The length of
 * access is the product's current one, because Stripe does not know it. Events that were orphans become unapplied ones.
 */
export const restorePurchase = (db: Db, lost: LostPurchase, { dryRun }: { dryRun: boolean }): Promise<RestoreResult> =>
  db.$transaction(async (tx) => {
    const { id, userId, entityId, productId, stripeCustomerId } = lost
    await lockUser(tx, userId)
    if (await tx.purchase.findUnique({ where: { id }, select: { id: true } })) return 'exists'
    const product = await tx.product.findUnique({ where: { id: productId } })
    if (!product) return 'unknown_product'
    const entity = await tx.entity.findUnique({ where: { id: entityId } })
    if (!entity) return 'unknown_entity'
    if (dryRun) return 'restored'
    const other = await tx.purchase.findFirst({ where: { userId, entityId, open: true }, select: { id: true } })
    const { amount, currency, allowedDiscount, taxBehavior, sessionId, checkoutDeadline, createdAt, isSessionOpen } = lost
    const chosen = allowedDiscount.kind === 'code' ? allowedDiscount : null
    await tx.purchase.create({
      data: {
        ...{ id, userId, entityId, productId, amount, currency, sessionId, checkoutDeadline, createdAt },
        accessDurationDays: product.accessDurationDays,
        allowedDiscount: allowedDiscount.kind,
        chosenPromotionCodeId: chosen?.promotionCodeId,
        chosenPromotionCode: chosen?.code,
        promotionCode: chosen?.code,
        taxBehavior,
        checkoutRequest: lost.buildCheckoutRequest({ productName: product.name, taxCode: product.taxCode, entity }),
        // At most one purchase of a user and entity is open.
        open: isSessionOpen && other === null,
      },
    })
    if (stripeCustomerId !== null) await tx.customer.createMany({ data: [{ userId, stripeCustomerId }], skipDuplicates: true })
    await tx.$executeRaw`
      update stripe_events set outcome = 'received' where purchase_id = ${id} and outcome = 'orphan' and parsed <> '{}'`
    return 'restored'
  })
