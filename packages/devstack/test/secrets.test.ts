import { expect, test } from 'vitest'
import { secretsIn, secretsInLogs } from './secrets.ts'

const made = (...parts: string[]) => parts.join('')

test.each([
  made('sk_', 'test_4eC39HqLyjWD'),
  made('rk_', 'live_4eC39HqLyjWD'),
  made('whsec_', 'MfKQ9r8GKYqrTwjUPD8I'),
  made('cs_test_a1b2_', 'secret_fidwbEhqYWAnPydm'),
  made('Bearer ', 'eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl'),
  made('4242 ', '4242 4242 4242'),
  made('40000', '00000000259'),
])('%s would be found in a log', (secret) => {
  expect(secretsIn('a.log', `first line\n{"msg":"${secret}"}`)).toEqual([expect.stringContaining('a.log:2 holds')])
})

test('ids, amounts and times are none', () => {
  expect(secretsIn('a.log', 'ptv_01m85eetz2e8qthwsqr5v0dh8g cs_test_a1b2 pi_3 499 1732406400000 Bearer error')).toEqual([])
})

test('no recorded history holds one', () => {
  expect(secretsInLogs('temporal/histories')).toEqual([])
})
