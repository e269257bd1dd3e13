import { secondsPerDay } from '@pay-to-view/purchase'
import type { Db } from '../client.ts'
import type { EntityJob, EntityJobOutcome, Prisma } from '../generated/client.ts'
import { alignRenewals } from '../grants/align-renewals.ts'
import { lockGrant, recordGrantChange } from '../grants/change-grant.ts'
import { addExtensionToTimeline, extendedColumns } from '../grants/extend-grant.ts'
import { type GrantRow, grantColumns, toGrantDetails } from '../grants/grant-details.ts'
import { recordGrantMessage } from '../outbox/access-message.ts'

type Change = (tx: Prisma.TransactionClient, job: EntityJob, grant: GrantRow) => Promise<EntityJobOutcome>

/** Ends complimentary and imported access to a canceled entity. */
const revoke: Change = async (tx, { requestedBy: by, reason }, grant) => {
  const data = { revokedAt: new Date(), revokedBy: by, revokedReason: reason }
  const after = await tx.grant.update({ where: { id: grant.id }, data, select: grantColumns })
  await recordGrantChange(tx, 'access.revoked', { before: toGrantDetails(grant), after, by })
  return 'revoked'
}

/** Extends the access of a grant, which was active when the extension was requested. */
const extend: Change = async (tx, { requestedBy: by, days }, grant) => {
  const before = toGrantDetails(grant)
  if (before.expiresAt === null || days === null) return 'unchanged'
  const until = new Date(before.expiresAt.getTime() + days * secondsPerDay * 1_000)
  const data = extendedColumns(grant, until, new Date())
  const after = await tx.grant.update({ where: { id: grant.id }, data, select: grantColumns })
  if (grant.purchaseId !== null) await addExtensionToTimeline(tx, grant.purchaseId, by, until)
  await recordGrantChange(tx, 'access.changed', { before, after, by })
  return 'extended'
}

/** The grant has moved with `availableFrom` of its entity. Open pages were told when the date was changed. */
const recordMove: Change = async (tx, _job, grant) => {
  await recordGrantMessage(tx, 'access.changed', grant)
  await alignRenewals(tx, grant.userId, new Date())
  return 'moved'
}

const changes = { cancel: revoke, extend, move: recordMove } satisfies Record<EntityJob['kind'], Change>

/** Changes the grant of an item, and stores the outcome in the same transaction: once, also after a crash. */
export const changeGrantOfJob = (db: Db, job: EntityJob, grantId: string): Promise<void> =>
  db.$transaction(async (tx) => {
    const grant = await lockGrant(tx, grantId)
    const item = { jobId: job.id, subjectId: grantId }
    const { count } = await tx.entityJobItem.updateMany({
      where: { ...item, outcome: 'pending' },
      data: { outcome: 'unchanged', updatedAt: new Date() },
    })
    if (count === 0 || grant === null || grant.revokedAt !== null) return
    const outcome = await changes[job.kind](tx, job, grant)
    await tx.entityJobItem.update({ where: { jobId_subjectId: item }, data: { outcome } })
  })
