import type { Rental } from '@pay-to-view/purchase'
import type { ProductStatus, TaxBehavior } from '../generated/client.ts'

/** `amount` is in minor units. */
export interface ProductPrice {
  currency: string
  amount: number
}

/** The input for writing a product. Omitted fields get their defaults. Times are ISO 8601. The caller has already validated the input. */
export interface ProductInput {
  /** The site's own id; generated if omitted. */
  id?: string
  name: string
  /** One price per currency; the first is the default. */
  prices: readonly ProductPrice[]
  /** Null gives permanent access, unless the product is a rental. */
  accessDurationDays?: number | null
  rental?: Rental | null
  status?: ProductStatus
  saleFrom?: string | null
  saleUntil?: string | null
  taxCode?: string | null
  taxBehavior?: TaxBehavior | null
  allowPromotionCodes?: boolean
  maxStreams?: number | null
  keepsRemovedMembers?: boolean
}

/** A product with all of its fields, as stored, audited and exported. */
export interface ProductFields {
  id: string
  name: string
  prices: ProductPrice[]
  accessDurationDays: number | null
  rental: Rental | null
  status: ProductStatus
  saleFrom: string | null
  saleUntil: string | null
  taxCode: string | null
  taxBehavior: TaxBehavior | null
  allowPromotionCodes: boolean
  maxStreams: number | null
  keepsRemovedMembers: boolean
}

const toTime = (time: string | null | undefined): string | null => (time == null ? null : new Date(time).toISOString())

/** Fills in the defaults of omitted fields. */
export const completeProduct = (id: string, input: ProductInput): ProductFields => ({
  id,
  name: input.name,
  prices: input.prices.map(({ currency, amount }) => ({ currency, amount })),
  accessDurationDays: input.accessDurationDays ?? null,
  rental: input.rental
    ? { startWithinDays: input.rental.startWithinDays, watchWithinHours: input.rental.watchWithinHours }
    : null,
  status: input.status ?? 'active',
  saleFrom: toTime(input.saleFrom),
  saleUntil: toTime(input.saleUntil),
  taxCode: input.taxCode ?? null,
  taxBehavior: input.taxBehavior ?? null,
  allowPromotionCodes: input.allowPromotionCodes ?? false,
  maxStreams: input.maxStreams ?? null,
  keepsRemovedMembers: input.keepsRemovedMembers ?? false,
})

export const isSameProduct = (a: ProductFields, b: ProductFields): boolean => JSON.stringify(a) === JSON.stringify(b)
