import type { EntityType } from './ids.ts'

/** The fields that determine whether an entity can be bought with a product. */
export interface SaleTerms {
  entity: {
    id: string
    type: EntityType
    status: 'draft' | 'published' | 'archived'
    availableUntil: Date | null
    /** When an operator canceled the entity; null if it was not canceled. */
    canceledAt: Date | null
  }
  product: {
    id: string
    status: 'active' | 'withdrawn'
    saleFrom: Date | null
    saleUntil: Date | null
  }
}

/** The reason why an entity cannot be bought. */
export type SaleRejection =
  | { rejected: 'not_published' }
  | { rejected: 'not_on_sale'; subject: 'product' | 'entity'; message: string }

/** Returns why an entity cannot be bought with a product that is offered for it, or null if it can. */
export const rejectSale = ({ product, entity }: SaleTerms, now: Date): SaleRejection | null => {
  const notOnSale = (subject: 'product' | 'entity', message: string): SaleRejection => ({
    rejected: 'not_on_sale',
    subject,
    message,
  })
  if (entity.status !== 'published') return { rejected: 'not_published' }
  if (entity.canceledAt !== null) return notOnSale('entity', `${entity.id} was canceled at ${entity.canceledAt.toISOString()}`)
  if (product.status !== 'active') return notOnSale('product', `${product.id} is withdrawn from sale`)
  if (product.saleFrom !== null && product.saleFrom > now)
    return notOnSale('product', `${product.id} goes on sale at ${product.saleFrom.toISOString()}`)
  if (product.saleUntil !== null && product.saleUntil <= now)
    return notOnSale('product', `The sale of ${product.id} ended at ${product.saleUntil.toISOString()}`)
  if (entity.availableUntil !== null && entity.availableUntil <= now)
    return notOnSale('entity', `The sale of ${entity.id} ended at ${entity.availableUntil.toISOString()}`)
  return null
}
