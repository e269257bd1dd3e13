import { type Outputs, type PayToViewClient, problemOf } from '@pay-to-view/client'
import { catalogIdPattern, type EntityType } from '@pay-to-view/purchase'
import { entityTypeName } from '../../format.ts'

export type Entity = Outputs['admin']['entities']['list']['items'][number]

type Product = Outputs['admin']['products']['get']

const notFound = (error: unknown): null => {
  if (problemOf(error)?.status === 404) return null
  throw error
}

/**
 * Returns the entity with exactly this id. Returns null if there is no such entity, or if the text is not a valid id: the user
 * may be searching for a title.
 */
export const entityById = async (client: PayToViewClient, id: string): Promise<Entity | null> =>
  catalogIdPattern.test(id) ? client.admin.entities.get.query({ id }).catch(notFound) : null

/** Returns the product with exactly this id, or null. */
export const productById = async (client: PayToViewClient, id: string): Promise<Product | null> =>
  catalogIdPattern.test(id) ? client.admin.products.get.query({ id }).catch(notFound) : null

/** Finds entities by id or by words in the title. `types` lists the entity types to search. */
export const searchEntities = async (
  client: PayToViewClient,
  query: string,
  types: readonly EntityType[] = ['video', 'channel', 'content'],
): Promise<Entity[]> => {
  const filter = { query: query === '' ? undefined : query, limit: 20 }
  const [exact, ...pages] = await Promise.all([
    entityById(client, query),
    ...(types.length < 3
      ? types.map((type) => client.admin.entities.list.query({ ...filter, type }))
      : [client.admin.entities.list.query(filter)]),
  ])
  const matches = pages.flatMap(({ items }) => items).filter(({ id }) => id !== exact?.id)
  return exact && types.includes(exact.type) ? [exact, ...matches] : matches
}

export const toFound = (entity: Entity) => ({
  ...entity,
  detail: entity.status === 'published' ? entityTypeName(entity.type) : `${entityTypeName(entity.type)}, ${entity.status}`,
})
