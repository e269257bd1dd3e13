import type { EntityFields } from '../catalog/entity-fields.ts'
import type { ProductFields } from '../catalog/product-fields.ts'
import { readEntityFields } from '../catalog/read-entity-fields.ts'
import { productColumns, readProductFields, toProductFields } from '../catalog/read-product-fields.ts'
import type { Db } from '../client.ts'
import type { Prisma, ProductStatus } from '../generated/client.ts'

/** At most this many products are read with an entity; `products` pages through all of them. */
const maxProductsPerEntity = 20

const isOnSale = (now: Date) =>
  ({
    status: 'active',
    AND: [{ OR: [{ saleFrom: null }, { saleFrom: { lte: now } }] }, { OR: [{ saleUntil: null }, { saleUntil: { gt: now } }] }],
  }) satisfies Prisma.ProductWhereInput

const isForSale = (now: Date) =>
  ({
    status: 'published',
    OR: [{ availableUntil: null }, { availableUntil: { gt: now } }],
  }) satisfies Prisma.EntityWhereInput

export const entity = async (db: Db, id: string): Promise<EntityFields | null> =>
  (await readEntityFields(db, [id])).get(id) ?? null

export const product = readProductFields

const productsWhere = async (
  db: Db,
  where: Prisma.ProductWhereInput,
  after: string | null,
  limit: number,
): Promise<ProductFields[]> => {
  const rows = await db.product.findMany({
    where: { AND: [where, ...(after === null ? [] : [{ id: { gt: after } }])] },
    orderBy: { id: 'asc' },
    take: limit,
    select: productColumns,
  })
  return rows.map(toProductFields)
}

/** The products on sale, ordered by id: generated ids sort by creation time. */
export const products = (db: Db, after: string | null, limit: number, now = new Date()): Promise<ProductFields[]> =>
  productsWhere(db, isOnSale(now), after, limit)

export interface ProductFilter {
  status?: ProductStatus | undefined
  /** Part of the name, in upper or lower case, or the id. */
  query?: string | undefined
  /** Only those that are offered for this entity. */
  entityId?: string | undefined
}

/** All products, including withdrawn ones, ordered by id. */
export const allProducts = (
  db: Db,
  { status, query, entityId }: ProductFilter,
  after: string | null,
  limit: number,
): Promise<ProductFields[]> =>
  productsWhere(
    db,
    {
      status,
      ...(query !== undefined && { OR: [{ id: query }, { name: { contains: query, mode: 'insensitive' } }] }),
      ...(entityId !== undefined && { offers: { some: { entityId } } }),
    },
    after,
    limit,
  )

/** The products on sale for an entity, ordered by id; none if the entity is not on sale. */
export const productsOf = async (
  db: Db,
  entityId: string,
  after: string | null,
  limit: number,
  now = new Date(),
): Promise<ProductFields[]> => {
  const rows = await db.offer.findMany({
    where: { entityId, entity: isForSale(now), product: isOnSale(now), ...(after !== null && { productId: { gt: after } }) },
    orderBy: { productId: 'asc' },
    take: limit,
    select: { product: { select: productColumns } },
  })
  return rows.map((row) => toProductFields(row.product))
}

/** The products on sale for each of some entities, at most 20 each, ordered by id. */
export const productsByEntity = async (
  db: Db,
  entityIds: readonly string[],
  now = new Date(),
): Promise<Map<string, ProductFields[]>> => {
  const offers = await db.$queryRaw<{ entityId: string; productId: string }[]>`
    SELECT entity.id AS "entityId", offered.product_id AS "productId"
    FROM entities AS entity CROSS JOIN LATERAL (
      SELECT product_id FROM offers JOIN products ON products.id = product_id
      WHERE entity_id = entity.id AND products.status = 'active'
        AND (sale_from IS NULL OR sale_from <= ${now}) AND (sale_until IS NULL OR sale_until > ${now})
      ORDER BY product_id LIMIT ${maxProductsPerEntity}
    ) AS offered
    WHERE entity.id = ANY (${[...entityIds]}) AND entity.status = 'published' AND (entity.available_until IS NULL OR entity.available_until > ${now})`
  const rows = await db.product.findMany({
    where: { id: { in: [...new Set(offers.map(({ productId }) => productId))] } },
    select: productColumns,
  })
  const productsById = new Map(rows.map((row) => [row.id, toProductFields(row)]))
  const byEntity = new Map<string, ProductFields[]>()
  for (const { entityId, productId } of offers) {
    const found = productsById.get(productId)
    if (found) byEntity.set(entityId, [...(byEntity.get(entityId) ?? []), found])
  }
  return byEntity
}

/** The entities that a product is offered for, ordered by id. */
export const offersOf = async (db: Db, productId: string, after: string | null, limit: number) => {
  const rows = await db.offer.findMany({
    where: { productId, ...(after !== null && { entityId: { gt: after } }) },
    orderBy: { entityId: 'asc' },
    take: limit,
    select: { entity: { select: { id: true, type: true, title: true, status: true } } },
  })
  return rows.map((row) => row.entity)
}

/** How many entities a product is offered for, counted up to 1,000. */
export const offerCount = (db: Db, productId: string): Promise<number> => db.offer.count({ where: { productId }, take: 1_000 })
