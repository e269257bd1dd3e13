import { type Db, type PastOffer, readUnknown, type UnknownEntity, type UnknownProduct } from '@pay-to-view/db'
import { type AccessTerms, formatMoney } from '@pay-to-view/purchase'
import type { SessionPurchase } from './session-purchase.ts'

export interface UnknownCatalog {
  entities: UnknownEntity[]
  products: UnknownProduct[]
  /** Each pair of a product and an entity that was sold, if the product or the entity is missing from the catalog. */
  offers: PastOffer[]
  /** Products that were paid for but whose length of access is not known. */
  withoutLength: { id: string; payments: number; prices: string[] }[]
}

const idBatch = 5_000

/** Returns the ids that are missing from the catalog. */
const findUnknown = async (db: Db, kind: 'entityIds' | 'productIds', ids: string[]): Promise<string[]> => {
  const unknown: string[] = []
  for (let start = 0; start < ids.length; start += idBatch) {
    unknown.push(...(await readUnknown(db, { [kind]: ids.slice(start, start + idBatch) }))[kind])
  }
  return unknown
}

const groupBy = (purchases: readonly SessionPurchase[], key: 'entityId' | 'productId'): Map<string, SessionPurchase[]> => {
  const groups = new Map<string, SessionPurchase[]>()
  for (const purchase of purchases) {
    const group = groups.get(purchase[key])
    if (group) group.push(purchase)
    else groups.set(purchase[key], [purchase])
  }
  return groups
}

/** Returns the latest price in each currency, latest first. */
const pricesOf = (purchases: readonly SessionPurchase[]): UnknownProduct['prices'] => {
  const prices = new Map<string, number>()
  for (const { currency, amount } of [...purchases].reverse()) if (!prices.has(currency)) prices.set(currency, amount)
  return [...prices].map(([currency, amount]) => ({ currency, amount }))
}

const pastOffers = (purchases: readonly SessionPurchase[], unknownIds: ReadonlySet<string>): PastOffer[] => {
  const offers = new Map<string, PastOffer>()
  for (const { productId, entityId } of purchases) {
    if (unknownIds.has(productId) || unknownIds.has(entityId))
      offers.set(JSON.stringify([productId, entityId]), { productId, entityId })
  }
  return [...offers.values()]
}

/**
 * Returns the products and entities that purchases refer to but that are missing from the catalog. An entity gets the title from its latest
 * session.
 */
export const findUnknownCatalog = async (
  db: Db,
  purchases: readonly SessionPurchase[],
  lengths: ReadonlyMap<string, AccessTerms>,
): Promise<UnknownCatalog> => {
  const byEntity = groupBy(purchases, 'entityId')
  const byProduct = groupBy(purchases, 'productId')
  const entities = (await findUnknown(db, 'entityIds', [...byEntity.keys()])).map((id): UnknownEntity => {
    const sold = byEntity.get(id) ?? []
    const title = sold.findLast((purchase) => purchase.title)?.title ?? id
    return { id, type: sold.at(-1)?.entityType ?? 'content', title }
  })
  const unknownProducts = (await findUnknown(db, 'productIds', [...byProduct.keys()])).map((id) => ({
    id,
    sold: byProduct.get(id) ?? [],
  }))
  return {
    entities,
    offers: pastOffers(purchases, new Set([...entities, ...unknownProducts].map(({ id }) => id))),
    products: unknownProducts.map(({ id, sold }) => ({
      ...{ id, prices: pricesOf(sold) },
      terms: lengths.get(id) ?? { accessDurationDays: null, rental: null },
    })),
    withoutLength: unknownProducts
      .map(({ id, sold }) => ({ id, payments: sold.filter(({ isPaid }) => isPaid).length, prices: pricesOf(sold) }))
      .filter(({ id, payments }) => payments > 0 && !lengths.has(id))
      .map(({ prices, ...product }) => ({
        ...product,
        prices: prices.map(({ amount, currency }) => formatMoney(amount, currency)),
      })),
  }
}
