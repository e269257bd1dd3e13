import type { Prisma } from '../generated/client.ts'
import { storedFacts } from '../json-columns.ts'
import {
  type FieldReplacement,
  type Pseudonymizer,
  replaceInCheckoutRequest,
  replaceInFields,
  replaceInParsedEvent,
  replaceInTexts,
  replaceInValues,
  replaceUniqueTexts,
} from './pseudonymizer.ts'

type Tx = Prisma.TransactionClient

const columns = {
  facts: true,
  checkoutRequest: true,
  refundRequests: { select: { requestId: true, reason: true, requestedBy: true } },
  refunds: { select: { id: true, requestId: true } },
  changes: { select: { id: true, cause: true, note: true } },
  alerts: { select: { id: true, detail: true, note: true, resolvedBy: true, dedupeKey: true } },
} satisfies Prisma.PurchaseSelect

type Row = Prisma.PurchaseGetPayload<{ select: typeof columns }>

const isEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const replaceRefunds = async (
  tx: Tx,
  purchaseId: string,
  { refundRequests, refunds }: Row,
  { userId, text, requestIds, removesReasons }: FieldReplacement,
): Promise<void> => {
  for (const { requestId, reason, requestedBy } of refundRequests) {
    const data = {
      requestId: requestIds.get(requestId) ?? requestId,
      reason: removesReasons || reason === null ? null : text(reason),
      requestedBy: text(userId(requestedBy)),
    }
    if (isEqual(data, { requestId, reason, requestedBy })) continue
    await tx.refundRequest.update({ where: { purchaseId_requestId: { purchaseId, requestId } }, data })
  }
  for (const { id, requestId } of refunds) {
    const next = requestId === null ? null : (requestIds.get(requestId) ?? requestId)
    if (next !== requestId) await tx.refund.update({ where: { id }, data: { requestId: next } })
  }
}

const replaceChanges = async (tx: Tx, { changes }: Row, replacement: FieldReplacement): Promise<void> => {
  for (const { id, cause, note } of changes) {
    const next = { cause: replaceInFields(cause, replacement), note: note === null ? null : replacement.text(note) }
    if (isEqual(next, { cause, note })) continue
    await tx.$executeRaw`update changes set cause = ${JSON.stringify(next.cause)}::jsonb, note = ${next.note} where id = ${id}`
  }
}

/** Replaces the user in an alert's key. The last part of the key is the id of the alert's subject, which may be a refund request. */
const replaceInDedupeKey = (dedupeKey: string, { text, requestIds }: FieldReplacement): string => {
  const renamed = [...requestIds].find(([before]) => dedupeKey.endsWith(`:${before}`))
  return renamed ? dedupeKey.slice(0, -renamed[0].length) + renamed[1] : text(dedupeKey)
}

export const replaceAlerts = async (tx: Tx, alerts: Row['alerts'], replacement: FieldReplacement): Promise<void> => {
  const { userId, text, removesReasons } = replacement
  for (const { id, detail, note, resolvedBy, dedupeKey } of alerts) {
    const next = {
      detail: replaceInTexts(detail, text),
      note: removesReasons || note === null ? null : text(note),
      resolvedBy: resolvedBy === null ? null : text(userId(resolvedBy)),
      dedupeKey: replaceInDedupeKey(dedupeKey, replacement),
    }
    if (isEqual(next, { detail, note, resolvedBy, dedupeKey })) continue
    await tx.$executeRaw`
      update alerts set detail = ${JSON.stringify(next.detail)}::jsonb, note = ${next.note}, resolved_by = ${next.resolvedBy},
        dedupe_key = ${next.dedupeKey}
      where id = ${id}`
  }
}

/**
 * Replaces the user in the purchase's events. An event's content is kept only to dispatch the event again. In the user's own purchases, it
 * is therefore removed from events that will not be dispatched again.
 */
const replaceEvents = async (tx: Tx, purchaseId: string, replacement: FieldReplacement): Promise<void> => {
  if (replacement.removesReasons) {
    await tx.$executeRaw`
      update stripe_events set parsed = '{}'
      where purchase_id = ${purchaseId} and (applied_at is not null or outcome not in ('received', 'matched'))`
  }
  const events = await tx.stripeEvent.findMany({ where: { purchaseId }, select: { id: true, parsed: true } })
  for (const { id, parsed } of events) {
    const next = replaceInParsedEvent(parsed, replacement)
    if (isEqual(next, parsed)) continue
    await tx.$executeRaw`update stripe_events set parsed = ${JSON.stringify(next)}::jsonb where id = ${id}`
  }
}

/** Removes the URLs of Stripe's invoice pages, which show the user's name and address. The invoice number is kept for accounting. */
const withoutInvoiceUrls = (facts: Prisma.JsonValue): Prisma.JsonValue => {
  const { data } = storedFacts.safeParse(facts)
  if (!data) return facts
  return Object.fromEntries(
    Object.entries(data).map(([key, fact]) => [
      key,
      fact.kind === 'session' && fact.invoice ? { ...fact, invoice: { ...fact.invoice, url: null, pdfUrl: null } } : fact,
    ]),
  )
}

/**
 * Replaces a user in all data that is stored with a purchase. `pseudonym` is set for the user's own purchases. In these purchases, texts
 * that operators wrote are also removed, because such texts may identify the user without containing the id or an e-mail address. The
 * caller holds the lock of the user who owns the purchase.
 */
export const replaceInPurchase = async (
  tx: Tx,
  purchaseId: string,
  pseudonymizer: Pseudonymizer,
  pseudonym?: string,
): Promise<void> => {
  const row = await tx.purchase.findUnique({ where: { id: purchaseId }, select: columns })
  if (!row) return
  const { facts, checkoutRequest, refundRequests, refunds } = row
  const known = [...refundRequests, ...refunds].map(({ requestId }) => requestId).filter((id) => id !== null)
  const requestIds = replaceUniqueTexts(pseudonymizer, known)
  const replacement = { ...pseudonymizer, requestIds, removesReasons: pseudonym !== undefined }
  const next = {
    facts: replaceInValues(pseudonym === undefined ? facts : withoutInvoiceUrls(facts), replacement),
    checkoutRequest:
      pseudonym === undefined ? checkoutRequest : replaceInCheckoutRequest(checkoutRequest, pseudonym, pseudonymizer),
  }
  if (!isEqual(next, { facts, checkoutRequest }))
    await tx.$executeRaw`
      update purchases set facts = ${JSON.stringify(next.facts)}::jsonb, checkout_request = ${JSON.stringify(next.checkoutRequest)}::jsonb,
        invoice_url = case when ${pseudonym === undefined} then invoice_url end,
        invoice_pdf_url = case when ${pseudonym === undefined} then invoice_pdf_url end, updated_at = now()
      where id = ${purchaseId}`
  await replaceRefunds(tx, purchaseId, row, replacement)
  await replaceChanges(tx, row, replacement)
  await replaceAlerts(tx, row.alerts, replacement)
  await replaceEvents(tx, purchaseId, replacement)
}
