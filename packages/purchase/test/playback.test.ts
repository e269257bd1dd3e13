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
  'with the end reason %s, and with another session on the same device: %s, the cause is %s',
  (endReason, hasSameDevice, cause) => {
    expect(placeLostCause({ endReason, hasSameDevice })).toBe(cause)
  },
)
