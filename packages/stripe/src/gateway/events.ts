import type Stripe from 'stripe'
import { listPages } from './pagination.ts'

export const eventCalls = (stripe: Stripe) => ({
  /**
   * Yields the events of the given types (at most 20) that were created in a time span (seconds since the epoch, both ends included) page
   * by page, newest first. Stripe keeps events for 30 days.
   */
  listEvents: (from: number, to: number, types: readonly string[]): AsyncGenerator<Stripe.Event[]> =>
    listPages((page) => stripe.events.list({ created: { gte: from, lte: to }, types: [...types], limit: 100, ...page })),
})
