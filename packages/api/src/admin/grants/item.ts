import type { GrantDetails } from '@pay-to-view/db'
import { grantSources } from '@pay-to-view/purchase'
import { z } from 'zod'
import { EntityId, PurchaseId } from '../../purchases/schemas.ts'
import { text } from '../../text.ts'
import { generatedId, Time, TimestampWithinYears } from '../../values.ts'

export const GrantId = generatedId('Expected the id of a grant: grant_…')

export const GrantReason = text(500, 'Expected a reason').trim().min(1, 'Expected a reason')

/** The expiry of access that an operator gives. */
export const GrantExpiry = TimestampWithinYears.refine(
  (time) => !(Date.parse(time) <= Date.now()),
  'Expected a time in the future',
)

export const grantItem = z.object({
  grantId: GrantId,
  userId: z.string(),
  entityId: EntityId,
  source: z.enum(grantSources),
  purchaseId: PurchaseId.nullable().meta({ description: 'Null unless a purchase gives the access' }),
  startsAt: Time,
  expiresAt: Time.nullable().meta({
    description:
      'The expiry, even if the grant was revoked; null for permanent access. For a rental before its first playback, the time by which it must be started',
  }),
  firstPlayedAt: Time.nullable(),
  watchWithinHours: z
    .int()
    .nullable()
    .meta({ description: 'Hours to watch after the first playback; null unless the access is a rental' }),
  extendedUntil: Time.nullable().meta({ description: "An operator's extension of purchased access" }),
  reason: z.string().nullable(),
  grantedBy: z.string().nullable().meta({ description: 'Null for purchased access' }),
  reference: z.string().nullable().meta({ description: "The grant's id in the system from which it was imported" }),
  createdAt: Time,
  revokedAt: Time.nullable(),
  revokedBy: z.string().nullable(),
  revokedReason: z.string().nullable(),
})

const iso = (date: Date | null): string | null => date?.toISOString() ?? null

export const toGrantItem = ({ id: grantId, ...grant }: GrantDetails): z.infer<typeof grantItem> => ({
  ...grant,
  grantId,
  startsAt: grant.startsAt.toISOString(),
  expiresAt: iso(grant.expiresAt),
  firstPlayedAt: iso(grant.firstPlayedAt),
  extendedUntil: iso(grant.extendedUntil),
  createdAt: grant.createdAt.toISOString(),
  revokedAt: iso(grant.revokedAt),
})
