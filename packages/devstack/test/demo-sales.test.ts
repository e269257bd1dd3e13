import { expect, test } from 'vitest'
import { describeRejection } from '../src/demo-sales.ts'

test('a second npm run demo:sales says what to do, and any other rejection is quoted', () => {
  expect(
    describeRejection('{ "error": { "code": "account_in_use", "message": "This account has Checkout Sessions already." } }'),
  ).toBe('This stack has sales already. Run npm run reset first.')
  expect(describeRejection('{ "error": { "message": "Invalid integer: abc" } }')).toBe(
    'The emulator did not create the sales: Invalid integer: abc',
  )
})
