import type { GrantSource } from '@pay-to-view/purchase'
import type { Prisma } from '../generated/client.ts'
import { grantTimesColumns, playedPeriodOf } from './grant-times.ts'

/** A grant as operators see it. */
export interface GrantDetails {
  id: string
  userId: string
  entityId: string
  source: GrantSource
  purchaseId: string | null
  startsAt: Date
  /** When the grant expires; null for permanent access. An earlier revocation does not change this time. */
  expiresAt: Date | null
  /** Null for a rental whose event was moved to a later date after it had been played. */
  firstPlayedAt: Date | null
  /** The number of hours for which a rental can be watched after the first playback; null if the grant is not a rental. */
  watchWithinHours: number | null
  extendedUntil: Date | null
  /** The reason for complimentary or imported access. */
  reason: string | null
  grantedBy: string | null
  reference: string | null
  createdAt: Date
  revokedAt: Date | null
  revokedBy: string | null
  revokedReason: string | null
}

export const grantColumns = {
  ...grantTimesColumns,
  ...{ id: true, userId: true, entityId: true, source: true, purchaseId: true, reason: true, grantedBy: true, reference: true },
  ...{ createdAt: true, revokedAt: true, revokedBy: true, revokedReason: true },
  entity: { select: { availableFrom: true } },
} satisfies Prisma.GrantSelect

export type GrantRow = Prisma.GrantGetPayload<{ select: typeof grantColumns }>

export const toGrantDetails = ({ entity, ...row }: GrantRow): GrantDetails => {
  const { startsAt, expiresAt, firstPlayedAt } = playedPeriodOf(row, entity.availableFrom)
  const { id, userId, entityId, source, purchaseId, extendedUntil, reason, grantedBy, reference } = row
  const { createdAt, revokedAt, revokedBy, revokedReason } = row
  return {
    ...{
      id,
      userId,
      entityId,
      source,
      purchaseId,
      startsAt,
      expiresAt,
      firstPlayedAt,
      watchWithinHours: row.rentalWatchWithinHours,
      extendedUntil,
      reason,
      grantedBy,
      reference,
    },
    ...{ createdAt, revokedAt, revokedBy, revokedReason },
  }
}

/** Returns a grant's fields for the audit log. */
export const grantRecord = ({
  userId,
  entityId,
  source,
  reason,
  revokedReason,
  ...grant
}: GrantDetails): Prisma.InputJsonObject => ({
  ...{ userId, entityId, source, purchaseId: grant.purchaseId, reason, revokedReason },
  startsAt: grant.startsAt.toISOString(),
  expiresAt: grant.expiresAt?.toISOString() ?? null,
  revokedAt: grant.revokedAt?.toISOString() ?? null,
})
