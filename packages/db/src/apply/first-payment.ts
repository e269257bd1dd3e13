import { checkoutAnomaly, decideAccess, isAmbiguous, mergeAll, project } from '@pay-to-view/purchase'
import type { ApplyFactsInput, PurchaseView } from '@pay-to-view/workflow-client/types'
import { grantingEntityIds } from '../access.ts'
import { type Db, preparedQuery } from '../client.ts'
import { quoteOf, storedFacts } from '../json-columns.ts'
import { toDate, PurchaseNotFound, createView } from '../purchase-view.ts'

interface Waiting {
  id: string
  userId: string
  entityId: string
  amount: number
  currency: string
  accessDurationDays: number | null
  checkoutDeadline: Date
  sessionId: string | null
  facts: unknown
  title: string
  channelId: string | null
  waits: boolean
  /** Changes with every write of the row. */
  version: string
}

const readWaiting = async (db: Db, id: string): Promise<Waiting> => {
  const [row] = await preparedQuery<Waiting>(db)`
    select purchases.id, user_id as "userId", entity_id as "entityId", amount, currency, access_duration_days as "accessDurationDays",
      checkout_deadline as "checkoutDeadline", session_id as "sessionId", facts, entities.title, entities.channel_id as "channelId", purchases.xmin::text as version,
      status = 'Pending' and mismatch is null
        and not exists (select from grants where purchase_id = purchases.id)
        and not exists (select from refund_requests where purchase_id = purchases.id) as waits
    from purchases join entities on entities.id = purchases.entity_id
    where purchases.id = ${id}`
  if (!row) throw new PurchaseNotFound(id)
  return row
}

/**
 * The hot path of `applyFacts`: a purchase that waits for its payment is paid as quoted, and nothing else is to be done than to give access.
 * Two statements: what is decided is written under the user's lock by `apply_first_payment`, which refuses when the row has changed since
 * it was read or something else covers the entity. Null for every other case: the long way decides it.
 */
export const applyFirstPayment = async (
  db: Db,
  { id, snapshots, cause, eventIds = [], completesRefundRequest: answers }: ApplyFactsInput,
): Promise<PurchaseView | null> => {
  if (answers || !snapshots.some((snapshot) => snapshot.kind === 'payment' && snapshot.status === 'paid')) return null
  const row = await readWaiting(db, id)
  if (!row.waits) return null
  const before = storedFacts.parse(row.facts)
  const facts = mergeAll(before, snapshots)
  const projection = project(facts, quoteOf(row))
  const plain = Object.values(facts).every(
    (fact) => fact.kind === 'payment' || (fact.kind === 'session' && checkoutAnomaly(fact) === null),
  )
  const granted = decideAccess(projection, { own: 'none', lapsed: false, coveredByOther: false }) === 'grant'
  const [expiresAt, entity] = [toDate(projection.expiresAt), { id: row.entityId, channelId: row.channelId }]
  const hasAccess = expiresAt === null || expiresAt > new Date()
  if (!plain || !granted || !hasAccess || projection.duplicates.length > 0 || isAmbiguous(before, snapshots)) return null
  const [answer] = await preparedQuery<{ applied: boolean }>(db)`
    select apply_first_payment(${id}, ${row.version}, ${grantingEntityIds(entity)}::text[], ${JSON.stringify(facts)}::jsonb,
      ${projection.status}::purchase_status, ${projection.processing}::boolean, ${projection.payment?.id}, ${projection.amountPaid}::int,
      ${projection.payment?.currency}, ${toDate(projection.paidAt)}::timestamptz, ${expiresAt}::timestamptz, ${JSON.stringify(cause)}::jsonb,
      'access given', ${[...eventIds]}::text[]) as applied`
  if (!answer?.applied) return null
  return createView(row, projection, {
    isAmbiguous: false,
    change: { from: 'Pending', access: 'granted' },
    hasAccess,
    pendingRefundRequestIds: [],
  })
}
