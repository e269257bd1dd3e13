import { createReads, type Db, readCreateContext } from '@pay-to-view/db'
import { largeNames, product } from './requests.ts'

/** Returns the queries of the measured requests, called through the server's own functions, so that their plans can be logged. */
export const queriesOf = (db: Db): Record<string, () => Promise<unknown>> => {
  const reads = createReads(db)
  const { film, channel, deep } = largeNames
  const after = { position: 2_147_483_647, id: deep.entity }
  const list =
    (filter: Parameters<typeof reads.listEntities>[0], start: typeof after | null = null): (() => Promise<unknown>) =>
    () =>
      reads.listEntities(filter, start, 51)
  const status = 'published'
  return {
    'access.check': () => reads.access('user-4711', [film]),
    'create: context': () => readCreateContext(db, 'user-4711', product, film),
    entities: list({ status }),
    'entities: products of a page': () => reads.productsByEntity(Array.from({ length: 51 }, (_, n) => `film-${n + 7000}`)),
    'entities, by type': list({ status, type: 'video' }),
    'entities, page 1,000': list({ status }, after),
    'entities of a container': list({ status, memberOf: channel }),
    'entities of a container, last page': list({ status, memberOf: channel }, deep.member),
    'search: a word in every title': list({ status, query: 'restored' }),
    'search: a rare word': list({ status, query: 'caligari' }),
    'search: a frequent and a rare word': list({ status, query: 'restored caligari' }),
    'search: a word in 1% of the titles': list({ status, query: largeNames.percentWord }),
    'search: no match': list({ status, query: 'zzzz' }),
    'search in a container': list({ status, query: 'res', memberOf: channel }),
    'products of an entity': () => reads.productsOf(film, null, 51),
    products: () => reads.products(null, 51),
    'admin: drafts': list({ status: 'draft' }),
    'admin: archived videos': list({ status: 'archived', type: 'video' }),
    'admin: search in archived': list({ status: 'archived', query: 'fil' }),
    'admin: search in channels': list({ type: 'channel', query: 'restored' }),
    'admin: drafts of a container': list({ status: 'draft', memberOf: channel }),
    'admin: products of an entity': () => reads.allProducts({ entityId: film }, null, 51),
    'admin: offers of a product, page 1,000': () => reads.offersOf(product, deep.entity, 51),
    'admin: number of offers': () => reads.offerCount(product),
  }
}
