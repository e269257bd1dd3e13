import {
  type EvidencePlay,
  type EvidenceSource,
  factsOf,
  maxEvidencePlays,
  playbackLeaseSeconds,
  SYSTEM_ACTOR,
  unplayedSeconds,
} from '@pay-to-view/purchase'
import type { Db } from './client.ts'
import { grantTimesColumns, playedPeriodOf, readRental } from './grants/grant-times.ts'
import { readStoredFacts } from './json-columns.ts'

/** The part of a dispute's evidence that comes from the database. Names and billing addresses are stored only in Stripe. */
export type StoredEvidenceSource = Omit<EvidenceSource, 'customer' | 'receiptUrl' | 'policy'>

const columns = {
  ...{
    id: true,
    userId: true,
    entityId: true,
    createdAt: true,
    completedAt: true,
    invoiceNumber: true,
    consentAt: true,
    consentVersion: true,
  },
  ...{ accessDurationDays: true, rentalStartWithinDays: true, rentalWatchWithinHours: true },
  entity: { select: { title: true, availableFrom: true } },
  product: { select: { name: true } },
  grant: { select: grantTimesColumns },
} as const

/**
 * Returns the plays of the purchased entity and its members since the purchase was created, newest first. Sessions that were opened but not
 * played come last. If a session's lease expired, the last heartbeat is used as the end of the session, because the actual end is unknown.
 */
const playsOfPurchase = (
  db: Db,
  { userId, entityId, createdAt }: { userId: string; entityId: string; createdAt: Date },
): Promise<EvidencePlay[]> =>
  db.$queryRaw<EvidencePlay[]>`
    select coalesce(entities.title, session.entity_id) as title, started_at as "startedAt", ended.at as "endedAt",
      max_position_seconds as "maxPositionSeconds", device, address
    from playback_sessions as session left join entities on entities.id = session.entity_id
      cross join lateral (
        select case when ended_at < last_seen_at + make_interval(secs => ${playbackLeaseSeconds}) then ended_at else last_seen_at end as at
      ) as ended
    where session.user_id = ${userId} and started_at >= ${createdAt} and (session.entity_id = ${entityId}
      or session.entity_id in (select member_id from containments where container_id = ${entityId}))
    order by (max_position_seconds > 0 or ended.at >= started_at + make_interval(secs => ${unplayedSeconds})) desc, started_at desc,
      session.id desc limit ${maxEvidencePlays}`

/** Returns null if the purchase does not exist. */
export const readEvidenceSource = async (db: Db, purchaseId: string): Promise<StoredEvidenceSource | null> => {
  const row = await db.purchase.findUnique({ where: { id: purchaseId }, select: columns })
  if (!row) return null
  const { entity, product, grant } = row
  return {
    purchaseId,
    title: entity.title,
    productName: product.name,
    accessDurationDays: row.accessDurationDays,
    rental: readRental(row),
    createdAt: row.createdAt,
    paidAt: row.completedAt,
    consent: row.consentAt && row.consentVersion ? { at: row.consentAt, version: row.consentVersion } : null,
    access: grant && playedPeriodOf(grant, entity.availableFrom),
    plays: await playsOfPurchase(db, row),
    invoiceNumber: row.invoiceNumber,
  }
}

/** Returns the ids of a purchase's disputes, newest first, or null if the purchase does not exist. */
export const readDisputes = async (db: Db, purchaseId: string): Promise<string[] | null> => {
  const row = await db.purchase.findUnique({ where: { id: purchaseId }, select: { facts: true } })
  if (!row) return null
  return factsOf(readStoredFacts(purchaseId, row.facts), 'dispute')
    .toSorted((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0))
    .map(({ id }) => id)
}

export interface OpenDispute {
  /** The dispute's id in Stripe. */
  id: string
  purchaseId: string
}

/**
 * Returns open disputes and inquiries whose evidence has not been assembled yet, oldest first. They belong to the given purchase or, by
 * default, to any purchase. The dispute's alert records whether evidence has been assembled.
 */
export const disputesWithoutEvidence = (db: Db, limit: number, purchaseId: string | null = null): Promise<OpenDispute[]> =>
  db.$queryRaw<OpenDispute[]>`
    select detail ->> 'disputeId' as id, purchase_id as "purchaseId" from alerts
    where kind in ('disputed', 'inquiry') and resolved_at is null and purchase_id is not null and detail ? 'disputeId' and not detail ? 'evidence'
      and (${purchaseId}::text is null or purchase_id = ${purchaseId})
    order by at limit ${limit}`

/**
 * Records what happened to a dispute's evidence: it was staged, Stripe already had evidence, Stripe no longer accepts evidence, or Stripe
 * rejected it.
 */
export const recordEvidenceOutcome = async (
  db: Db,
  { id, purchaseId }: OpenDispute,
  outcome: 'staged' | 'present' | 'closed' | 'refused',
): Promise<void> => {
  await db.$executeRaw`
    update alerts set detail = detail || jsonb_build_object('evidence', ${outcome}::text)
    where kind in ('disputed', 'inquiry') and purchase_id = ${purchaseId} and detail ->> 'disputeId' = ${id}`
}

/** The number of days before Stripe's deadline at which an alert warns that no evidence has been submitted. */
export const disputeWarningDays = 3

/**
 * Opens a warning for each dispute whose deadline is near and whose evidence has not been submitted. The dispute's own alert has a due date
 * until evidence is submitted. Resolves the warning when evidence has been submitted or the dispute has ended.
 */
export const updateDeadlineAlerts = async (db: Db, now: Date): Promise<void> => {
  const until = new Date(now.getTime() + disputeWarningDays * 86_400_000)
  await db.$executeRaw`
    update alerts as warning set resolved_at = now(), resolved_by = ${SYSTEM_ACTOR}
    where warning.kind = 'dispute_due' and warning.resolved_at is null and not exists (
      select from alerts as dispute where dispute.purchase_id = warning.purchase_id and dispute.kind in ('disputed', 'inquiry')
        and dispute.resolved_at is null and dispute.due_at is not null
        and dispute.detail ->> 'disputeId' = warning.detail ->> 'disputeId')`
  await db.$executeRaw`
    insert into alerts (kind, purchase_id, dedupe_key, detail, due_at)
    select 'dispute_due', purchase_id, 'dispute_due:' || purchase_id || ':' || (detail ->> 'disputeId') || ':' || extract(epoch from due_at)::bigint,
      jsonb_build_object('disputeId', detail ->> 'disputeId'), due_at
    from alerts
    where kind in ('disputed', 'inquiry') and resolved_at is null and purchase_id is not null and detail ? 'disputeId' and due_at < ${until}
    on conflict (dedupe_key) do nothing`
}
