import type { Prisma } from '../generated/client.ts'
import type { ApplyContext } from './load-context.ts'

/**
 * Matches a purchase's unapplied events. An event has no purchase id yet if its signal arrives before the event is marked as dispatched.
 */
export const unappliedEventsOf = (purchaseId: string, eventIds: readonly string[]): Prisma.StripeEventWhereInput => ({
  id: { in: [...eventIds] },
  appliedAt: null,
  OR: [{ purchaseId }, { purchaseId: null }],
})

/** Marks events as applied. If an operator sends a signal with an event of another purchase by mistake, that event stays unapplied. */
export const markEventsApplied = async ({ tx, purchase, now }: ApplyContext, eventIds: readonly string[]): Promise<void> => {
  if (eventIds.length === 0) return
  await tx.stripeEvent.updateMany({ where: unappliedEventsOf(purchase.id, eventIds), data: { appliedAt: now } })
}
