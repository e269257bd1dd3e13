import {
  type AccessDecision,
  checkoutAnomaly,
  type DisputeSnapshot,
  decideAccess,
  decideDuplicateRefund,
  type Facts,
  factsOf,
  formatMoney,
  isActiveRefund,
  isAmbiguous,
  isLostDispute,
  isOpenDispute,
  mergeAll,
  noFacts,
  ownGrantState,
  type PaymentSnapshot,
  type Projection,
  type PurchaseTerms,
  project,
} from '@pay-to-view/purchase'
import type { ApplyFactsInput, PurchaseView } from '@pay-to-view/workflow-client/types'
import { activeGrants, grantAccess, grantingEntityIds, isActiveGrant, lockUser, notifyAccess } from '../access.ts'
import { applyFirstPayment } from './first-payment.ts'
import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'
import { transferAccess } from '../transfer-access.ts'
import { projectionColumns, projectionDiff } from '../projection-columns.ts'
import { quoteOf, readSnapshots, SYSTEM_ACTOR, storedFacts } from '../json-columns.ts'
import { toDate, PurchaseNotFound, createView } from '../purchase-view.ts'

type Tx = Prisma.TransactionClient

const withHoldings = {
  entity: { select: { id: true, title: true, channelId: true } },
  grant: true,
} as const satisfies Prisma.PurchaseInclude

type Row = Prisma.PurchaseGetPayload<{ include: typeof withHoldings }>

const viewOf = async (
  tx: Tx,
  row: Row,
  projection: Projection,
  now: Pick<PurchaseView, 'isAmbiguous' | 'change'> = { isAmbiguous: false, change: null },
): Promise<PurchaseView> => {
  const due = await tx.refundRequest.findMany({
    where: { purchaseId: row.id, respondedAt: null },
    select: { requestId: true },
    orderBy: { createdAt: 'asc' },
  })
  const grant = await tx.grant.findUnique({ where: { purchaseId: row.id } })
  const { title } = row.entity
  return createView({ ...row, title }, projection, {
    ...now,
    hasAccess: isActiveGrant(grant),
    pendingRefundRequestIds: due.map((request) => request.requestId),
  })
}

const readRow = async (tx: Tx, id: string): Promise<Row> => {
  const row = await tx.purchase.findUnique({ where: { id }, include: withHoldings })
  if (!row) throw new PurchaseNotFound(id)
  return row
}

export const loadView = async (db: Db, id: string): Promise<PurchaseView> => {
  const row = await readRow(db, id)
  return viewOf(db, row, project(storedFacts.parse(row.facts), quoteOf(row)))
}

/** Facts and projection of a purchase. */
export const readFacts = async (
  db: Db | Tx,
  id: string,
): Promise<{ facts: Facts; projection: Projection; sessionId: string | null }> => {
  const row = await readRow(db, id)
  const facts = storedFacts.parse(row.facts)
  return { facts, projection: project(facts, quoteOf(row)), sessionId: row.sessionId }
}

/** What was agreed at creation, and its checkout. */
export const readQuote = async (db: Db | Tx, id: string): Promise<PurchaseTerms> => quoteOf(await readRow(db, id))

const keyOf = (purchaseId: string, kind: string, about: string): string => `${kind}:${purchaseId}:${about}`

/** Tells the operator once. False when this was told before. */
const raise = async (
  tx: Tx | Db,
  purchaseId: string,
  kind: string,
  about: string,
  detail: Prisma.InputJsonObject,
): Promise<boolean> => {
  const { count } = await tx.alert.createMany({
    data: [{ kind, purchaseId, dedupeKey: keyOf(purchaseId, kind, about), detail }],
    skipDuplicates: true,
  })
  return count > 0
}

/** What was raised so, about whatever begins like this, waits for nobody any more: Stripe has told of its end. */
const overcome = async (tx: Tx, purchaseId: string, kind: string, about: string): Promise<void> => {
  await tx.alert.updateMany({
    where: { purchaseId, dedupeKey: { startsWith: keyOf(purchaseId, kind, about) }, resolvedAt: null },
    data: { resolvedAt: new Date(), resolvedBy: 'Stripe' },
  })
}

/** What has become of the counting payment's refunds and disputes: a text that is another after each turn, so that each is told. */
const movesOf = (facts: Facts, { payment }: Projection): string =>
  [...factsOf(facts, 'refund'), ...factsOf(facts, 'dispute')]
    .filter((move) => move.paymentIntentId === payment?.id)
    .map(({ id, status }) => `${id}=${status}`)
    .join(' ')

/** Carries a settlement out on the grants. Returns what happened, in words for the audit, or null for nothing. */
const settleGrant = async (
  tx: Tx,
  row: Row,
  facts: Facts,
  projection: Projection,
  settlement: AccessDecision,
): Promise<string | null> => {
  const { id: purchaseId, userId, entityId } = row
  switch (settlement) {
    case 'keep': {
      // An earlier sighting of the payment, told late, moves the end of what it gave.
      const expiresAt = toDate(projection.expiresAt)
      const { count } = await tx.grant.updateMany({
        where: { purchaseId, endedAt: null, NOT: { expiresAt } },
        data: { expiresAt },
      })
      if (count === 0) return null
      await notifyAccess(tx, userId, entityId)
      return 'the end of the access moved with the time of the payment'
    }
    case 'grant': {
      const expiresAt = toDate(projection.expiresAt)
      await grantAccess(tx, { purchaseId, userId, entityId, expiresAt })
      if (!row.grant && expiresAt !== null && expiresAt <= new Date()) {
        await raise(tx, purchaseId, 'paid_too_late', projection.payment?.id ?? '', { expiresAt: expiresAt.toISOString() })
        return 'paid, and told of so late that the access was over before it was given: the operator decides'
      }
      if (!row.grant) return 'access given'
      const films = await tx.grant.findMany({
        where: { userId, entity: { channelId: entityId }, ...activeGrants(new Date()) },
        select: { purchaseId: true },
        orderBy: { purchaseId: 'asc' },
      })
      if (films.length > 0)
        await raise(tx, purchaseId, 'restored_over_members', movesOf(facts, projection), {
          purchases: films.map((film) => film.purchaseId),
        })
      return 'access given back'
    }
    case 'revoke': {
      const { count } = await tx.grant.updateMany({ where: { purchaseId, endedAt: null }, data: { endedAt: new Date() } })
      if (count === 0) return null
      await notifyAccess(tx, userId, entityId)
      return 'access taken away'
    }
    case 'refund_duplicate': {
      return projection.payment && orderDuplicateRefund(tx, purchaseId, facts, projection.payment)
    }
    case 'alert_covered': {
      const told = await raise(tx, purchaseId, 'restored_but_covered', movesOf(facts, projection), { status: projection.status })
      return told ? 'paid again, but something bought since covers it: no access, no refund, the operator decides' : null
    }
    default:
      return settlement satisfies never
  }
}

const accessOf = (settlement: AccessDecision): 'granted' | 'revoked' | null =>
  settlement === 'grant' ? 'granted' : settlement === 'revoke' ? 'revoked' : null

/** Whether we have asked for the refund of the payment that counts, because it was a second one. */
const isOrderedBack = async (tx: Tx, purchaseId: string, { payment }: Projection): Promise<boolean> =>
  payment !== null &&
  (await tx.refundRequest.count({ where: { purchaseId, paymentIntentId: payment.id, requestedBy: SYSTEM_ACTOR } })) > 0

const orderDuplicateRefund = async (
  tx: Tx,
  purchaseId: string,
  facts: Facts,
  second: PaymentSnapshot,
): Promise<string | null> => {
  const earlier = await tx.refundRequest.findMany({
    where: { purchaseId, paymentIntentId: second.id, requestedBy: SYSTEM_ACTOR },
    select: { error: true },
  })
  const decision = decideDuplicateRefund(facts, second, earlier)
  if (!decision) return null
  const { payment, amount } = decision
  const requestId = earlier.length === 0 ? `duplicate-${payment}` : `duplicate-${payment}-${earlier.length + 1}`
  await tx.refundRequest.create({
    data: { purchaseId, requestId, paymentIntentId: payment, amount, reason: 'duplicate', requestedBy: SYSTEM_ACTOR },
  })
  await raise(tx, purchaseId, 'duplicate_refunded', payment, { payment, amount })
  return `payment ${payment} is a second one for what is owned: it is refunded`
}

/**
 * Tells the operator of each payment that is not as quoted and waits to be decided about. Where one was accepted or given back, or another
 * counts, what was told of it waits for nobody any more; where its refund fails or its dispute is won after all, it waits again.
 */
const tellOfMismatches = async (
  tx: Tx,
  row: Row,
  before: Facts,
  { mismatchedPayments: unexpected }: Projection,
  cause: ApplyFactsInput['cause'],
): Promise<void> => {
  const keys = unexpected.map(({ payment }) => keyOf(row.id, 'mismatch', payment.id))
  if (row.mismatch !== null) {
    await tx.alert.updateMany({
      where: { purchaseId: row.id, kind: 'mismatch', resolvedAt: null, dedupeKey: { notIn: keys } },
      data: { resolvedAt: new Date(), resolvedBy: 'by' in cause ? cause.by : 'Stripe' },
    })
  }
  if (unexpected.length === 0) return
  const waited = project(before, quoteOf(row)).mismatchedPayments.map(({ payment }) => payment.id)
  for (const { payment, mismatch } of unexpected) {
    const { id, amount, currency } = payment
    const quoted = { quoted: row.amount, quotedCurrency: row.currency }
    const isNew = await raise(tx, row.id, 'mismatch', id, { payment: id, mismatch, amount, currency, ...quoted })
    if (isNew || waited.includes(id)) continue
    const where = { dedupeKey: keyOf(row.id, 'mismatch', id) }
    await tx.alert.updateMany({ where, data: { resolvedAt: null, resolvedBy: null } })
  }
}

const tellOperator = async (tx: Tx, row: Row, facts: Facts, projection: Projection): Promise<void> => {
  const { status, payment } = projection
  for (const refund of factsOf(facts, 'refund').filter((candidate) => !isActiveRefund(candidate))) {
    await raise(tx, row.id, 'refund_failed', refund.id, { refundId: refund.id, amount: refund.amount, status: refund.status })
  }
  for (const session of factsOf(facts, 'session')) {
    const trouble = checkoutAnomaly(session)
    if (trouble) await raise(tx, row.id, trouble, session.id, { sessionId: session.id })
  }
  const samePayment = row.externalTransactionId === payment?.id
  if (row.status === 'Refunded' && status !== 'Refunded' && samePayment)
    await raise(tx, row.id, 'restored', movesOf(facts, projection), { status })
}

const turnOf = (dispute: DisputeSnapshot | undefined): 'disputed' | 'charged_back' | null =>
  dispute === undefined ? null : isLostDispute(dispute) ? 'charged_back' : isOpenDispute(dispute) ? 'disputed' : null

/**
 * Tells the operator of each dispute that begins, begins anew by an appeal, or is lost: also of one about a payment that was refunded or does
 * not count, where the status stays. What was told of its turn before waits for nobody any more. Returns, in words for the audit, what the
 * status does not show.
 */
const tellOfDisputes = async (tx: Tx, row: Row, facts: Facts, before: Facts, projection: Projection): Promise<string[]> => {
  const notes: string[] = []
  for (const dispute of factsOf(facts, 'dispute')) {
    const { id, paymentIntentId: payment, amount, status, observedAt } = dispute
    const known = factsOf(before, 'dispute').find((one) => one.id === id)
    const [turn, turnBefore] = [turnOf(dispute), turnOf(known)]
    if (turn !== turnBefore) {
      if (turnBefore) await overcome(tx, row.id, turnBefore, `${id}:`)
      if (turn) await raise(tx, row.id, turn, `${id}:${observedAt}`, { payment, disputeId: id, amount, status })
    }
    if (known?.status !== status && projection.status === row.status)
      notes.push(`dispute ${id} of payment ${payment} is ${status}`)
  }
  return notes
}

/** Returns, in words for the audit, what became of the refunds of payments that do not count: the row does not show it. */
const saveRefunds = async (
  tx: Tx,
  purchaseId: string,
  facts: Facts,
  before: Facts,
  { payment: counts }: Projection,
): Promise<string[]> => {
  const notes: string[] = []
  for (const refund of factsOf(facts, 'refund')) {
    const { id, paymentIntentId: payment, amount, status, requestId, createdAt } = refund
    if (before[`refund:${id}`] === refund) continue
    await tx.refund.upsert({
      where: { id },
      create: { id, purchaseId, paymentIntentId: payment, amount, status, requestId, createdAt: new Date(createdAt * 1000) },
      update: { status, amount, requestId },
    })
    const known = before[`refund:${id}`]
    const moved = known?.kind !== 'refund' || known.status !== status
    if (moved && counts && payment !== counts.id) notes.push(`refund ${id} of ${amount} of payment ${payment} is ${status}`)
  }
  return notes
}

const answerRequest = async (
  tx: Tx,
  view: PurchaseView,
  { requestId, refundId }: { requestId: string; refundId: string },
): Promise<void> => {
  const request = await tx.refundRequest.findUniqueOrThrow({
    where: { purchaseId_requestId: { purchaseId: view.id, requestId } },
  })
  const answer = {
    success: true,
    purchaseId: view.id,
    status: view.status,
    refundId,
    amount: request.amount,
    amountRefunded: view.amountRefunded,
    currency: view.currency,
  }
  await tx.refundRequest.update({
    where: { purchaseId_requestId: { purchaseId: view.id, requestId } },
    data: { refundId, response: answer, respondedAt: new Date() },
  })
}

/**
 * Applies what Stripe told us to a purchase: facts, status, grant, audit, ledger and the hint to listeners, all in one transaction and
 * under the user's lock. Applying the same again changes nothing.
 */
export const applyFacts = async (db: Db, application: ApplyFactsInput): Promise<PurchaseView> => {
  const { snapshots, unreadable } = readSnapshots(application.snapshots)
  if (unreadable.length > 0) return applyUnread(db, { ...application, snapshots }, unreadable)
  const readable = { ...application, snapshots }
  return (await applyFirstPayment(db, readable)) ?? applyAny(db, readable)
}

/**
 * Some of it cannot be read here: it was made by hand, or by a newer version. What can is applied, and the operator is told; the events stay
 * unapplied in the ledger, from which a newer worker gets them again.
 */
const applyUnread = async (db: Db, application: ApplyFactsInput, unreadable: readonly string[]): Promise<PurchaseView> => {
  const view = await applyAny(db, { ...application, eventIds: [] })
  for (const what of unreadable) await raise(db, application.id, 'unreadable_snapshot', what, { what })
  return view
}

const applyAny = (
  db: Db,
  { id, snapshots, cause, eventIds = [], completesRefundRequest: answers }: ApplyFactsInput,
): Promise<PurchaseView> =>
  db.$transaction(
    async (tx) => {
      const owner = await tx.purchase.findUnique({ where: { id }, select: { userId: true } })
      if (!owner) throw new PurchaseNotFound(id)
      await lockUser(tx, owner.userId)
      const row = await readRow(tx, id)
      const before = storedFacts.parse(row.facts)
      const contested = isAmbiguous(before, snapshots)
      const facts = mergeAll(before, snapshots)
      const projection = project(facts, quoteOf(row))
      const now = new Date()
      const others = await tx.grant.count({
        where: {
          userId: row.userId,
          entityId: { in: grantingEntityIds(row.entity) },
          purchaseId: { not: id },
          ...activeGrants(now),
        },
      })
      const settlement = decideAccess(projection, {
        own: ownGrantState(
          row.grant,
          { status: row.status, orderedBack: await isOrderedBack(tx, id, projection) },
          facts,
          projection,
        ),
        lapsed: projection.expiresAt !== null && projection.expiresAt * 1000 <= now.getTime(),
        coveredByOther: others > 0,
      })
      const notes = [await settleGrant(tx, row, facts, projection, settlement)]
      const counted = row.externalTransactionId
      const counts = projection.payment
      const isAnother = counted !== null && counts !== null && counted !== counts.id
      if (isAnother) notes.push(`payment ${counts.id} counts from now on, not ${counted}`)
      for (const second of projection.duplicates) notes.push(await orderDuplicateRefund(tx, id, facts, second))
      // What another payment has given back is no change of this one's.
      if (projection.amountRefunded !== (isAnother ? 0 : row.amountRefunded)) {
        const [refunded, paid] = [projection.amountRefunded, projection.amountPaid].map((amount) =>
          formatMoney(amount, counts?.currency ?? row.currency),
        )
        notes.push(`${refunded} of ${paid} refunded`)
      }
      const moved =
        projection.status !== row.status ||
        projection.amountRefunded !== row.amountRefunded ||
        projection.processing !== row.processing ||
        projection.mismatch !== row.mismatch
      const isNews = facts !== before
      if (isNews) {
        notes.push(...(await saveRefunds(tx, id, facts, before, projection)))
        await tellOfMismatches(tx, row, before, projection, cause)
        await tellOperator(tx, row, facts, projection)
        notes.push(...(await tellOfDisputes(tx, row, facts, before, projection)))
      } else {
        await saveRefunds(tx, id, facts, noFacts, projection)
        await tx.refund.deleteMany({ where: { purchaseId: id, id: { notIn: factsOf(facts, 'refund').map((one) => one.id) } } })
      }
      // Also where somebody, or an older version, wrote what the facts do not say.
      if (isNews || projectionDiff(row, projection).length > 0) {
        const open = row.open && projection.status === 'Pending'
        await tx.purchase.update({ where: { id }, data: { facts, open, ...projectionColumns(projection), updatedAt: now } })
      }
      const told = notes.filter((text) => text !== null).join('; ')
      // An event may have told of the refund first, while Postgres was away: who asked for it stands in the audit all the same.
      const note = told === '' && !moved && answers ? `refund ${answers.refundId} is the one that was asked for` : told
      if (moved || note !== '') {
        await tx.change.create({
          data: { purchaseId: id, fromStatus: row.status, toStatus: projection.status, cause, note: note === '' ? null : note },
        })
      }
      if (notes[0] && settlement === 'revoke') await transferAccess(tx, row, { kind: 'access_transferred', from: id })
      if (eventIds.length > 0) {
        await tx.stripeEvent.updateMany({ where: { id: { in: [...eventIds] }, appliedAt: null }, data: { appliedAt: now } })
      }
      const access = notes[0] ? accessOf(settlement) : null
      const view = await viewOf(tx, row, projection, {
        isAmbiguous: contested,
        change: moved || access ? { from: row.status, access } : null,
      })
      if (!answers) return view
      await answerRequest(tx, view, answers)
      return {
        ...view,
        pendingRefundRequestIds: view.pendingRefundRequestIds.filter((requestId) => requestId !== answers.requestId),
      }
    },
    { maxWait: 5_000, timeout: 10_000 },
  )
