import { expect, test } from 'vitest'
import { findSecretStrictly, findSecrets } from '../src/secrets.ts'

const sessionId = 'cs_test_a1uJkLVc6vBXNzkl7xVhpBYbGVYTPUdIVdsAPEWaF5ClXe'

/** All formats of Stripe's secrets. The secrets are assembled from parts, because secret scanners would detect complete secrets. */
test.each([
  [`${sessionId}_secret_`, 'fidwbEhqYWAnPydgaGdgYWFgYScpJ3ZwZ3Zm%2FJyd1bGtiaWBabHFgaCUl'],
  [`${sessionId}_secret_`, '%2FidwbEhqYWAnPydgaGdgYWFgYScpJ3Zw'],
  [`https://checkout.stripe.com/c/pay/${sessionId}#`, 'fidkdWxOYHwnPyd1%2FblpxYHZxWjA0'],
  ['pi_3MtwBwLkdIwHu7ix28a3tqPa_secret_', 'YrKJUKribcBjcG8HVhfZluoGH'],
  ['cuss_secret_', 'PjYvJDhWKSpMZ7%2BT1FhK'],
  ['ek_', 'test_YWNjdF8xTXR3Qnd'],
  ['whsec_', '/MfKQ9r8GKY+qrTwjUPD8'],
])('%s…: is found in a log and in a history', (...parts) => {
  const secret = parts.join('')
  expect(findSecrets('a.log', `{"msg":"${secret}"}`)).not.toEqual([])
  expect(findSecretStrictly(JSON.stringify(JSON.stringify({ secret })))).not.toBeNull()
})

test('a secret that is masked only up to a percent sign is found, but a completely masked one is not', () => {
  expect(findSecrets('a.log', `"${sessionId}_secret_[secret]%2FJyd1bGti"`)).toEqual([
    'a.log:1 contains an incompletely masked secret',
  ])
  expect(findSecrets('a.log', `{"a":"${sessionId}_secret_[secret]","b":"postgres://u:[secret]@host/db"}`)).toEqual([])
})

test.each([
  ['4242424242424242', 1],
  ['4000 0000 0000 9995', 1],
  ['4000-0025-0000-3155', 1],
  ['42421234-5678-4321-8abc-0123456789ab', 0],
  ['0.4242424242424242', 0],
])('%s has %i card numbers', (text, count) => {
  expect(findSecrets('a.log', `"value":"${text}"`)).toHaveLength(count)
})
