import { describe, expect, test } from 'vitest'
import {
  addOffers,
  createReads,
  deleteEntity,
  type EntityInput,
  putEntities,
  putProduct,
  readCreateContext,
  removeOffer,
} from '../src/index.ts'
import { insertTestPurchase, newUser, useDatabase } from './test-purchase.ts'

const database = useDatabase()
const actor = 'test'

const put = async (...items: EntityInput[]) => (await putEntities(database.db, items, actor)).map(({ result }) => result)
const film = (id: string, changes: Partial<EntityInput> = {}): EntityInput => ({
  id,
  type: 'video',
  title: `Film ${id}`,
  ...changes,
})
const audit = (subjectId: string) => database.db.auditEntry.findMany({ where: { subjectId }, orderBy: { id: 'asc' } })

describe('putEntities', () => {
  test('creates, replaces as a whole, and leaves an equal entity unchanged; each change is audited', async () => {
    const full = film('whole', {
      ...{ description: 'd', imageUrl: 'https://a.example/i.jpg', durationSeconds: 60, status: 'draft' },
      ...{ availableFrom: '2027-01-01T00:00:00Z', metadata: { b: '2', a: '1' }, playback: { provider: 'mux', playbackId: 'p' } },
    })
    expect(await put(full)).toEqual(['created'])
    expect(await put(full)).toEqual(['unchanged'])
    expect(await put({ ...full, metadata: { a: '1', b: '2' } })).toEqual(['unchanged'])
    expect(await put(film('whole'))).toEqual(['updated'])
    expect(await createReads(database.db).entity('whole')).toMatchObject({
      ...{ description: '', imageUrl: null, durationSeconds: null, status: 'published', availableFrom: null, metadata: {} },
      playback: null,
    })
    const entries = await audit('whole')
    expect(entries).toMatchObject([
      { actor, action: 'entity.created', before: null, after: { status: 'draft' } },
      { actor, action: 'entity.updated', before: { status: 'draft', imageUrl: full.imageUrl }, after: { imageUrl: null } },
    ])
  })

  test("generates an id with the type's prefix if none is given", async () => {
    const [created] = await putEntities(database.db, [{ type: 'content', title: 'Album' }], actor)
    expect(created).toMatchObject({ id: expect.stringMatching(/^cont_/), result: 'created' })
  })

  test('concurrent writes of one entity never mix: the last write wins as a whole', async () => {
    await put(film('contended'), film('shelf-0', { type: 'content' }), film('shelf-1', { type: 'content' }))
    const version = (n: number): EntityInput =>
      film('contended', { title: `v${n}`, description: `v${n}`, metadata: { version: `v${n}` }, memberOf: [`shelf-${n % 2}`] })
    await Promise.all(Array.from({ length: 20 }, (_, n) => put(version(n))))
    const stored = await createReads(database.db).entity('contended')
    const n = Number(stored?.title.slice(1))
    expect(stored).toMatchObject({ description: `v${n}`, metadata: { version: `v${n}` }, memberOf: [{ id: `shelf-${n % 2}` }] })
  })

  test('a concurrent reader sees one version of an entity: fields and containers match, in lists and searches too', async () => {
    await put(film('read', { title: 'version 0' }), film('on-0', { type: 'content' }), film('on-1', { type: 'content' }))
    const reads = createReads(database.db)
    const version = (n: number): EntityInput =>
      film('read', { title: `version ${n}`, memberOf: [`on-${n % 2}`, { id: 'list-of-read', position: 1 }] })
    await put(film('list-of-read', { type: 'channel' }), version(0))
    let isWriting = true
    const write = async (): Promise<void> => {
      for (let n = 1; n <= 60; n++) await put(version(n))
      isWriting = false
    }
    const read = async (): Promise<void> => {
      while (isWriting) {
        const lists = [{ memberOf: 'list-of-read' }, { query: 'version', memberOf: 'list-of-read' }, { query: 'version' }]
        const found = await Promise.all(lists.map((filter) => reads.listEntities(filter, null, 10)))
        for (const entity of [await reads.entity('read'), ...found.flat()]) {
          const n = Number(entity?.title.split(' ')[1])
          expect(entity?.memberOf).toContainEqual({ id: `on-${n % 2}`, position: null })
        }
      }
    }
    await Promise.all([write(), read(), read()])
  })

  test('after an entity or its container was sold, its type cannot change and it cannot be deleted', async () => {
    await put(film('show', { type: 'channel' }), film('episode', { memberOf: ['show'] }), film('sold'), film('unsold'))
    await insertTestPurchase(database.db, newUser(), { id: 'show', type: 'channel', title: 'Show' })
    await insertTestPurchase(database.db, newUser(), { id: 'sold', type: 'video', title: 'Sold' })
    for (const [id, memberOf] of [
      ['episode', ['show']],
      ['sold', []],
    ] as const) {
      const [changed] = await putEntities(database.db, [film(id, { type: 'content', memberOf })], actor)
      expect(changed).toMatchObject({ result: 'failed', error: { field: 'type', code: 'entity_in_use' } })
      expect(await deleteEntity(database.db, id, actor)).toBe('in_use')
      expect(await put(film(id, { status: 'archived', memberOf }))).toEqual(['updated'])
    }
    expect(await put(film('unsold', { type: 'content' }))).toEqual(['updated'])
    expect(await deleteEntity(database.db, 'unsold', actor)).toBe('deleted')
    expect(await deleteEntity(database.db, 'unsold', actor)).toBe('not_found')
    expect(await audit('unsold')).toMatchObject([{}, {}, { action: 'entity.deleted', after: null }])
  })

  test('a container with members cannot become a video, and deleting it removes it from its members', async () => {
    await put(film('outer', { type: 'channel' }), film('inner', { type: 'content', memberOf: ['outer'] }))
    await put(film('leaf', { memberOf: ['inner'] }))
    const [changed] = await putEntities(database.db, [film('inner', { memberOf: ['outer'] })], actor)
    expect(changed).toMatchObject({ result: 'failed', error: { field: 'type' } })
    expect(await deleteEntity(database.db, 'inner', actor)).toBe('deleted')
    const containers = await database.db.containment.findMany({ where: { memberId: 'leaf', removedAt: null } })
    expect(containers).toEqual([])
  })

  test('deleting an entity is also audited for its members and for the products that were offered for it', async () => {
    await put(film('box', { type: 'content' }), film('shelf', { type: 'content' }))
    await put(film('disc', { memberOf: ['box', { id: 'shelf', position: 1 }] }))
    await putProduct(database.db, { id: 'box-price', name: 'Box', prices: [{ currency: 'usd', amount: 499 }] }, actor)
    await addOffers(database.db, 'box-price', ['box'], actor)
    expect(await deleteEntity(database.db, 'box', 'eve')).toBe('deleted')
    const shelf = { id: 'shelf', position: 1 }
    expect((await audit('disc')).at(-1)).toMatchObject({
      ...{ actor: 'eve', action: 'entity.updated' },
      ...{ before: { memberOf: [{ id: 'box', position: null }, shelf] }, after: { title: 'Film disc', memberOf: [shelf] } },
    })
    expect((await audit('box-price')).at(-1)).toMatchObject({
      ...{ actor: 'eve', action: 'offers.removed', before: { entityIds: ['box'] }, after: null },
    })
  })
})

describe('lists', () => {
  test('are read page by page, filtered, and searched by words of the title and their prefixes', async () => {
    const reads = createReads(database.db)
    await put(film('list', { type: 'channel', title: 'List' }))
    const titles = ['Der blaue Engel', 'AC/DC: Let there be Rock', 'Blue Velvet', 'Die Büchse der Pandora', "Don't look now"]
    await put(...titles.map((title, n) => film(`list-${n}`, { title, memberOf: [{ id: 'list', position: 10 - n }] })))
    await put(film('list-9', { title: 'Blueprint', status: 'archived', memberOf: ['list'] }))
    const search = async (query: string, filter = {}) =>
      (await reads.listEntities({ query, memberOf: 'list', ...filter }, null, 50)).map(({ id }) => id).sort()
    expect(await search('')).toHaveLength(6)
    expect(await search('blue')).toEqual(['list-2', 'list-9'])
    expect(await search('BLUE', { status: 'published' })).toEqual(['list-2'])
    expect(await search('bl')).toEqual(['list-0', 'list-2', 'list-9'])
    expect(await search('engel bla')).toEqual(['list-0'])
    expect(await search('dc rock')).toEqual(['list-1'])
    expect(await search('büch')).toEqual(['list-3'])
    expect(await search("don't")).toEqual(['list-4'])
    expect(await search('lue')).toEqual([])
    expect(await search("'&|!():*<->")).toEqual([])
    // Members are ordered by position; members without a position come last.
    const ids: string[] = []
    for (let after = null as { id: string; position: number } | null; ; ) {
      const page = await reads.listEntities({ memberOf: 'list' }, after, 2)
      ids.push(...page.map(({ id }) => id))
      const last = page.at(-1)
      if (!last) break
      after = { id: last.id, position: last.position }
    }
    expect(ids).toEqual(['list-4', 'list-3', 'list-2', 'list-1', 'list-0', 'list-9'])
  })
})

describe('products and offers', () => {
  test('a concurrent reader sees one version of a product: terms and prices match', async () => {
    const reads = createReads(database.db)
    const putVersion = (n: number) =>
      putProduct(database.db, { id: 'read', name: `${n}`, prices: [{ amount: 1_000 + n, currency: 'usd' }] }, actor)
    await putVersion(0)
    let isWriting = true
    const write = async (): Promise<void> => {
      for (let n = 1; n <= 60; n++) await putVersion(n)
      isWriting = false
    }
    const read = async (): Promise<void> => {
      while (isWriting) {
        const listed = (await reads.products(null, 200)).filter(({ id }) => id === 'read')
        for (const product of [await reads.product('read'), ...listed])
          expect(product?.prices).toEqual([{ amount: 1_000 + Number(product?.name), currency: 'usd' }])
      }
    }
    await Promise.all([write(), read(), read()])
  })

  test('a product is replaced as a whole, with its prices in order', async () => {
    const product = { id: 'product', name: 'Week', prices: [{ amount: 300, currency: 'usd' }], accessDurationDays: 7 }
    expect(await putProduct(database.db, product, actor)).toEqual({ id: 'product', result: 'created' })
    expect(await putProduct(database.db, product, actor)).toEqual({ id: 'product', result: 'unchanged' })
    const prices = [{ amount: 280, currency: 'eur' }, ...product.prices]
    expect(await putProduct(database.db, { ...product, prices }, actor)).toMatchObject({ result: 'updated' })
    expect(await createReads(database.db).product('product')).toMatchObject({ prices, status: 'active', rental: null })
    expect(await audit('product')).toMatchObject([
      { action: 'product.created', before: null },
      { action: 'product.updated', before: { prices: product.prices }, after: { prices } },
    ])
  })

  test('offers are added in bulk and removed; the result lists entities that do not exist', async () => {
    const reads = createReads(database.db)
    await put(film('offered-1'), film('offered-2'))
    const { id } = await putProduct(database.db, { name: 'Bulk', prices: [{ amount: 300, currency: 'usd' }] }, actor)
    const added = await addOffers(database.db, id, ['offered-1', 'offered-2', 'offered-1', 'nothing'], actor)
    expect(added).toEqual({ added: 2, already: 0, unknown: ['nothing'] })
    expect(await addOffers(database.db, id, ['offered-1'], actor)).toEqual({ added: 0, already: 1, unknown: [] })
    expect(await addOffers(database.db, 'no-product', ['offered-1'], actor)).toBeNull()
    expect((await reads.offersOf(id, 'offered-1', 5)).map((offer) => offer.id)).toEqual(['offered-2'])
    expect(await removeOffer(database.db, id, 'offered-1', actor)).toBe(true)
    expect(await removeOffer(database.db, id, 'offered-1', actor)).toBe(false)
    expect((await reads.productsOf('offered-2', null, 5)).map((product) => product.id)).toEqual([id])
    await put(film('offered-2', { availableUntil: '2020-01-01T00:00:00Z' }))
    expect(await reads.productsOf('offered-2', null, 5)).toEqual([])
    expect((await reads.productsByEntity(['offered-2'])).size).toBe(0)
    const { terms, offered } = await readCreateContext(database.db, 'nobody', id, 'offered-2')
    expect([offered, terms?.entity.availableUntil]).toEqual([true, new Date('2020-01-01T00:00:00Z')])
  })
})
