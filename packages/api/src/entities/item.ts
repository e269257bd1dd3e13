import type { EntityRow } from '@pay-to-view/db'
import { entityTypeOf } from '@pay-to-view/purchase'
import { z } from 'zod'
import { EntityId, EntityTypeNumber } from '../purchases/schemas.ts'

export const entityItem = z.object({
  entityId: EntityId,
  entityType: EntityTypeNumber,
  title: z.string(),
  description: z.string(),
  channelId: EntityId.nullable().meta({ description: 'Of a video: the channel that it is in' }),
})

/** A video, channel or content as it is told. */
export const entityItemOf = ({ id: entityId, ...entity }: EntityRow): z.infer<typeof entityItem> => {
  const entityType = entityTypeOf(entityId)
  if (entityType === null) throw new TypeError(`${entityId} is not the id of an entity`)
  return { entityId, entityType, ...entity }
}
