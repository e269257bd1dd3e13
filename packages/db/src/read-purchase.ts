import { type Facts, type Projection, type PurchaseTerms, project } from '@pay-to-view/purchase'
import type { PurchaseView } from '@pay-to-view/workflow-client/types'
import type { Db } from './client.ts'
import type { Prisma } from './generated/client.ts'
import { isActiveGrant, periodOf } from './grants/grant-times.ts'
import { purchaseTerms, readStoredFacts } from './json-columns.ts'
import { createView, PurchaseNotFound } from './purchase-view.ts'

type Tx = Prisma.TransactionClient

const entityAndGrant = {
  entity: { select: { title: true, availableFrom: true, canceledAt: true } },
  grant: true,
} as const satisfies Prisma.PurchaseInclude

/** A purchase with its entity and its grant. */
export type PurchaseWithGrant = Prisma.PurchaseGetPayload<{ include: typeof entityAndGrant }>

export const readPurchase = async (tx: Db | Tx, id: string): Promise<PurchaseWithGrant> => {
  const purchase = await tx.purchase.findUnique({ where: { id }, include: entityAndGrant })
  if (!purchase) throw new PurchaseNotFound(id)
  return purchase
}

/** Reads a purchase's facts and computes the projection. */
export const readFacts = async (
  db: Db | Tx,
  id: string,
): Promise<{ facts: Facts; projection: Projection; sessionId: string | null }> => {
  const purchase = await readPurchase(db, id)
  const facts = readStoredFacts(id, purchase.facts)
  return { facts, projection: project(facts, purchaseTerms(purchase)), sessionId: purchase.sessionId }
}

export const readPurchaseTerms = async (db: Db | Tx, id: string): Promise<PurchaseTerms> =>
  purchaseTerms(await readPurchase(db, id))

/**
 * Returns the view of a purchase. The grant and the pending refund requests are read again, because the transaction may have written them.
 */
export const readView = async (
  tx: Db | Tx,
  purchase: PurchaseWithGrant,
  projection: Projection,
  result: Pick<PurchaseView, 'isAmbiguous' | 'change'>,
): Promise<PurchaseView> => {
  const pending = await tx.refundRequest.findMany({
    where: { purchaseId: purchase.id, respondedAt: null },
    select: { requestId: true },
    orderBy: { createdAt: 'asc' },
  })
  const { availableFrom } = purchase.entity
  const grant = await tx.grant.findUnique({ where: { purchaseId: purchase.id } })
  return createView({ ...purchase, title: purchase.entity.title }, projection, {
    ...result,
    access: grant && { ...periodOf(grant, availableFrom), hasAccess: isActiveGrant(grant, availableFrom, new Date()) },
    pendingRefundRequestIds: pending.map(({ requestId }) => requestId),
  })
}

export const loadView = async (db: Db, id: string): Promise<PurchaseView> => {
  const purchase = await readPurchase(db, id)
  const projection = project(readStoredFacts(id, purchase.facts), purchaseTerms(purchase))
  return readView(db, purchase, projection, { isAmbiguous: false, change: null })
}
