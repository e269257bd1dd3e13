import type { EntityFields, ProductFields } from '@pay-to-view/db'
import { rejectSale, type SaleTerms } from '@pay-to-view/purchase'

const toDate = (time: string | null): Date | null => (time === null ? null : new Date(time))

const saleTerms = (entity: EntityFields, product: ProductFields): SaleTerms => ({
  entity: {
    ...{ id: entity.id, type: entity.type, status: entity.status },
    availableUntil: toDate(entity.availableUntil),
    canceledAt: toDate(entity.canceledAt),
  },
  product: { id: product.id, status: product.status, saleFrom: toDate(product.saleFrom), saleUntil: toDate(product.saleUntil) },
})

/** Whether `purchases.create` would sell the entity with a product that is offered for it. */
export const isOnSale = (entity: EntityFields, product: ProductFields, now: Date): boolean =>
  rejectSale(saleTerms(entity, product), now) === null
