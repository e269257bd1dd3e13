import { type Period, type Projection, purchaseMessages } from '@pay-to-view/purchase'
import { projectionColumns } from '../projection-columns.ts'
import type { PurchaseRow } from '../reads/history.ts'
import { accessMessage } from './access-message.ts'
import { confirmationEmail, noticeEmails } from './email-messages.ts'
import { purchaseData } from './purchase-messages.ts'
import { messagesParameter, type NewMessage } from './record-messages.ts'

/** The purchase columns that do not follow from the facts. */
export type UnpaidRow = Pick<
  PurchaseRow,
  | 'id'
  | 'userId'
  | 'entityId'
  | 'entityType'
  | 'productId'
  | 'amount'
  | 'currency'
  | 'createdAt'
  | 'rentalWatchWithinHours'
  | 'consentVersion'
  | 'consentAt'
>

/** Returns the messages about a first payment and its grant, as the parameter of the SQL function `record_messages`. */
export const firstPaymentMessages = (
  row: UnpaidRow,
  projection: Projection,
  grant: Period & { id: string; hasAccess: boolean; preSold: boolean },
  now: Date,
): string => {
  const { mismatch: _mismatch, ...columns } = projectionColumns(projection)
  const { startsAt, expiresAt, hasAccess, preSold } = grant
  const data = purchaseData({ ...row, ...columns, hasAccess, startsAt, expiresAt, firstPlayedAt: null, withdrawnAt: null })
  const { id: purchaseId, userId, entityId } = row
  const messages = purchaseMessages('Pending', projection.status).map((type): NewMessage => ({ type, data, userId, purchaseId }))
  const granted = { ...{ id: grant.id, userId, entityId, purchaseId, startsAt, expiresAt }, source: 'purchase' } as const
  return messagesParameter([
    ...messages,
    accessMessage('access.granted', granted, hasAccess),
    ...confirmationEmail('Pending', projection.status, { userId, purchaseId }),
    ...noticeEmails({ ...granted, preSold, firstPlayedAt: null }, now),
  ])
}
