import { paginate, where } from '../http/lists.ts'
import { applyMetadata, bool, created, currency, int, metadata, paging, text } from '../http/params.ts'
import { route } from '../http/route.ts'
import { createPrice, createProduct, getPrice, getProduct } from '../model/prices.ts'

const filters = { ...paging, created: created.optional(), active: bool.optional() }

export const products = [
  route(
    'POST',
    '/v1/products',
    { name: text(), description: text().optional(), active: bool.optional(), metadata: metadata.optional() },
    (account, { metadata: metadataChange, ...params }) => {
      const product = createProduct(account, { ...params, metadata: applyMetadata({}, metadataChange) })
      account.emit('product.created', product)
      return product
    },
  ),
  route('GET', '/v1/products/:id', {}, (account, _, id) => getProduct(account, id)),
  route('GET', '/v1/products', filters, (account, { active, ...query }) =>
    paginate(account.store.products, '/v1/products', 'product', {
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
    (account, { metadata: metadataChange, ...params }) => {
      const product = getProduct(account, params.product).id
      const price = createPrice(account, { ...params, product, metadata: applyMetadata({}, metadataChange) })
      account.emit('price.created', { ...price })
      return price
    },
  ),
  route('GET', '/v1/prices/:id', {}, (account, _, id) => getPrice(account, id)),
  route('GET', '/v1/prices', { ...filters, product: text().optional() }, (account, { active, product, ...query }) =>
    paginate(account.store.prices, '/v1/prices', 'price', {
      ...query,
      where: where('product', product),
      matches: (item) => active === undefined || item.active === active,
    }),
  ),
]
