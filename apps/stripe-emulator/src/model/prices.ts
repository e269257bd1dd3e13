import { missing } from '../http/errors.ts'
import { newId } from '../ids.ts'
import type { Price, Product } from '../store/wire.ts'
import type { World } from '../world.ts'

export const getProduct = (world: World, id: string): Product => {
  const product = world.store.products.get(id)
  if (!product) throw missing('product', id)
  return product
}

export const getPrice = (world: World, id: string, param = 'price'): Price => {
  const price = world.store.prices.get(id)
  if (!price) throw missing('price', id, param, param === 'price' ? 404 : 400)
  return price
}

/** Inline ones (price_data) are made not active, as Stripe does. */
export const createProduct = (world: World, given: Pick<Product, 'name' | 'metadata'> & Partial<Product>): Product =>
  world.store.products.put({
    id: newId('product'),
    object: 'product',
    active: true,
    created: world.now(),
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
    updated: world.now(),
    url: null,
    ...given,
  })

export const createPrice = (
  world: World,
  given: Pick<Price, 'currency' | 'product'> & { unit_amount: number } & Partial<Price>,
): Price =>
  world.store.prices.put({
    id: newId('price'),
    object: 'price',
    active: true,
    billing_scheme: 'per_unit',
    created: world.now(),
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
    unit_amount_decimal: String(given.unit_amount),
    ...given,
  })
