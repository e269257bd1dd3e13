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

/** Checkouts that are open keep the price that was quoted. False when there is no such product. */
export const changeProduct = async (db: Db, id: string, change: Partial<NewProduct> & { active?: boolean }): Promise<boolean> => {
  const { count } = await db.product.updateMany({ where: { id }, data: change })
  return count > 0
}

/** Offers a product for an entity, or takes the offer back. False when there is no such product or entity. */
export const setOffer = async (db: Db, productId: string, entityId: string, offered: boolean): Promise<boolean> => {
  if (!offered) {
    await db.offer.deleteMany({ where: { productId, entityId } })
    return true
  }
  try {
    await db.offer.createMany({ data: [{ productId, entityId }], skipDuplicates: true })
    return true
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2003') return false
    throw error
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
