import { secondsPerDay } from '@pay-to-view/purchase'
import type { Db } from '../client.ts'
import type { EntityJob, EntityJobOutcome, Prisma } from '../generated/client.ts'
import { alignRenewals } from '../grants/align-renewals.ts'
import { lockGrant } from '../grants/change-grant.ts'
import { extendLockedGrant, maxExpiry } from '../grants/extend-grant.ts'
import { type GrantRow, toGrantDetails } from '../grants/grant-details.ts'
import { revokeLockedGrant } from '../grants/revoke-grant.ts'
import { recordGrantMessage } from '../outbox/access-message.ts'
import { movedEmail } from '../outbox/email-messages.ts'
import { recordMessages } from '../outbox/record-messages.ts'

type Change = (tx: Prisma.TransactionClient, job: EntityJob, grant: GrantRow) => Promise<EntityJobOutcome>

/** Revokes a complimentary or imported grant of a canceled entity. */
const revoke: Change = async (tx, { requestedBy: by, reason }, grant) => {
  await revokeLockedGrant(tx, grant, { reason, by })
  return 'revoked'
}

/** Extends a grant that was active when the extension was requested, at most to the maximum length of access. */
const extend: Change = async (tx, { requestedBy: by, days }, grant) => {
  const details = toGrantDetails(grant)
  if (details.expiresAt === null || days === null) return 'unchanged'
  const requested = details.expiresAt.getTime() + days * secondsPerDay * 1_000
  const expiresAt = new Date(Math.min(requested, maxExpiry(details).getTime()))
  if (expiresAt <= details.expiresAt) return 'unchanged'
  await extendLockedGrant(tx, grant, { expiresAt, by })
  return 'extended'
}

/**
 * Records the messages about a grant that has moved with its entity's `availableFrom`. Open pages were already notified when the date was
 * changed.
 */
const recordMove: Change = async (tx, { id: jobId }, grant) => {
  await recordGrantMessage(tx, 'access.changed', grant)
  await recordMessages(tx, async () => movedEmail(grant, { jobId, availableFrom: grant.entity.availableFrom }))
  await alignRenewals(tx, grant.userId, new Date())
  return 'moved'
}

const changes = { cancel: revoke, extend, move: recordMove } satisfies Record<EntityJob['kind'], Change>

/** Changes an item's grant and stores the outcome in the same transaction, so the change is made exactly once, even after a crash. */
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
