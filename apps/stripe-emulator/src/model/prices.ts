import type { Account } from '../account.ts'
import { resourceMissing } from '../http/errors.ts'
import { newId } from '../ids.ts'
import type { Price, Product } from '../store/objects.ts'

export const getProduct = (account: Account, id: string): Product => {
  const product = account.store.products.get(id)
  if (!product) throw resourceMissing('product', id)
  return product
}

export const getPrice = (account: Account, id: string, param = 'price'): Price => {
  const price = account.store.prices.get(id)
  if (!price) throw resourceMissing('price', id, param, param === 'price' ? 404 : 400)
  return price
}

/**
 * Checks only the format of a tax code, which is txcd_ followed by eight digits (Stripe's page "Tax codes"). The emulator does not know
 * which codes exist.
 */
export const assertTaxCode = (code: string | null | undefined, param = 'tax_code'): void => {
  if (code && !/^txcd_\d{8}$/.test(code)) throw resourceMissing('tax code', code, param, 400)
}

/** Creates a product. For an inline price (price_data), the caller specifies that the product is inactive, as in Stripe. */
export const createProduct = (account: Account, fields: Pick<Product, 'name' | 'metadata'> & Partial<Product>): Product =>
  account.store.products.put({
    id: newId('product'),
    object: 'product',
    active: true,
    created: account.nowSeconds(),
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: null,
    updated: account.nowSeconds(),
    url: null,
    ...fields,
  })

export const createPrice = (
  account: Account,
  fields: Pick<Price, 'currency' | 'product'> & { unit_amount: number } & Partial<Price>,
): Price =>
  account.store.prices.put({
    id: newId('price'),
    object: 'price',
    active: true,
    billing_scheme: 'per_unit',
    created: account.nowSeconds(),
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: {},
    nickname: null,
    recurring: null,
    tax_behavior: 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: 'one_time',
    unit_amount_decimal: String(fields.unit_amount),
    ...fields,
  })
