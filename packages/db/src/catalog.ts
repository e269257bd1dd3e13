import { typeid } from 'typeid-js'
import type { Db } from './client.ts'
import { Prisma } from './generated/client.ts'

/** `amount` is in minor units; null days give permanent access. */
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

/** The current price of a product; null if the product does not exist. */
export const readPrice = (db: Db, id: string): Promise<Pick<NewProduct, 'amount' | 'currency'> | null> =>
  db.product.findUnique({ where: { id }, select: { amount: true, currency: true } })

/** Open checkouts keep their quoted price. */
export const changeProduct = async (db: Db, id: string, change: Partial<NewProduct> & { active?: boolean }): Promise<void> => {
  await db.product.update({ where: { id }, data: change, select: { id: true } })
}

/** Adds or removes the offer of a product for an entity. Returns which of the two does not exist, null if both do. */
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
