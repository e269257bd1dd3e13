import type { DisputeSnapshot } from '@pay-to-view/purchase'
import type Stripe from 'stripe'
import { disputeSnapshot } from '../snapshots.ts'
import { listAll } from './pagination.ts'

export const disputeCalls = (stripe: Stripe) => ({
  listDisputes: async (paymentIntentId: string): Promise<DisputeSnapshot[]> => {
    const found = await listAll((page) => stripe.disputes.list({ payment_intent: paymentIntentId, limit: 100, ...page }))
    return found.map(({ item, observedAt }) => disputeSnapshot(item, observedAt)).filter((snapshot) => snapshot !== null)
  },
})
