import { describe, expect, test } from 'vitest'
import { decideAccess, decideRefund, project, type Snapshot } from '../src/index.ts'
import { dispute, factsFrom, paid, payment, quote, refund, session } from './purchase-facts.ts'

describe('across purchases', () => {
  const completed = project(factsFrom(...paid), quote)
  const context = { ownGrant: 'none', isExpired: false, isCoveredByOthers: false } as const
  test.each([
    ['the first payment grants access', context, 'grant'],
    ['a payment for access that the user has is refunded', { ...context, isCoveredByOthers: true }, 'refund_duplicate'],
    [
      'a restored payment gives access again, even if there is a later payment',
      { ...context, ownGrant: 'ended', isCoveredByOthers: true },
      'grant',
    ],
    ['a restored payment alone grants access again', { ...context, ownGrant: 'ended' }, 'grant'],
    [
      'a restored payment whose access has expired changes nothing',
      { ...context, ownGrant: 'ended', isExpired: true, isCoveredByOthers: true },
      'keep',
    ],
    [
      'a payment whose buyer has withdrawn does not give access again, even if its refund failed',
      { ...context, ownGrant: 'ended', isWithdrawn: true },
      'revoke',
    ],
  ] as const)('%s', (_, entitlements, expected) => {
    expect(decideAccess(completed, entitlements)).toBe(expected)
  })

  test('a refund revokes access', () => {
    expect(
      decideAccess(project(factsFrom(...paid, refund()), quote), {
        ownGrant: 'granted',
        isExpired: false,
        isCoveredByOthers: false,
      }),
    ).toBe('revoke')
  })
})

describe('a refund request', () => {
  const decide = (list: Snapshot[], amount?: number) =>
    decideRefund(factsFrom(...list), project(factsFrom(...list), quote).payment, amount)
  const paidDinars = [session(), payment({ currency: 'kwd' })]
  test.each<[string, Snapshot[], number | undefined, object]>([
    ['before payment', [], undefined, { rejected: 'not_paid' }],
    ['in full', paid, undefined, { paymentIntentId: 'pi_1', amount: 499 }],
    ['of part of the payment', paid, 100, { paymentIntentId: 'pi_1', amount: 100 }],
    ['of the remaining amount', [...paid, refund({ amount: 100 })], undefined, { paymentIntentId: 'pi_1', amount: 399 }],
    ['of more than the remaining amount', [...paid, refund({ amount: 100 })], 400, { rejected: 'amount_too_large' }],
    ['of an amount that Stripe cannot refund', paidDinars, 105, { rejected: 'amount_not_a_multiple' }],
    ['of an amount that Stripe can refund', paidDinars, 110, { paymentIntentId: 'pi_1', amount: 110 }],
    ['after a full refund', [...paid, refund()], undefined, { rejected: 'already_refunded' }],
    ['while disputed', [...paid, dispute()], undefined, { rejected: 'disputed' }],
    [
      'while disputed and still refundable',
      [...paid, dispute({ refundable: true })],
      undefined,
      { paymentIntentId: 'pi_1', amount: 499 },
    ],
    ['after a lost dispute', [...paid, dispute({ status: 'lost' })], undefined, { rejected: 'charged_back' }],
  ])('%s', (_, list, amount, expected) => {
    expect(decide(list, amount)).toEqual(expected)
  })
})
