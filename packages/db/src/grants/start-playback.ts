import { type Access, accessAt, grantToPlay } from '@pay-to-view/purchase'
import { lockUser, notifyAccess } from '../access.ts'
import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'
import { recordGrantMessage } from '../outbox/access-message.ts'
import { readCurrentPeriods } from '../reads/access.ts'
import { readAccessPeriods } from './access-periods.ts'
import { alignRenewals } from './align-renewals.ts'

const readNow = async (tx: Prisma.TransactionClient): Promise<Date> => {
  const [row] = await tx.$queryRaw<{ now: Date }[]>`SELECT clock_timestamp()::timestamptz(3) AS now`
  if (!row) throw new Error('Postgres returned no time')
  return row.now
}

/**
 * Records the first playback on the grant that this playback uses. For a rental, this starts the clock. The first playback is recorded only
 * once, even if several players start simultaneously; it is recorded again if the event was moved to a later date. Returns the user's access
 * after the change, or null if the user has none.
 */
export const startPlayback = async (db: Db, userId: string, entityId: string): Promise<Access | null> => {
  const { at, periods } = await readCurrentPeriods(db, userId, entityId)
  const isRecorded = grantToPlay(periods, at)?.firstPlayedAt !== null
  return isRecorded ? activeAccess(accessAt(periods, at)) : recordFirstPlayback(db, userId, entityId)
}

const activeAccess = (access: Access | null): Access | null => (access?.hasAccess ? access : null)

const readGrant = (tx: Prisma.TransactionClient, id: string) =>
  tx.grant.findUniqueOrThrow({ where: { id }, include: { entity: { select: { availableFrom: true } } } })

/**
 * Sets `firstPlayedAt` on the grant that the playback uses now, unless the grant has a first playback. `chooseGrant` chooses this grant; by
 * default, it chooses the grant that a new playback uses. Returns the user's access after the change, or null if the user has none.
 */
export const recordFirstPlayback = (
  db: Db,
  userId: string,
  entityId: string,
  chooseGrant: typeof grantToPlay = grantToPlay,
): Promise<Access | null> =>
  db.$transaction(async (tx) => {
    await lockUser(tx, userId)
    const at = await readNow(tx)
    const grant = chooseGrant(await readAccessPeriods(tx, { userId, entityId }, at), at)
    if (grant === null) return null
    const isFirst = grant.firstPlayedAt === null
    if (isFirst) await tx.grant.update({ where: { id: grant.grantId }, data: { firstPlayedAt: at } })
    if (isFirst && grant.watchWithinHours !== null) {
      await notifyAccess(tx, userId, entityId)
      await recordGrantMessage(tx, 'access.changed', await readGrant(tx, grant.grantId))
      await alignRenewals(tx, userId, at)
    } else if (isFirst && grant.purchaseId !== null) {
      // The first playback of a purchase with consent ends the right of withdrawal, so open pages must be updated.
      await tx.$executeRaw`
        select notify_access(${userId}, ${entityId}) from purchases where id = ${grant.purchaseId} and consent_version is not null`
    }
    return activeAccess(accessAt(await readAccessPeriods(tx, { userId, entityId }, at), at))
  })
