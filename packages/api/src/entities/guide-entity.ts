import type { EntityFields } from '@pay-to-view/db'
import { entityTypes } from '@pay-to-view/purchase'
import { z } from 'zod'
import { EntityId, EntityTypeNumber } from '../purchases/schemas.ts'

/** An entity with the field names of the integration guide. */
export const guideEntity = z.object({
  entityId: EntityId,
  entityType: EntityTypeNumber,
  title: z.string(),
  description: z.string(),
})

export const toGuideEntity = ({ id, type, title, description }: EntityFields): z.infer<typeof guideEntity> => ({
  ...{ entityId: id, entityType: entityTypes[type], title, description },
})
