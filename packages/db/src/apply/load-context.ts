import { type Facts, factsOf, isAmbiguous, mergeAll, type Projection, project } from '@pay-to-view/purchase'
import type { ApplyFactsInput, ChangeCause } from '@pay-to-view/workflow-client/types'
import { lockUser } from '../access.ts'
import type { Prisma } from '../generated/client.ts'
import { purchaseTerms, readStoredFacts } from '../json-columns.ts'
import { PurchaseNotFound } from '../purchase-view.ts'
import { type PurchaseWithGrant, readPurchase } from '../read-purchase.ts'

/** The state that the transaction's steps share. */
export interface ApplyContext {
  tx: Prisma.TransactionClient
  /** The purchase as stored before the transaction. */
  purchase: PurchaseWithGrant
  factsBefore: Facts
  facts: Facts
  /** Whether the snapshots have changed the facts. If not, the transaction only repairs rows that do not match the facts. */
  hasNewFacts: boolean
  /** Whether two different snapshots of a dispute were observed in the same second, so it is unknown which one is newer. */
  isAmbiguous: boolean
  /** The projection of `factsBefore`. */
  projectionBefore: Projection
  projection: Projection
  cause: ChangeCause
  now: Date
}

/** Locks the user, reads the purchase and merges the snapshots into its facts. */
export const loadContext = async (
  tx: Prisma.TransactionClient,
  { id, snapshots, cause }: ApplyFactsInput,
): Promise<ApplyContext> => {
  const owner = await tx.purchase.findUnique({ where: { id }, select: { userId: true } })
  if (!owner) throw new PurchaseNotFound(id)
  await lockUser(tx, owner.userId)
  const purchase = await readPurchase(tx, id)
  const factsBefore = readStoredFacts(id, purchase.facts)
  const facts = mergeAll(factsBefore, snapshots)
  const hasNewFacts = facts !== factsBefore
  const terms = purchaseTerms(purchase)
  const projection = project(facts, terms)
  return {
    tx,
    purchase,
    factsBefore,
    facts,
    hasNewFacts,
    isAmbiguous: isAmbiguous(factsBefore, snapshots),
    projectionBefore: hasNewFacts ? project(factsBefore, terms) : projection,
    projection,
    cause,
    now: new Date(),
  }
}

/**
 * Describes the statuses of the refunds and disputes of the payment that counts. Alerts use this text as their subject, so a new status
 * raises a new alert.
 */
export const refundAndDisputeStatuses = ({ facts, projection: { payment } }: ApplyContext): string =>
  [...factsOf(facts, 'refund'), ...factsOf(facts, 'dispute')]
    .filter(({ paymentIntentId }) => paymentIntentId === payment?.id)
    .map(({ id, status }) => `${id}=${status}`)
    .join(' ')
