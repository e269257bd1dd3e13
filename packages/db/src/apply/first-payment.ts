import { checkoutAnomaly, decideAccess, isAmbiguous, mergeAll, project, salesLines, soldPeriod } from '@pay-to-view/purchase'
import type { ApplyFactsInput, PurchaseView } from '@pay-to-view/workflow-client/types'
import { newGrantId } from '../access.ts'
import { type Db, preparedQuery } from '../client.ts'
import type { EntityType } from '../generated/client.ts'
import { type PurchaseTermsRow, purchaseTerms, readStoredFacts } from '../json-columns.ts'
import { firstPaymentMessages } from '../outbox/first-payment-messages.ts'
import { accessStart, projectionRecord } from '../projection-columns.ts'
import { createView, PurchaseNotFound } from '../purchase-view.ts'
import { entriesParameter } from '../sales/record-sales.ts'
import { accessGrantedNote } from './change-access.ts'

interface UnpaidPurchase extends PurchaseTermsRow {
  id: string
  checkoutDeadline: Date
  facts: unknown
  title: string
  entityType: EntityType
  productId: string
  createdAt: Date
  consentVersion: string | null
  consentAt: Date | null
  hasWebhookEndpoint: boolean
  availableFrom: Date | null
  isWaitingForPayment: boolean
  /** The version of the row, which changes with every write. */
  version: string
}

/**
 * Reads a purchase and whether it is waiting for its first payment. It is not waiting if the payment is already recorded as
 * a duplicate payment of another purchase; the full transaction then rejects the payment. The query counts such purchases, because with
 * EXISTS Postgres expects an early match and scans the table instead of the index.
 */
const readUnpaidPurchase = async (db: Db, id: string, paymentKeys: readonly string[]): Promise<UnpaidPurchase> => {
  const [row] = await preparedQuery<UnpaidPurchase>(db)`
    select purchases.id, user_id as "userId", entity_id as "entityId", amount, currency, access_duration_days as "accessDurationDays",
      allowed_discount as "allowedDiscount", chosen_promotion_code_id as "chosenPromotionCodeId", chosen_promotion_code as "chosenPromotionCode",
      tax_behavior as "taxBehavior", rental_start_within_days as "rentalStartWithinDays", rental_watch_within_hours as "rentalWatchWithinHours",
      is_renewal as "isRenewal", checkout_deadline as "checkoutDeadline", session_id as "sessionId", facts, entities.title, purchases.xmin::text as version,
      entities.type as "entityType", entities.available_from as "availableFrom", product_id as "productId", purchases.created_at as "createdAt", consent_version as "consentVersion", consent_at as "consentAt",
      exists (select from webhook_endpoints where enabled) as "hasWebhookEndpoint",
      purchases.status = 'Pending' and mismatch is null and entities.canceled_at is null
        and not exists (select from grants where purchase_id = purchases.id)
        and not exists (select from refund_requests where purchase_id = purchases.id)
        and (
          select count(*) from purchases as other
          where jsonb_array_length(payment_keys(other.facts)) > 1 and payment_keys(other.facts) ?| ${paymentKeys} and other.id <> purchases.id
        ) = 0 as "isWaitingForPayment"
    from purchases join entities on entities.id = purchases.entity_id
    where purchases.id = ${id}`
  if (!row) throw new PurchaseNotFound(id)
  return row
}

/**
 * The fast path of `applyFacts` for the most frequent case: the first payment of a purchase, which matches the quote and requires nothing
 * but a new grant. Returns null in all other cases, which the full transaction handles.
 *
 * The fast path takes two statements: the first reads the purchase, and the second writes the decision with SQL functions.
 * `apply_first_payment` writes nothing if the row has changed since it was read, if another grant covers the entity, or if a renewal may
 * have to be moved.
 */
export const applyFirstPayment = async (
  db: Db,
  { id, snapshots, cause, eventIds = [], completesRefundRequest }: ApplyFactsInput,
): Promise<PurchaseView | null> => {
  const paid = snapshots.filter((snapshot) => snapshot.kind === 'payment' && snapshot.status === 'paid')
  if (completesRefundRequest || paid.length === 0) return null
  const paymentKeys = paid.map((payment) => `payment:${payment.id}`)
  const row = await readUnpaidPurchase(db, id, paymentKeys)
  if (!row.isWaitingForPayment) return null
  const factsBefore = readStoredFacts(id, row.facts)
  const facts = mergeAll(factsBefore, snapshots)
  const terms = purchaseTerms(row)
  const projection = project(facts, terms)
  const hasOnlyCheckouts = Object.values(facts).every(
    (fact) => fact.kind === 'payment' || (fact.kind === 'session' && checkoutAnomaly(fact) === null),
  )
  const isGranted = decideAccess(projection, { ownGrant: 'none', isExpired: false, isCoveredByOthers: false }) === 'grant'
  const now = new Date()
  const startsAt = accessStart(projection, now)
  if (startsAt === null) return null
  const period = soldPeriod(terms, startsAt, row.availableFrom)
  const isExpired = period.expiresAt !== null && period.expiresAt <= now
  if (!hasOnlyCheckouts || !isGranted || isExpired || projection.duplicates.length > 0 || isAmbiguous(factsBefore, snapshots))
    return null
  const grantId = newGrantId()
  const hasAccess = period.startsAt <= now
  const granted = { id: grantId, ...period, hasAccess, preSold: period.startsAt > startsAt }
  const messages = row.hasWebhookEndpoint ? firstPaymentMessages(row, projection, granted, now) : null
  // A purchase has no sales entries before its first payment, so there is nothing to subtract. The next run of the reconciler adds Stripe's
  // fees.
  const sales = entriesParameter(row, salesLines(facts, terms, projection, []))
  // OFFSET 0 prevents the planner from calling the function twice.
  const [result] = await preparedQuery<{ applied: boolean }>(db)`
    select applied, case when applied then record_sales(${sales}::jsonb) end,
      case when applied and ${messages}::jsonb is not null then record_messages(${messages}::jsonb) end
    from (
      select apply_first_payment(${id}, ${row.version}, ${grantId}, ${startsAt}::timestamptz, ${JSON.stringify(facts)}::jsonb,
        ${JSON.stringify(projectionRecord(projection))}::jsonb, ${JSON.stringify(cause)}::jsonb, ${accessGrantedNote}, ${[...eventIds]}::text[]) as applied
      offset 0
    ) as result`
  if (!result?.applied) return null
  return createView(row, projection, {
    isAmbiguous: false,
    change: { from: 'Pending', access: 'granted' },
    access: { ...period, hasAccess },
    pendingRefundRequestIds: [],
  })
}
