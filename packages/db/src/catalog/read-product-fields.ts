import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'
import { completeProduct, type ProductFields } from './product-fields.ts'

export const productColumns = {
  ...{ id: true, name: true, accessDurationDays: true, rentalStartWithinDays: true, rentalWatchWithinHours: true, status: true },
  ...{ saleFrom: true, saleUntil: true, taxCode: true, taxBehavior: true, allowPromotionCodes: true, maxStreams: true },
  keepsRemovedMembers: true,
  prices: { select: { currency: true, amount: true }, orderBy: { position: 'asc' } },
} satisfies Prisma.ProductSelect

export const toProductFields = ({
  rentalStartWithinDays: startWithinDays,
  rentalWatchWithinHours: watchWithinHours,
  ...row
}: Prisma.ProductGetPayload<{ select: typeof productColumns }>): ProductFields =>
  completeProduct(row.id, {
    ...row,
    rental: startWithinDays === null || watchWithinHours === null ? null : { startWithinDays, watchWithinHours },
    saleFrom: row.saleFrom?.toISOString() ?? null,
    saleUntil: row.saleUntil?.toISOString() ?? null,
  })

/** A product with all its fields, even if it is withdrawn; null if it does not exist. */
export const readProductFields = async (db: Db | Prisma.TransactionClient, id: string): Promise<ProductFields | null> => {
  const row = await db.product.findUnique({ where: { id }, select: productColumns })
  return row && toProductFields(row)
}

/** All products after an id, ordered by id: for the import and the export. */
export const readProductPage = async (db: Db, after: string | null, limit: number): Promise<ProductFields[]> => {
  const rows = await db.product.findMany({
    where: after === null ? {} : { id: { gt: after } },
    orderBy: { id: 'asc' },
    take: limit,
    select: productColumns,
  })
  return rows.map(toProductFields)
}
