import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compare, type DisputeSnapshot, type Facts, isAmbiguous, merge, mergeAll, noFacts, type Snapshot } from '../src/index.ts'
import { snapshots } from './snapshots.ts'

const factsFrom = (list: Snapshot[]): Facts => mergeAll(noFacts, list)

describe('merging snapshots', () => {
  test('the same snapshots in any order lead to the same facts', () => {
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

  test('duplicates, in any interleaving, change nothing', () => {
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

  test('facts merged in parts are the same, however the parts are grouped', () => {
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

  test('the order of snapshots is total: only equal snapshots compare as equal', () => {
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

  test('merging a known snapshot returns the same facts object', () => {
    fc.assert(
      fc.property(fc.array(snapshots, { minLength: 1, maxLength: 8 }), (list) => {
        const facts = factsFrom(list)
        for (const snapshot of list) expect(merge(facts, snapshot)).toBe(facts)
      }),
    )
  })
})

test.each<[name: string, statuses: DisputeSnapshot['status'][], ambiguous: boolean]>([
  ['one snapshot is unambiguous', ['needs_response'], false],
  ['two equal snapshots are unambiguous', ['lost', 'lost'], false],
  ['two different snapshots are ambiguous', ['lost', 'appeal_under_review'], true],
  ['two different snapshots are ambiguous when the later status comes first', ['won', 'lost'], true],
])('%s for a dispute within one second, whether they are merged together or one after the other', (_, statuses, ambiguous) => {
  const disputes = statuses.map(
    (status): Snapshot => ({
      ...{ kind: 'dispute', id: 'dp_1', paymentIntentId: 'pi_1', amount: 499, refundable: false, withdrawn: true },
      ...{ status, observedAt: 1_700_000_000 },
    }),
  )
  expect(isAmbiguous(noFacts, disputes)).toBe(ambiguous)
  expect(isAmbiguous(factsFrom(disputes.slice(0, 1)), disputes.slice(1))).toBe(ambiguous)
})
