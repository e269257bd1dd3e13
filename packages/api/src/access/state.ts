import type { Reads } from '@pay-to-view/db'
import { z } from 'zod'
import { EntityId, PurchaseId, Time } from '../purchases/schemas.ts'

export const accessState = z.object({
  entityId: EntityId,
  hasAccess: z.boolean(),
  startsAt: Time.nullable().meta({ description: 'When the access began; null without access' }),
  expiresAt: Time.nullable().meta({ description: 'Null without access and for permanent access' }),
  source: z.enum(['purchase']).nullable().meta({ description: 'What gives the access; null without access' }),
  purchaseId: PurchaseId.nullable().meta({ description: 'The purchase that gives access' }),
})
export type AccessState = z.infer<typeof accessState>

const noAccess = { hasAccess: false, startsAt: null, expiresAt: null, source: null, purchaseId: null }

/** One state per id, in the given order. */
export const readAccess = async (reads: Reads, userId: string, entityIds: readonly string[]): Promise<AccessState[]> => {
  const rows = await reads.access(userId, entityIds)
  return rows.map(({ entityId, hasAccess, startsAt, expiresAt, purchaseId }) => ({
    entityId,
    hasAccess,
    startsAt: startsAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
    source: hasAccess ? ('purchase' as const) : null,
    purchaseId,
  }))
}

export const readAccessTo = async (reads: Reads, userId: string, entityId: string): Promise<AccessState> => {
  const [state] = await readAccess(reads, userId, [entityId])
  return state ?? { entityId, ...noAccess }
}
