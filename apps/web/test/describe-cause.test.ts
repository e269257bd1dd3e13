import { expect, test } from 'vitest'
import { describeCause } from '../src/admin/describe-cause.ts'
import { changeTitle, formatNote, refundErrorText, withLocalTimes } from '../src/admin/timeline-text.ts'
import { formatTimestamp } from '../src/format.ts'

test('the timeline says that the access of a free order was revoked, and that a payment was refunded', () => {
  const cause = { kind: 'admin_refund', by: 'root', reason: 'by mistake' }
  expect(describeCause(cause, true)).toBe('Access revoked by root: by mistake')
  expect(describeCause(cause, false)).toBe('Refunded by root: by mistake')
  expect(describeCause({ kind: 'erasure', by: 'olga' }, false)).toBe('User data deleted by olga')
})

test('a change without a new status is named after the change', () => {
  const change = { fromStatus: 'Completed', toStatus: 'Completed', cause: { kind: 'admin_refund', by: 'root' }, note: null }
  expect(changeTitle({ ...change, note: '1.50 USD of 4.99 USD refunded' })).toBe('Partial refund')
  expect(changeTitle({ ...change, note: '0.00 USD of 4.99 USD refunded' })).toBe('Refund failed')
  expect(changeTitle({ ...change, cause: { kind: 'access_extended', by: 'root' } })).toBe('Access extended')
  expect(changeTitle(change)).toBe('Completed')
  expect(changeTitle({ ...change, toStatus: 'Refunded', note: '4.99 USD of 4.99 USD refunded' })).toBe('Completed → Refunded')
  expect(changeTitle({ ...change, fromStatus: 'Disputed', toStatus: 'ChargedBack' })).toBe('Disputed → Charged back')
})

test('times, amounts and codes from the API are formatted', () => {
  const time = '2026-12-09T09:58:00.000Z'
  expect(formatNote(`access extended until ${time}`)).toBe(`access extended until ${formatTimestamp(time)}`)
  expect(formatNote('1440 JPY of 1440 JPY refunded')).toBe('¥1,440 of ¥1,440 refunded')
  expect(formatNote('1.50 USD of 4.99 USD refunded; access revoked')).toBe('$1.50 of $4.99 refunded; access revoked')
  expect(withLocalTimes(`Expected a time after ${time}`)).toBe(`Expected a time after ${formatTimestamp(time)}`)
  expect(refundErrorText('already_refunded')).toBe('Rejected: already refunded')
  expect(refundErrorText('some_new_code')).toBe('Rejected: some new code')
})
