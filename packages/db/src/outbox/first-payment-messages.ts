import { type Projection, purchaseMessages } from '@pay-to-view/purchase'
import { projectionColumns } from '../projection-columns.ts'
import type { PurchaseRow } from '../reads/history.ts'
import { accessMessage } from './access-message.ts'
import { purchaseData } from './purchase-messages.ts'
import { messagesParameter, type NewMessage } from './record-messages.ts'

/** The columns of a purchase that do not follow from its facts. */
export type UnpaidRow = Pick<
  PurchaseRow,
  'id' | 'userId' | 'entityId' | 'entityType' | 'productId' | 'amount' | 'currency' | 'createdAt'
>

/**
 * The messages about a first payment, for the SQL function `record_messages`. It sets `startsAt`, which is the time of the statement that
 * grants the access.
 */
export const firstPaymentMessages = (row: UnpaidRow, projection: Projection): string => {
  const { mismatch: _mismatch, ...columns } = projectionColumns(projection)
  const data = purchaseData({ ...row, ...columns, hasAccess: true, startsAt: null })
  const { id: purchaseId, userId, entityId } = row
  const grant = { ...{ id: purchaseId, userId, entityId, purchaseId }, startsAt: new Date(), expiresAt: columns.expiresAt }
  const messages = purchaseMessages('Pending', projection.status).map((type): NewMessage => ({ type, data, userId, purchaseId }))
  return messagesParameter([...messages, accessMessage('access.granted', { ...grant, source: 'purchase' }, true)])
}
