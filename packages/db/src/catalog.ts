import { typeid } from 'typeid-js'
import type { Db } from './client.ts'
import { Prisma } from './generated/client.ts'

/** A price in minor units, and the days of access that it buys; null for access without an end. */
export interface NewProduct {
  name: string
  amount: number
  currency: string
  accessDurationDays: number | null
}

export const createProduct = async (db: Db, product: NewProduct): Promise<string> => {
  const id = typeid('prod').toString()
  await db.product.create({ data: { id, ...product } })
  return id
}

/** What a product costs now; null when there is no such product. */
export const readPrice = (db: Db, id: string): Promise<Pick<NewProduct, 'amount' | 'currency'> | null> =>
  db.product.findUnique({ where: { id }, select: { amount: true, currency: true } })

/** Checkouts that are open keep the price that was quoted. */
export const changeProduct = async (db: Db, id: string, change: Partial<NewProduct> & { active?: boolean }): Promise<void> => {
  await db.product.update({ where: { id }, data: change, select: { id: true } })
}

/** Offers a product for an entity, or takes the offer back. Returns which of the two there is not. */
export const setOffer = async (
  db: Db,
  productId: string,
  entityId: string,
  offered: boolean,
): Promise<'product' | 'entity' | null> => {
  if (!offered) {
    await db.offer.deleteMany({ where: { productId, entityId } })
    return null
  }
  try {
    await db.offer.createMany({ data: [{ productId, entityId }], skipDuplicates: true })
    return null
  } catch (error) {
    if (!(error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2003')) throw error
    return (await readPrice(db, productId)) ? 'entity' : 'product'
  }
}

/** An operator has dealt with an alert. False when there is no such alert, or somebody else has. */
export const resolveAlert = async (db: Db, id: bigint, by: string): Promise<boolean> => {
  const { count } = await db.alert.updateMany({
    where: { id, resolvedAt: null },
    data: { resolvedAt: new Date(), resolvedBy: by },
  })
  return count > 0
}
