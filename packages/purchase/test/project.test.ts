import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isActiveRefund, type PurchaseTerms, project } from '../src/index.ts'
import { factsFrom, paid, payment, quote, session } from './purchase-facts.ts'
import { snapshots } from './snapshots.ts'

describe('access', () => {
  test('is counted from the earliest paid snapshot, to the second', () => {
    const facts = factsFrom(...paid, payment({ observedAt: 90 }), payment({ observedAt: 150 }))
    expect(project(facts, quote)).toMatchObject({ entitled: true, paidAt: 90, startsAt: 90 })
  })

  test('is granted for any facts if and only if the purchase is completed', () => {
    const small: PurchaseTerms = { ...quote, amount: 2 }
    fc.assert(
      fc.property(fc.array(snapshots, { maxLength: 14 }), (list) => {
        const projection = project(factsFrom(...list), small)
        expect(projection.entitled && projection.paidAt !== null).toBe(projection.status === 'Completed')
        expect(projection.amountRefunded).toBeLessThanOrEqual(projection.amountPaid)
        const accepted = list.some((fact) => fact.kind === 'acceptance' && fact.id === projection.settlement?.id)
        if (projection.status === 'Completed' && !accepted) expect(projection.payment?.amount).toBe(2)
      }),
      { numRuns: 3000 },
    )
  })

  test('is not granted when the active refunds add up to the amount paid', () => {
    fc.assert(
      fc.property(fc.array(snapshots, { maxLength: 14 }), (list) => {
        const facts = factsFrom(...list)
        const { payment: counted, status } = project(facts, { ...quote, amount: 2 })
        if (!counted) return
        const refunded = Object.values(facts)
          .filter((fact) => fact.kind === 'refund' && fact.paymentIntentId === counted.id && isActiveRefund(fact))
          .reduce((sum, fact) => sum + (fact.kind === 'refund' ? fact.amount : 0), 0)
        expect(status === 'Refunded').toBe(refunded >= counted.amount)
      }),
      { numRuns: 3000 },
    )
  })

  test('is granted for a different amount after an operator has accepted the payment', () => {
    const other = [session({}), payment({ amount: 300 })]
    expect(project(factsFrom(...other), quote)).toMatchObject({ status: 'Pending', mismatch: 'amount' })
    const acceptance = { kind: 'acceptance' as const, id: 'pi_1', by: 'root', observedAt: 500 }
    expect(project(factsFrom(acceptance, ...other), quote)).toMatchObject({
      status: 'Completed',
      mismatch: null,
      amountPaid: 300,
    })
  })
})
