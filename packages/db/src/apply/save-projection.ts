import { projectionColumns, projectionDiff } from '../projection-columns.ts'
import type { ApplyContext } from './load-context.ts'

/** Writes the facts and the projection if the facts are new or the row does not match the projection. */
export const saveProjection = async ({ tx, purchase, facts, hasNewFacts, projection, now }: ApplyContext): Promise<void> => {
  if (!hasNewFacts && projectionDiff(purchase, projection).length === 0) return
  const open = purchase.open && projection.status === 'Pending'
  await tx.purchase.update({
    where: { id: purchase.id },
    data: { facts, open, ...projectionColumns(projection), updatedAt: now },
  })
}
