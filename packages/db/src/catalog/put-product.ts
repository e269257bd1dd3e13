import { typeid } from 'typeid-js'
import { recordAudit } from '../audit.ts'
import type { Db } from '../client.ts'
import type { Prisma } from '../generated/client.ts'
import { inCatalogTransaction } from './lock.ts'
import { completeProduct, isSameProduct, type ProductFields, type ProductInput } from './product-fields.ts'
import { readProductFields } from './read-product-fields.ts'

const toJson = (product: ProductFields | null): Prisma.InputJsonObject | null =>
  product && {
    ...product,
    prices: product.prices.map((price) => ({ ...price })),
    rental: product.rental && { ...product.rental },
  }

const writeProduct = async (tx: Prisma.TransactionClient, { id, prices, rental, ...fields }: ProductFields): Promise<void> => {
  const data = {
    ...fields,
    rentalStartWithinDays: rental?.startWithinDays ?? null,
    rentalWatchWithinHours: rental?.watchWithinHours ?? null,
  }
  await tx.product.upsert({ where: { id }, create: { id, ...data }, update: data, select: { id: true } })
  await tx.price.deleteMany({ where: { productId: id } })
  await tx.price.createMany({ data: prices.map((price, position) => ({ productId: id, position, ...price })) })
}

export interface PutProductResult {
  id: string
  result: 'created' | 'updated' | 'unchanged'
}

/** Like `putProduct`, but runs in a transaction that already holds the catalog's lock. */
export const putProductIn = async (
  tx: Prisma.TransactionClient,
  input: ProductInput,
  actor: string,
): Promise<PutProductResult> => {
  const id = input.id ?? typeid('prod').toString()
  const before = await readProductFields(tx, id)
  const after = completeProduct(id, input)
  if (before && isSameProduct(before, after)) return { id, result: 'unchanged' }
  await writeProduct(tx, after)
  const action = before ? 'product.updated' : 'product.created'
  await recordAudit(tx, { actor, action, subjectId: id, before: toJson(before), after: toJson(after) })
  return { id, result: before ? 'updated' : 'created' }
}

/** Creates or replaces a product with its prices. Open checkouts keep their quote. The audit log names `actor`. */
export const putProduct = (db: Db, input: ProductInput, actor: string): Promise<PutProductResult> =>
  inCatalogTransaction(db, (tx) => putProductIn(tx, input, actor))
