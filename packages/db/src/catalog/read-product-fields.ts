import type { Db } from '../client.ts'
import { Prisma, type ProductStatus, type TaxBehavior } from '../generated/client.ts'
import { completeProduct, type ProductFields, type ProductPrice } from './product-fields.ts'

interface ProductRow {
  id: string
  name: string
  prices: ProductPrice[]
  accessDurationDays: number | null
  rentalStartWithinDays: number | null
  rentalWatchWithinHours: number | null
  status: ProductStatus
  saleFrom: Date | null
  saleUntil: Date | null
  taxCode: string | null
  taxBehavior: TaxBehavior | null
  allowPromotionCodes: boolean
  maxStreams: number | null
  keepsRemovedMembers: boolean
}

const toProductFields = ({
  rentalStartWithinDays: startWithinDays,
  rentalWatchWithinHours: watchWithinHours,
  ...row
}: ProductRow): ProductFields =>
  completeProduct(row.id, {
    ...row,
    rental: startWithinDays === null || watchWithinHours === null ? null : { startWithinDays, watchWithinHours },
    saleFrom: row.saleFrom?.toISOString() ?? null,
    saleUntil: row.saleUntil?.toISOString() ?? null,
  })

/**
 * Returns the products of `source`, a FROM clause that includes the `products` table. Prices are read in the same statement, because a
 * second statement could see a concurrent change.
 */
export const selectProducts = async (db: Db | Prisma.TransactionClient, source: Prisma.Sql): Promise<ProductFields[]> => {
  const rows = await db.$queryRaw<ProductRow[]>`
    SELECT products.id, products.name, products.access_duration_days AS "accessDurationDays",
      products.rental_start_within_days AS "rentalStartWithinDays", products.rental_watch_within_hours AS "rentalWatchWithinHours",
      products.status::text, products.sale_from AS "saleFrom", products.sale_until AS "saleUntil", products.tax_code AS "taxCode",
      products.tax_behavior::text AS "taxBehavior", products.allow_promotion_codes AS "allowPromotionCodes",
      products.max_streams AS "maxStreams", products.keeps_removed_members AS "keepsRemovedMembers",
      (SELECT coalesce(jsonb_agg(jsonb_build_object('currency', currency, 'amount', amount) ORDER BY position), '[]')
        FROM prices WHERE product_id = products.id) AS prices
    FROM ${source}`
  return rows.map(toProductFields)
}

/** Returns a product with all of its fields, even if it was withdrawn; null if it does not exist. */
export const readProductFields = async (db: Db | Prisma.TransactionClient, id: string): Promise<ProductFields | null> => {
  const [product = null] = await selectProducts(db, Prisma.sql`products WHERE id = ${id}`)
  return product
}
