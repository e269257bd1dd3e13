import type { HttpCall } from '../../src/http.ts'

/** The catalog's entities that the requests refer to. */
export interface CatalogNames {
  film: string
  channel: string
  /** The statuses by which the requests filter. In the small catalog, both are `published`, because it has only published entities. */
  hidden: { draft: string; archived: string }
  /** A word in 1% of the titles. In the small catalog, it is in every title, so that both catalogs' pages have the same number of items. */
  percentWord: string
  /** Cursors far down a list: `entity` for page 1,000 of the entities or offers, and `member` for the last page of a container. */
  deep: { entity: string; member: { position: number; id: string } }
}

export const product = `prod_0${'1'.padStart(25, '0')}`
const id = (prefix: string, n: number): string => `${prefix}_0${n.toString(16).padStart(25, '0')}`

export const smallNames: CatalogNames = {
  film: id('vid', 4),
  channel: id('chan', 1),
  hidden: { draft: 'published', archived: 'published' },
  percentWord: 'restored',
  deep: { entity: 'a', member: { position: 0, id: 'a' } },
}

export const largeNames: CatalogNames = {
  film: 'film-77777',
  channel: 'channel-77',
  hidden: { draft: 'draft', archived: 'archived' },
  percentWord: 'silent',
  deep: { entity: 'film-5000', member: { position: 900, id: 'film-90076' } },
}

const clientPath = '/client/v1/pay-to-view'
const adminPath = '/admin/v1/pay-to-view'
const lastPosition = 2_147_483_647

/** Encodes a cursor in the same way as packages/api (cursor.ts). */
const encodeCursor = (values: readonly (string | number)[]): string => Buffer.from(JSON.stringify(values)).toString('base64url')

const query = (parameters: Record<string, string | number>): string =>
  new URLSearchParams(Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)])).toString()

export interface CatalogRequest {
  path: string
  caller: 'anonymous' | 'user' | 'admin'
  /** The body of a create request. The user of this request has not bought anything. */
  body?: object
}

const searches = {
  'a word in every title': 'restored',
  'a prefix in every title': 'res',
  'a rare word': 'caligari',
  'a rare prefix': 'calig',
  'a frequent and a rare word': 'restored caligari',
  'two prefixes': 'fil rest',
  'no match': 'zzzz',
  'no match with a frequent word': 'restored zzzz',
}

/** Returns the measured requests by name. Pages have at most `limit` items. */
export const requestsOf = (
  { film, channel, hidden, percentWord, deep }: CatalogNames,
  limit: number,
): Record<string, CatalogRequest> => {
  const get = (
    path: string,
    parameters: Record<string, string | number> = {},
    caller: CatalogRequest['caller'] = 'anonymous',
  ) => ({
    path: `${path}?${query(parameters)}`,
    caller,
  })
  const entities = `${clientPath}/entities`
  const adminEntities = (parameters: Record<string, string | number>) =>
    get(`${adminPath}/entities`, { limit, ...parameters }, 'admin')
  const after = encodeCursor([lastPosition, deep.entity])
  return {
    'access.check': get(`${clientPath}/access`, { entityId: film }, 'user'),
    create: {
      path: `${clientPath}/purchases`,
      caller: 'user',
      body: { payToViewProductId: product, entityId: film, returnUrl: 'https://yoursite.com/done' },
    },
    entities: get(entities, { limit }),
    'entities, by type': get(entities, { limit, type: 'video' }),
    'entities, page 1,000': get(entities, { limit, cursor: after }),
    'entities of a container': get(entities, { limit, memberOf: channel }),
    'entities of a container, last page': get(entities, {
      ...{ limit, memberOf: channel, cursor: encodeCursor([deep.member.position, deep.member.id]) },
    }),
    ...Object.fromEntries(
      Object.entries(searches).map(([name, text]) => [`search: ${name}`, get(entities, { limit, query: text })]),
    ),
    'search: a word in 1% of the titles': get(entities, { limit, query: percentWord }),
    'search in a container': get(entities, { limit, query: 'res', memberOf: channel }),
    'search, page 1,000': get(entities, { limit, query: 'restored', cursor: after }),
    'one entity': get(`${entities}/${film}`),
    products: get(`${clientPath}/products`),
    'products of an entity': get(`${clientPath}/products`, { entityId: film }),
    'admin: entities': adminEntities({}),
    'admin: entities, page 1,000': adminEntities({ cursor: after }),
    'admin: drafts': adminEntities({ status: hidden.draft }),
    'admin: archived channels': adminEntities({ status: hidden.archived, type: 'channel' }),
    'admin: archived videos': adminEntities({ status: hidden.archived, type: 'video' }),
    'admin: search in drafts': adminEntities({ status: hidden.draft, query: 'restored' }),
    'admin: search in archived': adminEntities({ status: hidden.archived, query: 'fil' }),
    'admin: search in channels': adminEntities({ type: 'channel', query: 'restored' }),
    'admin: members of a container': adminEntities({ memberOf: channel }),
    'admin: drafts of a container': adminEntities({ memberOf: channel, status: hidden.draft }),
    'admin: products': get(`${adminPath}/products`, {}, 'admin'),
    'admin: products of an entity': get(`${adminPath}/products`, { entityId: film }, 'admin'),
    'admin: offers of a product': get(`${adminPath}/products/${product}/offers`, { limit }, 'admin'),
    'admin: offers of a product, page 1,000': get(
      `${adminPath}/products/${product}/offers`,
      { limit, cursor: encodeCursor([deep.entity]) },
      'admin',
    ),
    'admin: number of offers': get('/trpc/admin.products.offers.count', { input: JSON.stringify({ id: product }) }, 'admin'),
  }
}

export const toHttpCall = ({ body }: CatalogRequest, token: string | undefined): HttpCall => ({
  headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  ...(body && { method: 'POST' as const, body: JSON.stringify(body) }),
})
