import { describe, expect, test } from 'vitest'
import { decideRefund, mergeAll, project, type Snapshot } from '../src/index.ts'
import { dispute, factsFrom, paid, payment, quote, refund, session, statusOf } from './purchase-facts.ts'

describe('several payments of one purchase', () => {
  test('a second payment of one purchase is a duplicate', () => {
    const second = [session({ id: 'cs_2', paymentIntentId: 'pi_2' }), payment({ id: 'pi_2', observedAt: 120 })]
    expect(project(factsFrom(...second, ...paid), quote).duplicates.map((duplicate) => duplicate.id)).toEqual(['pi_2'])
  })

  test('of two payments, the one with the older checkout counts, even if the other was paid first', () => {
    const second = [session({ id: 'cs_2', paymentIntentId: 'pi_2', createdAt: 60 }), payment({ id: 'pi_2', observedAt: 120 })]
    const facts = factsFrom(...paid, ...second, payment({ id: 'pi_2', observedAt: 90 }))
    expect(project(facts, quote)).toMatchObject({ settlement: { id: 'pi_1' }, duplicates: [{ id: 'pi_2' }] })
  })

  test.each<[string, Snapshot]>([
    ['refunded', refund({ amount: 1 })],
    ['charged back', dispute({ status: 'lost', amount: 1 })],
  ])('after a payment with a mismatch is %s, the next one counts and can be accepted or refunded', (_, end) => {
    const mismatched = [
      session(),
      payment({ amount: 1 }),
      session({ id: 'cs_2', paymentIntentId: 'pi_2' }),
      payment({ id: 'pi_2', amount: 2 }),
    ]
    expect(project(factsFrom(...mismatched), quote)).toMatchObject({ status: 'Pending', settlement: { id: 'pi_1' } })
    const facts = factsFrom(...mismatched, end)
    const next = project(facts, quote)
    expect(next).toMatchObject({
      status: 'Pending',
      settlement: { id: 'pi_2' },
      mismatch: 'amount',
      amountPaid: 2,
      amountRefunded: 0,
    })
    expect(decideRefund(facts, next.payment, undefined)).toEqual({ paymentIntentId: 'pi_2', amount: 2 })
    const acceptance = { kind: 'acceptance' as const, id: 'pi_2', by: 'root', observedAt: 500 }
    expect(statusOf([acceptance, ...mismatched, end])).toBe('Completed')
  })

  test('all payments with a mismatch are reported while none matches the quote', () => {
    const second = [session({ id: 'cs_2', paymentIntentId: 'pi_2', userId: 'mallory', createdAt: 60 }), payment({ id: 'pi_2' })]
    const facts = factsFrom(session(), payment({ amount: 1 }), ...second)
    expect(project(facts, quote)).toMatchObject({
      mismatch: 'amount',
      duplicates: [],
      mismatchedSettlements: [
        { settlement: { id: 'pi_1' }, mismatch: 'amount' },
        { settlement: { id: 'pi_2' }, mismatch: 'user' },
      ],
    })
    const third = [session({ id: 'cs_3', paymentIntentId: 'pi_3', createdAt: 70 }), payment({ id: 'pi_3' })]
    expect(project(mergeAll(facts, third), quote)).toMatchObject({
      settlement: { id: 'pi_3' },
      mismatchedSettlements: [],
      duplicates: [{ id: 'pi_1' }, { id: 'pi_2' }],
    })
  })
})
