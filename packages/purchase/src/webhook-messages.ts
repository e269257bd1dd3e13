import type { Status } from './project.ts'

/** The types of webhook messages that the site's endpoints receive. The names are part of the public API. */
export const webhookMessageTypes = [
  'purchase.completed',
  'purchase.expired',
  'purchase.failed',
  'purchase.refunded',
  'purchase.disputed',
  'purchase.dispute_closed',
  'refund.updated',
  'access.granted',
  'access.changed',
  'access.revoked',
] as const

export type WebhookMessageType = (typeof webhookMessageTypes)[number]
export type PurchaseMessageType = Extract<WebhookMessageType, `purchase.${string}`>
export type AccessMessageType = Extract<WebhookMessageType, `access.${string}`>

const isPaid = (status: Status): boolean =>
  status === 'Completed' || status === 'Refunded' || status === 'Disputed' || status === 'ChargedBack'

/**
 * Returns the messages about a status change in chronological order. Facts may arrive together, so one change can skip statuses. For
 * example, if a purchase is already refunded when its first facts arrive, it was also completed, so both messages are returned.
 */
export const purchaseMessages = (from: Status, to: Status): PurchaseMessageType[] => {
  if (from === to) return []
  const types: PurchaseMessageType[] = []
  const isRestored = from === 'Refunded' && to === 'Completed'
  if (isPaid(to) && (!isPaid(from) || isRestored)) types.push('purchase.completed')
  const isDisputed = to === 'Disputed' || (to === 'ChargedBack' && from !== 'Disputed')
  if (isDisputed) types.push('purchase.disputed')
  if (from === 'Disputed' || to === 'ChargedBack') types.push('purchase.dispute_closed')
  if (to === 'Refunded') types.push('purchase.refunded')
  if (to === 'Expired') types.push('purchase.expired')
  if (to === 'Failed') types.push('purchase.failed')
  return types
}
