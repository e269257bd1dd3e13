import type { Reads } from '@pay-to-view/db'
import { z } from 'zod'
import { EntityId, PurchaseId, Time } from '../purchases/schemas.ts'

export const accessState = z.object({
  entityId: EntityId,
  hasAccess: z.boolean(),
  expiresAt: Time.nullable().meta({ description: 'Null without access and for permanent access' }),
  purchaseId: PurchaseId.nullable().meta({ description: 'The purchase that gives access' }),
})
export type AccessState = z.infer<typeof accessState>

export const readAccess = async (reads: Reads, userId: string, entityIds: readonly string[]): Promise<AccessState[]> => {
  const rows = await reads.access(userId, entityIds)
  return rows.map(({ startsAt: _, ...row }) => ({ ...row, expiresAt: row.expiresAt?.toISOString() ?? null }))
}
