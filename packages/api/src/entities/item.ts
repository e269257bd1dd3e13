import type { EntityFields, Reads } from '@pay-to-view/db'
import { z } from 'zod'
import { type PriceTerms, saleProduct, toSaleProduct } from '../products/item.ts'
import { EntityId } from '../purchases/schemas.ts'
import { Time } from '../values.ts'
import { containerReference, EntityStatus, EntityType } from './entity-input.ts'

/** An entity with all its fields. */
export const entityItem = z.object({
  id: EntityId,
  type: EntityType,
  title: z.string(),
  description: z.string(),
  imageUrl: z.string().nullable(),
  durationSeconds: z.int().nullable(),
  status: EntityStatus,
  availableFrom: Time.nullable(),
  availableUntil: Time.nullable(),
  memberOf: z.array(containerReference).meta({ description: 'Ids, or ids with a position' }),
  playback: z.record(z.string(), z.union([z.string(), z.number()])).nullable(),
  metadata: z.record(z.string(), z.string()),
})

export const toEntityItem = ({ memberOf, playback, canceledAt: _, ...entity }: EntityFields): z.infer<typeof entityItem> => ({
  ...entity,
  memberOf: memberOf.map(({ id, position }) => (position === null ? id : { id, position })),
  playback: playback && { ...playback },
})

/** An entity with the fields that everyone may see: all except its playback source. */
export const publicEntity = entityItem.omit({ playback: true }).extend({
  canceledAt: Time.nullable().meta({
    description: 'When the entity was canceled: it is no longer sold, and its buyers are refunded',
  }),
  products: z.array(saleProduct).meta({ description: 'The products on sale for the entity, at most 20' }),
})

type PublicEntity = z.infer<typeof publicEntity>

/**
 * Returns the function that shows each of the given entities as everyone may see it: with its products on sale, and without containers that
 * are not published.
 */
export const publicEntityView = async (
  entities: readonly EntityFields[],
  services: PriceTerms & { reads: Pick<Reads, 'productsByEntity' | 'publishedIds'> },
): Promise<(entity: EntityFields) => PublicEntity> => {
  const containerIds = new Set(entities.flatMap(({ memberOf }) => memberOf.map(({ id }) => id)))
  const [products, published] = await Promise.all([
    services.reads.productsByEntity(entities.map(({ id }) => id)),
    services.reads.publishedIds([...containerIds]),
  ])
  return (entity) => {
    const { playback: _, ...item } = toEntityItem(entity)
    return {
      ...item,
      memberOf: item.memberOf.filter((container) => published.has(typeof container === 'string' ? container : container.id)),
      canceledAt: entity.canceledAt,
      products: (products.get(entity.id) ?? []).map((product) => toSaleProduct(entity, product, services)),
    }
  }
}
