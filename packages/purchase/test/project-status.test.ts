import { describe, expect, test } from 'vitest'
import type { Snapshot } from '../src/index.ts'
import { dispute, paid, payment, refund, session, statusOf } from './purchase-facts.ts'

describe('the status', () => {
  test.each<[string, Snapshot[], string]>([
    ['there are no facts', [], 'Pending'],
    ['the checkout is open', [session({ status: 'open', paymentIntentId: null })], 'Pending'],
    ['the checkout expired unpaid', [session({ status: 'expired', paymentIntentId: null })], 'Expired'],
    ['Stripe rejected the checkout', [{ kind: 'rejection', id: 'ptv_1', code: 'x', observedAt: 1 }], 'Expired'],
    ['a delayed payment is processing', [session(), payment({ status: 'processing' })], 'Pending'],
    ['a delayed payment failed', [session(), payment({ status: 'failed' })], 'Failed'],
    ['the checkout is complete and its payment intent is still unknown', [session({ paymentIntentId: null })], 'Pending'],
    ['it is paid', paid, 'Completed'],
    [
      'it is paid and a later snapshot of the checkout is open',
      [...paid, session({ status: 'open', observedAt: 999 })],
      'Completed',
    ],
    ['it is partly refunded', [...paid, refund({ amount: 100 })], 'Completed'],
    ['several partial refunds add up', [...paid, refund({ amount: 300 }), refund({ id: 're_2', amount: 199 })], 'Refunded'],
    ['a full refund is pending', [...paid, refund({ status: 'pending' })], 'Refunded'],
    ['a refund failed after it had succeeded', [...paid, refund(), refund({ status: 'failed', observedAt: 201 })], 'Completed'],
    ['the refund arrives before the payment', [refund(), ...paid], 'Refunded'],
    ['it is disputed', [...paid, dispute()], 'Disputed'],
    ['there is an inquiry', [...paid, dispute({ status: 'warning_needs_response' })], 'Completed'],
    ['the dispute is won', [...paid, dispute(), dispute({ status: 'won', observedAt: 301 })], 'Completed'],
    ['the dispute is lost', [...paid, dispute(), dispute({ status: 'lost', observedAt: 301 })], 'ChargedBack'],
    [
      'the lost dispute is appealed',
      [...paid, dispute({ status: 'lost' }), dispute({ status: 'appeal_under_review', observedAt: 301 })],
      'Disputed',
    ],
    ['the appeal is won', [...paid, dispute({ status: 'lost' }), dispute({ status: 'won', observedAt: 302 })], 'Completed'],
    ['a dispute is prevented and the funds were withdrawn', [...paid, dispute({ status: 'prevented' })], 'ChargedBack'],
    [
      'a dispute is prevented and no funds were withdrawn',
      [...paid, dispute({ status: 'prevented', withdrawn: false })],
      'Completed',
    ],
    ['the amount does not match', [session(), payment({ amount: 1 })], 'Pending'],
    ['the currency does not match', [session(), payment({ currency: 'eur' })], 'Pending'],
    ['the user does not match', [session({ userId: 'mallory' }), payment()], 'Pending'],
    ['the entity does not match', [session({ entityId: 'vid_2' }), payment()], 'Pending'],
    ['a coupon covers the whole amount', [session({ paymentIntentId: null, hasPaymentIntent: false })], 'Expired'],
    [
      'Stripe no longer knows the checkout',
      [session({ status: 'open' }), session({ status: 'missing', paymentIntentId: null })],
      'Expired',
    ],
    [
      'it was paid and Stripe no longer knows the checkout',
      [...paid, session({ status: 'missing', observedAt: 900 })],
      'Completed',
    ],
    [
      'another checkout, created in the dashboard, expires',
      [session({ id: 'cs_2', status: 'expired', paymentIntentId: null })],
      'Pending',
    ],
    [
      'both checkouts expire',
      [session({ id: 'cs_2', status: 'expired', paymentIntentId: null }), session({ status: 'expired', paymentIntentId: null })],
      'Expired',
    ],
    [
      'it expires and the delayed payment of another checkout is processing',
      [
        session({ status: 'expired', paymentIntentId: null }),
        session({ id: 'cs_2', paymentIntentId: 'pi_2' }),
        payment({ id: 'pi_2', status: 'processing' }),
      ],
      'Pending',
    ],
    ['a payment with a mismatch is refunded', [session(), payment({ amount: 1 }), refund({ amount: 1 })], 'Refunded'],
  ])('when %s', (_, list, expected) => {
    expect(statusOf(list)).toBe(expected)
  })
})
