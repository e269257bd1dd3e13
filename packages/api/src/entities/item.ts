import type { EntityRow } from '@pay-to-view/db'
import { entityTypeOf } from '@pay-to-view/purchase'
import { z } from 'zod'
import { EntityId, EntityTypeNumber } from '../purchases/schemas.ts'

export const entityItem = z.object({
  entityId: EntityId,
  entityType: EntityTypeNumber,
  title: z.string(),
  description: z.string(),
  channelId: EntityId.nullable().meta({ description: 'The channel of a video' }),
})

export const toEntityItem = ({ id: entityId, ...entity }: EntityRow): z.infer<typeof entityItem> => {
  const entityType = entityTypeOf(entityId)
  if (entityType === null) throw new TypeError(`Expected the id of a video, channel or content, got ${entityId}`)
  return { entityId, entityType, ...entity }
}
