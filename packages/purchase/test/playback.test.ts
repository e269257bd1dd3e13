import { expect, test } from 'vitest'
import { placeLostCause } from '../src/index.ts'

test.each([
  [null, false, 'limit'],
  ['no_access', false, 'limit'],
  ['replaced', false, 'limit'],
  ['taken_over', false, 'taken_over'],
  [null, true, 'replaced'],
  ['replaced', true, 'replaced'],
  ['taken_over', true, 'replaced'],
])(
  'a session that ended because of %s, where another session of its device playing is %s, has no place because of %s',
  (endReason, hasSameDevice, cause) => {
    expect(placeLostCause({ endReason, hasSameDevice })).toBe(cause)
  },
)
