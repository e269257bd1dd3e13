import { page, where } from '../http/lists.ts'
import { applyMetadata, bool, created, currency, int, metadata, paging, text } from '../http/params.ts'
import { route } from '../http/route.ts'
import { createPrice, createProduct, getPrice, getProduct } from '../model/prices.ts'

const filters = { ...paging, created: created.optional(), active: bool.optional() }

export const products = [
  route(
    'POST',
    '/v1/products',
    { name: text(), description: text().optional(), active: bool.optional(), metadata: metadata.optional() },
    (world, { metadata: given, ...params }) => {
      const product = createProduct(world, { ...params, metadata: applyMetadata({}, given) })
      world.emit('product.created', product)
      return product
    },
  ),
  route('GET', '/v1/products/:id', {}, (world, _, id) => getProduct(world, id)),
  route('GET', '/v1/products', filters, (world, { active, ...query }) =>
    page(world.store.products, '/v1/products', 'product', {
      ...query,
      matches: (item) => active === undefined || item.active === active,
    }),
  ),
]

export const prices = [
  route(
    'POST',
    '/v1/prices',
    {
      product: text(),
      currency,
      unit_amount: int(0, 99_999_999),
      nickname: text().optional(),
      active: bool.optional(),
      metadata: metadata.optional(),
    },
    (world, { metadata: given, ...params }) => {
      const product = getProduct(world, params.product).id
      const price = createPrice(world, { ...params, product, metadata: applyMetadata({}, given) })
      world.emit('price.created', { ...price })
      return price
    },
  ),
  route('GET', '/v1/prices/:id', {}, (world, _, id) => getPrice(world, id)),
  route('GET', '/v1/prices', { ...filters, product: text().optional() }, (world, { active, product, ...query }) =>
    page(world.store.prices, '/v1/prices', 'price', {
      ...query,
      where: where('product', product),
      matches: (item) => active === undefined || item.active === active,
    }),
  ),
]
