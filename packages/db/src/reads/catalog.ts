import type { Db } from '../client.ts'
import type { Entity, Prisma, Product } from '../generated/client.ts'

export type EntityRow = Pick<Entity, keyof typeof entityColumns>
export type ProductRow = Pick<Product, 'id' | 'name' | 'amount' | 'currency' | 'accessDurationDays' | 'active'> & {
  /** The entities that the product is offered for. */
  entities: EntityRow[]
}

/** An entity with everything that its page shows. */
export interface EntityDetail extends EntityRow {
  channel: EntityRow | null
  /** The videos of a channel. */
  videos: EntityRow[]
  /** The active products that are offered for it. */
  products: Omit<ProductRow, 'entities'>[]
}

const entityColumns = { id: true, title: true, description: true, channelId: true } satisfies Prisma.EntitySelect
const priceColumns = {
  id: true,
  name: true,
  amount: true,
  currency: true,
  accessDurationDays: true,
  active: true,
} satisfies Prisma.ProductSelect

const productColumns = {
  ...priceColumns,
  offers: { select: { entity: { select: entityColumns } }, orderBy: { entityId: 'asc' } },
} satisfies Prisma.ProductSelect

const toProduct = ({ offers, ...product }: Prisma.ProductGetPayload<{ select: typeof productColumns }>): ProductRow => ({
  ...product,
  entities: offers.map((offer) => offer.entity),
})

/** The active products, of one entity (then without their other entities) or of all. Ids grow with time, so the oldest come first. */
export const products = async (db: Db, entityId?: string): Promise<ProductRow[]> => {
  const ofEntity = entityId === undefined ? undefined : { entityId }
  const rows = await db.product.findMany({
    where: { active: true, ...(ofEntity && { offers: { some: ofEntity } }) },
    orderBy: { id: 'asc' },
    select: { ...productColumns, offers: { ...productColumns.offers, where: ofEntity } },
  })
  return rows.map(toProduct)
}

/** All products including withdrawn ones, newest first. */
export const allProducts = async (db: Db): Promise<ProductRow[]> =>
  (await db.product.findMany({ orderBy: { id: 'desc' }, select: productColumns })).map(toProduct)

/** Finds withdrawn products too, because a user's history names them. */
export const product = async (db: Db, id: string): Promise<ProductRow | null> => {
  const row = await db.product.findUnique({ where: { id }, select: productColumns })
  return row && toProduct(row)
}

/** All entities, or only the videos of a channel. */
export const entities = (db: Db, channelId?: string): Promise<EntityRow[]> =>
  db.entity.findMany({ where: { channelId }, orderBy: { id: 'asc' }, select: entityColumns })

export const entity = async (db: Db, id: string): Promise<EntityDetail | null> => {
  const row = await db.entity.findUnique({
    where: { id },
    select: {
      ...entityColumns,
      channel: { select: entityColumns },
      videos: { select: entityColumns, orderBy: { id: 'asc' } },
      offers: {
        where: { product: { active: true } },
        orderBy: { productId: 'asc' },
        select: { product: { select: priceColumns } },
      },
    },
  })
  if (!row) return null
  const { offers, ...rest } = row
  return { ...rest, products: offers.map((offer) => offer.product) }
}
