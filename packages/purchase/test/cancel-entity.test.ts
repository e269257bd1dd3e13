import { describe, expect, test } from 'vitest'
import {
  afterFailedAttempt,
  type CanceledPurchase,
  cancellationOutcome,
  cancellationStep,
  type PendingItem,
  statuses,
  wasEndedByCancellation,
} from '../src/index.ts'

const purchase = (changes: Partial<CanceledPurchase>): CanceledPurchase => ({
  ...{ status: 'Completed', processing: false, mismatch: null, isRefundRequested: false },
  ...changes,
})

describe('a purchase of a canceled entity', () => {
  test.each([
    [purchase({}), 'refund'],
    [purchase({ status: 'Pending' }), 'close_checkout'],
    [purchase({ status: 'Pending', processing: true }), 'wait'],
    [purchase({ status: 'Pending', mismatch: 'amount' }), 'refund'],
    [purchase({ status: 'Disputed' }), { skipped: 'disputed' }],
    [purchase({ status: 'ChargedBack' }), { skipped: 'charged_back' }],
    [purchase({ status: 'Refunded' }), { skipped: 'already_refunded' }],
    [purchase({ status: 'Expired' }), 'closed'],
    [purchase({ status: 'Failed' }), 'closed'],
  ])('%j: %j', (canceled, step) => {
    expect(cancellationStep(canceled)).toEqual(step)
  })

  test('whose refund was requested gets the outcome of that request, regardless of its status', () => {
    for (const status of statuses) expect(cancellationStep(purchase({ status, isRefundRequested: true }))).toBe('refund')
  })

  test.each([
    [{ response: { refundId: 're_1' } }, { outcome: 'refunded' }],
    [{ response: { refundId: null } }, { outcome: 'taken_back' }],
    [{ rejected: 'disputed' }, { outcome: 'skipped', reason: 'disputed' }],
    [{ rejected: 'refund_failed' }, { outcome: 'failed', reason: 'refund_failed' }],
  ])('%j means %j', (request, outcome) => {
    expect(cancellationOutcome(request)).toEqual(outcome)
  })
})

describe('an item of a job whose attempts fail', () => {
  const after = (...errors: string[]) =>
    errors.reduce<PendingItem>((item, error) => afterFailedAttempt(item, error), { attempts: 0, reason: null })

  test('is reported after five consecutive attempts with the same error', () => {
    expect(after(...Array<string>(4).fill('unconfirmed'))).toMatchObject({ outcome: 'pending', attempts: 4 })
    expect(after(...Array<string>(5).fill('unconfirmed'))).toEqual({ outcome: 'failed', attempts: 5, reason: 'unconfirmed' })
  })

  test('is not given up while Temporal or Stripe is unavailable, and its attempts are counted from 0 after an outage', () => {
    const outage = Array<string>(100).fill('unavailable')
    expect(after(...outage)).toMatchObject({ outcome: 'pending' })
    expect(after(...outage, 'unconfirmed')).toMatchObject({ outcome: 'pending', attempts: 1 })
    expect(after('unconfirmed', 'unconfirmed', 'unconfirmed', 'unconfirmed', ...outage, 'unconfirmed')).toMatchObject({
      attempts: 1,
    })
  })
})

describe('a purchase without access was ended by the cancellation', () => {
  const canceledAt = new Date('2026-12-01T20:00:00Z')
  const refundedAt = (time: string) => new Date(`2026-12-01T${time}Z`)
  test.each([
    ['Expired', false, null, true],
    ['Failed', false, null, true],
    ['Pending', false, null, true],
    ['Pending', true, null, false],
    ['Completed', false, null, false],
    ['Disputed', false, null, false],
    ['ChargedBack', false, null, false],
    ['Refunded', false, refundedAt('20:00:05'), true],
    // Stripe's clock may be behind ours.
    ['Refunded', false, refundedAt('19:59:59'), true],
    ['Refunded', false, refundedAt('19:58:59'), false],
    // A refund without a known time is assumed to be later than the cancellation.
    ['Refunded', false, null, true],
  ] as const)('%s, with a pending payment: %s, refunded at %s: %s', (status, hasPendingPayment, refunded, isEnded) => {
    const purchase = { status, hasPendingPayment, refundedAt: refunded }
    expect(wasEndedByCancellation(purchase, canceledAt)).toBe(isEnded)
    expect(wasEndedByCancellation(purchase, null)).toBe(false)
  })
})
