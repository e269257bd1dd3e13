import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compare, type DisputeSnapshot, type Facts, isAmbiguous, merge, mergeAll, noFacts, type Snapshot } from '../src/index.ts'
import { snapshots } from './snapshots.ts'

const factsFrom = (list: Snapshot[]): Facts => mergeAll(noFacts, list)

describe('merging what Stripe tells us', () => {
  test('any order of the same snapshots ends in the same facts', () => {
    fc.assert(
      fc.property(
        fc
          .array(snapshots, { maxLength: 12 })
          .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, shuffled]) => {
          expect(factsFrom(shuffled)).toEqual(factsFrom(list))
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('telling everything twice, in any interleaving, changes nothing', () => {
    fc.assert(
      fc.property(
        fc
          .array(snapshots, { maxLength: 10 })
          .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2 }))),
        ([list, doubled]) => {
          expect(factsFrom(doubled)).toEqual(factsFrom(list))
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('facts gathered in two places join to the same, whichever way they are grouped', () => {
    const some = fc.array(snapshots, { maxLength: 6 })
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        const left = mergeAll(factsFrom([...a, ...b]), Object.values(factsFrom(c)))
        const right = mergeAll(factsFrom(a), Object.values(factsFrom([...b, ...c])))
        expect(left).toEqual(right)
      }),
      { numRuns: 1000 },
    )
  })

  test('the order of snapshots is total: a tie means equal snapshots', () => {
    fc.assert(
      fc.property(snapshots, snapshots, snapshots, (a, b, c) => {
        if (a.kind !== b.kind || b.kind !== c.kind) return
        expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) || 0)
        if (compare(a, b) === 0) expect(a).toEqual(b)
        if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0)
      }),
      { numRuns: 5000 },
    )
  })

  test('a snapshot that says nothing new gives back the very same facts', () => {
    fc.assert(
      fc.property(fc.array(snapshots, { minLength: 1, maxLength: 8 }), (list) => {
        const facts = factsFrom(list)
        for (const snapshot of list) expect(merge(facts, snapshot)).toBe(facts)
      }),
    )
  })
})

test.each<[name: string, told: DisputeSnapshot['status'][], contested: boolean]>([
  ['one telling', ['needs_response'], false],
  ['the same one twice', ['lost', 'lost'], false],
  ['two that differ', ['lost', 'appeal_under_review'], true],
  ['two that differ, the first further on', ['won', 'lost'], true],
])("one second of Stripe's clock with %s of a dispute, together or one after the other", (_, told, contested) => {
  const said = told.map(
    (status): Snapshot => ({
      ...{ kind: 'dispute', id: 'dp_1', paymentIntentId: 'pi_1', amount: 499, refundable: false, withdrawn: true },
      ...{ status, observedAt: 1_700_000_000 },
    }),
  )
  expect(isAmbiguous(noFacts, said)).toBe(contested)
  expect(isAmbiguous(factsFrom(said.slice(0, 1)), said.slice(1))).toBe(contested)
})
