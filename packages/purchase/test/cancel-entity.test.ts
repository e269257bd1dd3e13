import { describe, expect, test } from 'vitest'
import { type CanceledPurchase, cancellationOutcome, cancellationStep, statuses } from '../src/index.ts'

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

  test('whose refund was requested gets the outcome of that request, whatever its status', () => {
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
