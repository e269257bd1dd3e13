import type { EntityFields } from '../catalog/entity-fields.ts'
import type { ProductFields } from '../catalog/product-fields.ts'
import { readEntityFields } from '../catalog/read-entity-fields.ts'
import { readProductFields, selectProducts } from '../catalog/read-product-fields.ts'
import { type Db, preparedQuery } from '../client.ts'
import { Prisma, type ProductStatus } from '../generated/client.ts'

/** The maximum number of products that are read with an entity. `productsOf` lists all products of an entity, page by page. */
const maxProductsPerEntity = 20

const isOnSale = (now: Date): Prisma.Sql => Prisma.sql`
  products.status = 'active' AND (sale_from IS NULL OR sale_from <= ${now}) AND (sale_until IS NULL OR sale_until > ${now})`

const isForSale = (now: Date): Prisma.Sql => Prisma.sql`
  entities.status = 'published' AND canceled_at IS NULL AND (available_until IS NULL OR available_until > ${now})`

export const entity = async (db: Db, id: string): Promise<EntityFields | null> =>
  (await readEntityFields(db, [id])).get(id) ?? null

/** Returns the ids of the given entities that are published. */
export const publishedIds = async (db: Db, ids: readonly string[]): Promise<Set<string>> => {
  if (ids.length === 0) return new Set()
  const rows = await preparedQuery<{ id: string }>(db)`
    SELECT id FROM entities WHERE id = ANY (${[...ids]}) AND status = 'published'`
  return new Set(rows.map(({ id }) => id))
}

export const product = readProductFields

const productsWhere = (
  db: Db,
  conditions: readonly Prisma.Sql[],
  after: string | null,
  limit: number,
): Promise<ProductFields[]> => {
  const all = Prisma.join([...conditions, Prisma.sql`products.id > ${after ?? ''}`], ' AND ')
  return selectProducts(db, Prisma.sql`products WHERE ${all} ORDER BY products.id LIMIT ${limit}`)
}

/** Returns the products on sale, ordered by id. Generated ids sort by creation time. */
export const products = (db: Db, after: string | null, limit: number, now = new Date()): Promise<ProductFields[]> =>
  productsWhere(db, [isOnSale(now)], after, limit)

export interface ProductFilter {
  status?: ProductStatus | undefined
  /** Part of the name, ignoring case, or the complete id. */
  query?: string | undefined
  /** Restricts the result to products that are offered for this entity. */
  entityId?: string | undefined
}

/** Returns all products, including withdrawn products, ordered by id. */
export const allProducts = (
  db: Db,
  { status, query, entityId }: ProductFilter,
  after: string | null,
  limit: number,
): Promise<ProductFields[]> =>
  productsWhere(
    db,
    [
      ...(status === undefined ? [] : [Prisma.sql`products.status = ${status}::product_status`]),
      ...(query ? [Prisma.sql`(products.id = ${query} OR position(lower(${query}) in lower(products.name)) > 0)`] : []),
      ...(entityId === undefined
        ? []
        : [Prisma.sql`EXISTS (SELECT FROM offers WHERE product_id = products.id AND entity_id = ${entityId})`]),
    ],
    after,
    limit,
  )

/** Returns the products on sale for an entity, ordered by id. Returns no products if the entity is not on sale. */
export const productsOf = (
  db: Db,
  entityId: string,
  after: string | null,
  limit: number,
  now = new Date(),
): Promise<ProductFields[]> =>
  selectProducts(
    db,
    Prisma.sql`
      offers JOIN entities ON entities.id = entity_id JOIN products ON products.id = product_id
      WHERE entity_id = ${entityId} AND product_id > ${after ?? ''} AND ${isForSale(now)} AND ${isOnSale(now)}
      ORDER BY product_id LIMIT ${limit}`,
  )

/** Returns at most 20 products on sale for each of the given entities, ordered by id. */
export const productsByEntity = async (
  db: Db,
  entityIds: readonly string[],
  now = new Date(),
): Promise<Map<string, ProductFields[]>> => {
  const offers = await db.$queryRaw<{ entityId: string; productId: string }[]>`
    SELECT entities.id AS "entityId", offered.product_id AS "productId"
    FROM entities CROSS JOIN LATERAL (
      SELECT product_id FROM offers JOIN products ON products.id = product_id
      WHERE entity_id = entities.id AND ${isOnSale(now)}
      ORDER BY product_id LIMIT ${maxProductsPerEntity}
    ) AS offered
    WHERE entities.id = ANY (${[...entityIds]}) AND ${isForSale(now)}`
  const productIds = [...new Set(offers.map(({ productId }) => productId))]
  // The condition is checked again, because a product may have been withdrawn since the offers were read.
  const rows = await selectProducts(db, Prisma.sql`products WHERE id = ANY (${productIds}) AND ${isOnSale(now)}`)
  const productsById = new Map(rows.map((row) => [row.id, row]))
  const byEntity = new Map<string, ProductFields[]>()
  for (const { entityId, productId } of offers) {
    const found = productsById.get(productId)
    if (found) byEntity.set(entityId, [...(byEntity.get(entityId) ?? []), found])
  }
  return byEntity
}

/** Returns the entities for which a product is offered, ordered by id. */
export const offersOf = async (db: Db, productId: string, after: string | null, limit: number) => {
  const rows = await db.offer.findMany({
    where: { productId, ...(after !== null && { entityId: { gt: after } }) },
    orderBy: { entityId: 'asc' },
    take: limit,
    select: { entity: { select: { id: true, type: true, title: true, status: true } } },
  })
  return rows.map((row) => row.entity)
}

/** Returns the number of entities for which a product is offered, or 1,000 if there are more. */
export const offerCount = (db: Db, productId: string): Promise<number> => db.offer.count({ where: { productId }, take: 1_000 })
