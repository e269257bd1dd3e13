import fc from 'fast-check'
import { expect, test } from 'vitest'
import { putEntities } from '../src/index.ts'
import { useDatabase } from './test-purchase.ts'

const database = useDatabase()

let runs = 0

/**
 * Creates entities with ids that are unique to this test run. All entities have the type `content`, so any entity can contain any other
 * entity.
 */
const createEntities = async (count: number) => {
  const prefix = `run${++runs}-`
  const id = (n: number): string => prefix + n
  const put = (n: number, containers: readonly number[]) =>
    putEntities(database.db, [{ id: id(n), type: 'content', title: `Content ${n}`, memberOf: containers.map(id) }], 'test')
  await putEntities(
    database.db,
    Array.from({ length: count }, (_, n) => ({ id: id(n), type: 'content' as const, title: `Content ${n}` })),
    'test',
  )
  const own = { memberId: { startsWith: prefix } }
  const memberships = () => database.db.membership.findMany({ where: own })
  const containments = () => database.db.containment.findMany({ where: own })
  return { id, put, memberships, containments }
}

type Edge = { memberId: string; containerId: string }

/** Calculates the closure naively, level by level: the depth of each container above each member. */
const closureOf = (edges: readonly Edge[]): Map<string, number> => {
  const closure = new Map<string, number>()
  for (const member of new Set(edges.map(({ memberId }) => memberId))) {
    let level = [member]
    for (let depth = 1; level.length > 0 && depth <= 20; depth++) {
      level = edges.filter(({ memberId }) => level.includes(memberId)).map(({ containerId }) => containerId)
      for (const container of level) {
        const key = `${member} in ${container}`
        if (!closure.has(key)) closure.set(key, depth)
      }
    }
  }
  return closure
}

const sorted = (closure: Map<string, number>) => [...closure].sort(([a], [b]) => (a < b ? -1 : 1))

const size = 7
const write = fc.record({
  entity: fc.nat(size - 1),
  containers: fc.uniqueArray(fc.nat(size - 1), { maxLength: 3 }),
})

test('the stored containers match the memberships after any writes, even concurrent ones', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(write, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 }),
      async (rounds) => {
        const { put, memberships, containments } = await createEntities(size)
        const seen = new Set<string>()
        for (const round of rounds) {
          await Promise.all(round.map(({ entity, containers }) => put(entity, containers)))
          const expected = closureOf(await memberships())
          const stored = await containments()
          const active = stored.filter(({ removedAt }) => removedAt === null)
          const actual = new Map(active.map(({ memberId, containerId, depth }) => [`${memberId} in ${containerId}`, depth]))
          expect(sorted(actual)).toEqual(sorted(expected))
          // No entity contains itself.
          for (const { memberId, containerId } of stored) expect(memberId).not.toBe(containerId)
          // Pairs that were removed are kept in the table.
          for (const key of expected.keys()) seen.add(key)
          expect(stored.map(({ memberId, containerId }) => `${memberId} in ${containerId}`)).toEqual(
            expect.arrayContaining([...seen]),
          )
        }
      },
    ),
    { numRuns: 25 },
  )
}, 120_000)

test('a write is rejected if and only if it would close a cycle', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(write, { maxLength: 12 }), async (writes) => {
      const { id, put, memberships } = await createEntities(size)
      for (const { entity, containers } of writes) {
        const others = (await memberships()).filter(({ memberId }) => memberId !== id(entity))
        const after = [...others, ...containers.map((n) => ({ memberId: id(entity), containerId: id(n) }))]
        const isCycle = [...closureOf(after).keys()].some((key) => {
          const [member, container] = key.split(' in ')
          return member === container
        })
        const [result] = await put(entity, containers)
        expect(result?.result === 'failed' ? result.error.field : null).toBe(isCycle ? 'memberOf' : null)
      }
    }),
    { numRuns: 20 },
  )
}, 120_000)

test('of two concurrent writes that together close a cycle, one is rejected', async () => {
  const { put } = await createEntities(2)
  const results = (await Promise.all([put(0, [1]), put(1, [0])])).flat().map(({ result }) => result)
  expect(results.sort()).toEqual(['failed', 'updated'])
})

test('an entity may have eight levels of containers above it, counted along the longest chain', async () => {
  const { id, put, containments } = await createEntities(12)
  for (let n = 1; n <= 8; n++) expect(await put(n, [n - 1])).toMatchObject([{ result: 'updated' }])
  const error = { field: 'memberOf', message: expect.stringContaining('at most 8 levels') }
  expect(await put(9, [8])).toMatchObject([{ result: 'failed', error }])
  // This would extend the chain at its upper end.
  expect(await put(0, [10])).toMatchObject([{ result: 'failed', error }])
  // A shorter path to the same container does not reduce the number of levels.
  expect(await put(9, [8, 0])).toMatchObject([{ result: 'failed', error }])
  expect(await put(9, [7, 0])).toMatchObject([{ result: 'updated' }])
  const depths = (await containments())
    .filter(({ memberId }) => memberId === id(9))
    .map(({ containerId, depth }) => [containerId, depth])
  expect(depths).toContainEqual([id(0), 1])
  expect(depths).toContainEqual([id(1), 7])
})

test('a container that is reached by two paths is one containment, which remains while one of the paths does', async () => {
  const { id, put, containments } = await createEntities(4)
  await put(1, [0])
  await put(2, [0])
  await put(3, [1, 2])
  const top = async () => (await containments()).find(({ memberId, containerId }) => memberId === id(3) && containerId === id(0))
  expect(await top()).toMatchObject({ depth: 2, removedAt: null })
  await put(3, [2])
  expect(await top()).toMatchObject({ depth: 2, removedAt: null })
  await put(2, [])
  expect(await top()).toMatchObject({ removedAt: expect.any(Date) })
  await put(3, [0])
  expect(await top()).toMatchObject({ depth: 1, removedAt: null })
})

test('a container may come after its members in a batch, and the members of an invalid container fail too', async () => {
  const { db } = database
  const results = await putEntities(
    db,
    [
      { id: 'late:film', type: 'video', title: 'Film', memberOf: ['late:season'] },
      { id: 'late:season', type: 'content', title: 'Season', memberOf: [{ id: 'late:show', position: 2 }] },
      { id: 'late:show', type: 'channel', title: 'Show' },
      { id: 'late:orphan', type: 'video', title: 'Orphan', memberOf: ['late:missing'] },
      { id: 'late:clip', type: 'video', title: 'Clip', memberOf: ['late:film'] },
      { id: 'late:a', type: 'content', title: 'A', memberOf: ['late:b'] },
      { id: 'late:b', type: 'content', title: 'B', memberOf: ['late:a'] },
      { id: 'late:film', type: 'video', title: 'Again' },
    ],
    'test',
  )
  expect(results.map(({ result }) => result)).toEqual([
    ...['created', 'created', 'created', 'failed', 'failed', 'failed', 'failed', 'failed'],
  ])
  expect(results.flatMap((item) => (item.result === 'failed' ? [item.error.field] : []))).toEqual([
    ...['memberOf', 'memberOf', 'memberOf', 'memberOf', 'id'],
  ])
  const containers = await db.containment.findMany({ where: { memberId: 'late:film' }, orderBy: { depth: 'asc' } })
  expect(containers).toMatchObject([
    { containerId: 'late:season', depth: 1 },
    { containerId: 'late:show', depth: 2 },
  ])
})
