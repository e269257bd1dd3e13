import type { AccessRow, Reads } from '@pay-to-view/db'
import { type ConsentTerms, type GrantedPeriod, grantSources, playbackEndsWithdrawal } from '@pay-to-view/purchase'
import { z } from 'zod'
import { EntityId, PurchaseId } from '../purchases/schemas.ts'
import { Time } from '../values.ts'

export const accessState = z.object({
  entityId: EntityId,
  hasAccess: z.boolean(),
  startsAt: Time.nullable().meta({
    description: 'When the access began or, while `hasAccess` is false, when it will begin; null if nothing gives access',
  }),
  expiresAt: Time.nullable().meta({
    description:
      'End of the uninterrupted access; null if access is permanent or there is none. For a rental before its first playback, the time by which it must be started',
  }),
  source: z.enum(grantSources).nullable().meta({ description: 'The source of access' }),
  purchaseId: PurchaseId.nullable().meta({
    description: 'The purchase that gives the access; null for complimentary and imported access',
  }),
  rental: z
    .object({
      watchWithinHours: z.int().meta({ description: 'Hours in which the rental can be watched after its first playback' }),
      startedAt: Time.nullable().meta({ description: 'Time of the first playback; null if there was none' }),
    })
    .nullable()
    .meta({ description: 'The rental that gives the access; null for other access' }),
  nextRental: z
    .object({
      startsAt: Time.meta({ description: 'When the rental can be started: at the end of the access that it continues' }),
      startBy: Time,
      watchWithinHours: z.int().meta({ description: 'Hours in which the rental can be watched after its first playback' }),
    })
    .nullable()
    .meta({
      description: 'A rental that has not been started and continues the access, such as a renewal; null if there is none',
    }),
  playbackEndsWithdrawal: z.boolean().meta({
    description:
      'Whether the next playback ends the right of withdrawal: true only with CONSENT=eu, and only for the first playback of a purchase for which the buyer gave consent. If true, tell the user, and start playback only after a click',
  }),
})
export type AccessState = z.infer<typeof accessState>

const noAccess = {
  hasAccess: false,
  startsAt: null,
  expiresAt: null,
  source: null,
  purchaseId: null,
  rental: null,
  nextRental: null,
  playbackEndsWithdrawal: false,
}

const toRental = ({ watchWithinHours, firstPlayedAt }: GrantedPeriod): AccessState['rental'] =>
  watchWithinHours === null ? null : { watchWithinHours, startedAt: firstPlayedAt?.toISOString() ?? null }

const toAccessState = ({ entityId, access, rentals, unplayed }: AccessRow, isOffered: boolean): AccessState => {
  if (access === null) return { entityId, ...noAccess }
  const { source, purchaseId } = access.grant
  const rental = access.hasAccess ? rentals.current : access.grant
  const { next } = rentals
  return {
    entityId,
    hasAccess: access.hasAccess,
    startsAt: access.startsAt.toISOString(),
    expiresAt: access.expiresAt?.toISOString() ?? null,
    ...{ source, purchaseId },
    rental: rental && toRental(rental),
    nextRental: next && { ...next, startsAt: next.startsAt.toISOString(), startBy: next.startBy.toISOString() },
    playbackEndsWithdrawal:
      unplayed !== null && playbackEndsWithdrawal({ ...unplayed, isOffered, firstPlayedAt: null }, unplayed.at),
  }
}

interface AccessServices {
  reads: Pick<Reads, 'access'>
  /** Null if consent is off. */
  consent: ConsentTerms | null
}

/** Returns one state per id, in the given order. */
export const readAccess = async (
  { reads, consent }: AccessServices,
  userId: string,
  entityIds: readonly string[],
): Promise<AccessState[]> => {
  const isOffered = consent !== null
  const rows = await reads.access(userId, entityIds, { withUnplayed: isOffered })
  return rows.map((row) => toAccessState(row, isOffered))
}

export const readAccessTo = async (services: AccessServices, userId: string, entityId: string): Promise<AccessState> => {
  const [state] = await readAccess(services, userId, [entityId])
  return state ?? { entityId, ...noAccess }
}
