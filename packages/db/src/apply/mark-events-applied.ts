import type { ApplyContext } from './load-context.ts'

export const markEventsApplied = async ({ tx, now }: ApplyContext, eventIds: readonly string[]): Promise<void> => {
  if (eventIds.length === 0) return
  await tx.stripeEvent.updateMany({ where: { id: { in: [...eventIds] }, appliedAt: null }, data: { appliedAt: now } })
}
