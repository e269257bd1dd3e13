import { beforeAll, describe, expect, test } from 'vitest'
import { createReads, type EntityInput, putEntities } from '../src/index.ts'
import type { EntityFilter, EntityPosition } from '../src/reads.ts'
import { useDatabase } from './test-purchase.ts'

const database = useDatabase()
const count = 1_300

/** Every title contains `common`; every n-th title contains `every<n>`. Members of the channel are in the reverse order of their ids. */
const titleOf = (n: number): string =>
  [`common`, ...[3, 40, 400].filter((step) => n % step === 0).map((step) => `every${step}`)].join(' ')
const films = Array.from(
  { length: count },
  (_, n): EntityInput => ({
    ...{
      id: `search-${String(n).padStart(4, '0')}`,
      type: 'video',
      title: titleOf(n),
      status: n % 5 === 0 ? 'draft' : 'published',
    },
    memberOf: n % 2 === 0 ? [{ id: 'search', position: count - n }] : [],
  }),
)

beforeAll(async () => {
  await putEntities(database.db, [{ id: 'search', type: 'channel', title: 'Channel' }], 'test')
  for (let start = 0; start < count; start += 1_000) await putEntities(database.db, films.slice(start, start + 1_000), 'test')
})

const expectedIds = ({ query, status, memberOf }: EntityFilter): (string | undefined)[] => {
  const words = (query ?? '').split(' ')
  const found = films.filter(
    (film) =>
      words.every((word) => film.title.split(' ').some((inTitle) => inTitle.startsWith(word))) &&
      (status === undefined || film.status === status) &&
      (memberOf === undefined || film.memberOf?.length === 1),
  )
  const ids = found.map(({ id }) => id)
  return memberOf === undefined ? ids : ids.reverse()
}

const readPages = async (filter: EntityFilter, limit: number): Promise<string[]> => {
  const ids: string[] = []
  for (let after: EntityPosition | null = null; ; ) {
    const page: EntityPosition[] = await createReads(database.db).listEntities(filter, after, limit)
    ids.push(...page.map(({ id }) => id))
    const last = page.at(-1)
    if (!last) return ids
    after = { id: last.id, position: last.position }
  }
}

describe.each([
  'common',
  'every3',
  'every40',
  'every400',
  'every',
  'com every400',
  'every3 every40',
  'nothing',
  'common nothing',
])('the search for %s returns every match once, in order, whatever the page size', (query) => {
  test.each([{}, { status: 'draft' }, { memberOf: 'search' }, { memberOf: 'search', status: 'published' }] as const)(
    '%j',
    async (filter) => {
      for (const limit of [70, 201])
        expect(await readPages({ query, ...filter }, limit)).toEqual(expectedIds({ query, ...filter }))
    },
  )
})

describe('a title is found ignoring case and accents, whatever the locale of the database', () => {
  const titles = {
    ...{ composed: 'Amélie', decomposed: 'Ame\u0301lie', cyrillic: 'Привет МИР', dotted: 'İstanbul', greek: 'ΟΔΟΣ' },
    ...{ korean: '한국 영화', japanese: 'が', ligature: 'ﬁlm noir', width: 'ＦＵＬＬ' },
  }
  beforeAll(async () => {
    const entities = Object.entries(titles).map(([id, title]): EntityInput => ({ id: `fold-${id}`, type: 'video', title }))
    await putEntities(database.db, entities, 'test')
  })

  test.each([
    ['AMÉLIE', ['composed', 'decomposed']],
    ['amelie', ['composed', 'decomposed']],
    ['ame\u0301', ['composed', 'decomposed']],
    ['мир', ['cyrillic']],
    ['ПРИВЕТ мир', ['cyrillic']],
    ['istan', ['dotted']],
    ['οδος', ['greek']],
    ['한국', ['korean']],
    ['が', ['japanese']],
    ['か', ['japanese']],
    ['film', ['ligature']],
    ['full', ['width']],
  ])('%s', async (query, found) => {
    const rows = await createReads(database.db).listEntities({ query }, null, 50)
    expect(rows.map(({ id }) => id)).toEqual(found.map((id) => `fold-${id}`))
  })
})
