import { expect, test } from 'vitest'
import { describeCause } from '../src/admin/describe-cause.ts'

test('the timeline says that a free order was taken back, and that a payment was refunded', () => {
  const cause = { kind: 'admin_refund', by: 'root', reason: 'by mistake' }
  expect(describeCause(cause, true)).toBe('Taken back by root: by mistake')
  expect(describeCause(cause, false)).toBe('Refunded by root: by mistake')
})
