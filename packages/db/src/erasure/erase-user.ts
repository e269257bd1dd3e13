import { pseudonymPrefix, type Snapshot } from '@pay-to-view/purchase'
import type { ChangeCause } from '@pay-to-view/workflow-client/types'
import { typeid } from 'typeid-js'
import { z } from 'zod'
import { lockUser, notifyAccess } from '../access.ts'
import { applyFacts } from '../apply/apply-facts.ts'
import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'
import { type PurchaseObjects, readInventory, readStripeObjects } from './inventory.ts'
import { replaceMentions, replaceOtherMentions } from './mentions.ts'
import { createPseudonymizer, type Pseudonymizer } from './pseudonymizer.ts'
import { replaceInPurchase } from './purchase-rows.ts'

// Erasing a user replaces the user's id and e-mail addresses with a pseudonym. Facts are written here without the purchase's workflow,
// because a signal would store the user's id, possibly next to the pseudonym, in a workflow history that the erasure has to delete. This is
// safe, because nothing can be pending for the user, every write holds the lock of the purchase's user, and only names and texts change, so
// the projection stays the same.

type Tx = Prisma.TransactionClient

const timeout = { timeout: 600_000 }

/** The data that an erasure needs until it is finished. The data is deleted afterward. */
const pendingWork = z.object({
  userId: z.string(),
  emails: z.array(z.string()),
  /** The ids of Stripe customers to delete. */
  customers: z.array(z.string()),
  /** The ids of other users' purchases that name the user. */
  mentionedIn: z.array(z.string()),
})
export type PendingErasure = z.infer<typeof pendingWork> & { pseudonym: string }

/** Returns the user's interrupted erasure, or null if there is none. */
export const findStartedErasure = async (db: Db, userId: string): Promise<PendingErasure | null> => {
  const row = await db.erasure.findUnique({ where: { userId } })
  return row && { ...pendingWork.parse(row.pending), pseudonym: row.pseudonym }
}

export interface ErasureInput {
  userId: string
  emails: string[]
  customers: string[]
  by: string
}

/** Replaces the user in the user's own purchases. The caller holds the user's lock. */
const replaceInOwnPurchases = async (tx: Tx, ids: readonly string[], pseudonymizer: Pseudonymizer, pseudonym: string) => {
  for (const id of ids) await replaceInPurchase(tx, id, pseudonymizer, pseudonym)
}

/**
 * Starts an erasure: replaces the user in purchases, grants and the data stored with them. If something prevents the erasure, writes
 * nothing and returns null.
 */
export const startErasure = (db: Db, { userId, emails, customers, by }: ErasureInput): Promise<PendingErasure | null> =>
  db.$transaction(async (tx) => {
    await lockUser(tx, userId)
    const { blockers, purchases, mentionedIn } = await readInventory(tx, { userId, emails })
    if (blockers.length > 0) return null
    const pseudonym = typeid(pseudonymPrefix).toString()
    const pseudonymizer = createPseudonymizer({ userId, emails }, pseudonym)
    const actor = pseudonymizer.text(by)
    const ids = purchases.map(({ id }) => id)
    const grants = await tx.grant.findMany({ where: { userId, revokedAt: null } })
    for (const { entityId } of grants) await notifyAccess(tx, userId, entityId)
    await tx.purchase.updateMany({
      where: { userId },
      data: { userId: pseudonym, locale: null, returnUrl: null, updatedAt: new Date() },
    })
    await tx.grant.updateMany({
      where: { userId },
      data: { userId: pseudonym, reason: null, reference: null, idempotencyKey: null, revokedReason: null },
    })
    await tx.customer.updateMany({ where: { userId }, data: { userId: pseudonym } })
    await replaceInOwnPurchases(tx, ids, pseudonymizer, pseudonym)
    const cause = { kind: 'erasure', by: actor } satisfies ChangeCause
    const rows = await tx.purchase.findMany({ where: { id: { in: ids } }, select: { id: true, status: true } })
    await tx.change.createMany({
      data: rows.map(({ id, status }) => ({ purchaseId: id, fromStatus: status, toStatus: status, cause })),
    })
    const pending = { userId, emails, customers, mentionedIn }
    await tx.erasure.create({ data: { pseudonym, userId, requestedBy: actor, purchases: ids.length, pending } })
    return { ...pending, pseudonym }
  }, timeout)

/** Replaces the user in data that was received after the erasure started, and in all other rows that name the user. */
export const continueErasure = async (db: Db, erasure: PendingErasure): Promise<void> => {
  const { pseudonym, mentionedIn } = erasure
  await db.$transaction(async (tx) => {
    await lockUser(tx, pseudonym)
    const rows = await tx.purchase.findMany({ where: { userId: pseudonym }, select: { id: true } })
    const ids = rows.map(({ id }) => id)
    await replaceInOwnPurchases(tx, ids, createPseudonymizer(erasure, pseudonym), pseudonym)
    await replaceOtherMentions(tx, erasure, pseudonym)
  }, timeout)
  await replaceMentions(db, mentionedIn, erasure, pseudonym)
}

/** Returns the Stripe objects of the user's purchases, and of other users' purchases that name the user. */
export const readErasedStripeObjects = (db: Db, { pseudonym, mentionedIn }: PendingErasure): Promise<PurchaseObjects[]> =>
  readStripeObjects(db, { OR: [{ userId: pseudonym }, { id: { in: mentionedIn } }] })

/** Applies snapshots of Stripe objects whose metadata now contains the pseudonym. */
export const applyErasedSnapshots = async (
  db: Db,
  erasure: PendingErasure,
  { id, snapshots, by }: { id: string; snapshots: readonly Snapshot[]; by: string },
): Promise<void> => {
  if (snapshots.length === 0) return
  await applyFacts(db, {
    id,
    snapshots,
    cause: { kind: 'erasure', by: createPseudonymizer(erasure, erasure.pseudonym).text(by) },
  })
}

/** Finishes an erasure by deleting the user's identifiers from its row. After that, nothing connects the pseudonym with the user. */
export const finishErasure = async (db: Db, erasure: PendingErasure): Promise<void> => {
  await continueErasure(db, erasure)
  const { pseudonym } = erasure
  await db.$transaction(async (tx) => {
    await tx.customer.deleteMany({ where: { userId: pseudonym } })
    await tx.$executeRaw`
      update erasures set user_id = null, pending = null, finished_at = now() where pseudonym = ${pseudonym}`
  })
}
