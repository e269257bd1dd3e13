import { previousAttributes } from '../account.ts'
import { invalidParam, rejected } from '../http/errors.ts'
import { paginate, where } from '../http/lists.ts'
import { applyMetadata, bool, created, currency, int, list, metadata, nullableText, paging, text, url } from '../http/params.ts'
import { route } from '../http/route.ts'
import { assertTaxCode, createPrice, createProduct, getPrice, getProduct } from '../model/prices.ts'

const filters = { ...paging, created: created.optional(), active: bool.optional() }

const updateParams = {
  name: text().optional(),
  description: nullableText().optional(),
  active: bool.optional(),
  default_price: text().optional(),
  images: list(url).optional(),
  metadata: metadata.optional(),
  tax_code: nullableText().optional(),
  url: nullableText().optional(),
}

export const products = [
  route(
    'POST',
    '/v1/products',
    {
      id: text(500).optional(),
      name: text(),
      description: text().optional(),
      active: bool.optional(),
      images: list(url).optional(),
      metadata: metadata.optional(),
      tax_code: text().optional(),
      url: url.optional(),
    },
    (account, { metadata: metadataChange, ...params }) => {
      assertTaxCode(params.tax_code)
      if (params.id && account.store.products.get(params.id))
        throw rejected('Product already exists.', { code: 'resource_already_exists', param: 'id' })
      const product = createProduct(account, { ...params, metadata: applyMetadata({}, metadataChange) })
      account.emit('product.created', product)
      return product
    },
  ),
  route('GET', '/v1/products/:id', {}, (account, _, id) => getProduct(account, id)),
  route('POST', '/v1/products/:id', updateParams, (account, { metadata: metadataChange, default_price, ...params }, id) => {
    const before = getProduct(account, id)
    assertTaxCode(params.tax_code)
    const price = default_price === undefined ? undefined : getPrice(account, default_price, 'default_price')
    if (price && price.product !== id)
      throw invalidParam(`The price ${price.id} does not belong to the product ${id}.`, { param: 'default_price' })
    const after = account.store.products.put({
      ...before,
      ...params,
      ...(price && { default_price: price.id }),
      metadata: applyMetadata(before.metadata, metadataChange),
    })
    const previous = previousAttributes(before, after)
    if (Object.keys(previous).length === 0) return before
    const updated = account.store.products.put({ ...after, updated: account.nowSeconds() })
    account.emit('product.updated', updated, previous)
    return updated
  }),
  route('DELETE', '/v1/products/:id', {}, (account, _, id) => {
    const product = getProduct(account, id)
    if (account.store.prices.count({ index: 'product', key: id }) > 0)
      throw rejected('This product cannot be deleted because it has one or more user-created prices.')
    account.emit('product.deleted', product)
    account.store.products.remove(id)
    return { id, object: 'product', deleted: true }
  }),
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
  route(
    'POST',
    '/v1/prices/:id',
    { active: bool.optional(), metadata: metadata.optional(), nickname: nullableText().optional() },
    (account, { metadata: metadataChange, ...params }, id) => {
      const before = getPrice(account, id)
      const after = account.store.prices.put({ ...before, ...params, metadata: applyMetadata(before.metadata, metadataChange) })
      const previous = previousAttributes(before, after)
      if (Object.keys(previous).length > 0) account.emit('price.updated', { ...after }, previous)
      return after
    },
  ),
  route('GET', '/v1/prices', { ...filters, product: text().optional() }, (account, { active, product, ...query }) =>
    paginate(account.store.prices, '/v1/prices', 'price', {
      ...query,
      where: where('product', product),
      matches: (item) => active === undefined || item.active === active,
    }),
  ),
]
