import { randomBytes } from 'node:crypto'
import { parseEnvironment } from '@pay-to-view/environment'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { webhooksEnvironment } from '../src/environment.ts'
import {
  attemptDelaysMs,
  createSecretBox,
  newSigningSecret,
  nextDelayMs,
  parseRetryAfter,
  signatureHeaders,
} from '../src/index.ts'

test("the signature equals the standard's test vector", () => {
  const headers = signatureHeaders(
    { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}', at: new Date(1_614_265_330_000) },
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  )
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('during a rotation, receivers with the old and with the new secret accept a message', () => {
  const secrets = [newSigningSecret(), newSigningSecret()]
  const headers = signatureHeaders({ id: 'msg_1', body: '{}', at: new Date() }, secrets)
  for (const secret of secrets) expect(new Webhook(secret).verify('{}', headers)).toEqual({})
  expect(() => new Webhook(newSigningSecret()).verify('{}', headers)).toThrow()
})

test('the first key encrypts and all keys decrypt; another key or a changed text is rejected', () => {
  const [old, current, other] = [randomBytes(32), randomBytes(32), randomBytes(32)]
  const encrypted = createSecretBox([old]).encrypt('whsec_text')
  expect(encrypted).not.toContain('whsec')
  const box = createSecretBox([current, old])
  expect(box.decrypt(encrypted)).toBe('whsec_text')
  expect([box.isCurrent(encrypted), box.isCurrent(box.encrypt('text'))]).toEqual([false, true])
  expect(() => createSecretBox([other]).decrypt(encrypted)).toThrow(/WEBHOOKS_ENCRYPTION_KEYS/)
  const [version, key, iv, content = '', tag] = encrypted.split('.')
  const changed = [version, key, iv, `${content.startsWith('A') ? 'B' : 'A'}${content.slice(1)}`, tag].join('.')
  expect(() => box.decrypt(changed)).toThrow(/is corrupt/)
})

test.each(['short', 'not base64!', `${'A'.repeat(43)}=,`])('%s is not a list of keys', (text) => {
  const environment = z.object(webhooksEnvironment)
  expect(() => parseEnvironment(environment, { WEBHOOKS_ENCRYPTION_KEYS: text })).toThrow(
    /WEBHOOKS_ENCRYPTION_KEYS: Expected keys of 32/,
  )
})

test('attempts follow the schedule of the standard, and an endpoint may request a later attempt', () => {
  const delays = attemptDelaysMs.map((_delay, index) => nextDelayMs(index + 1, null, 0))
  expect(delays).toEqual([...attemptDelaysMs.slice(1), null])
  expect(nextDelayMs(1, null, 1)).toBe(6_000)
  expect(nextDelayMs(1, 60, 0)).toBe(60_000)
  expect(nextDelayMs(2, 60, 0)).toBe(300_000)
  expect(nextDelayMs(1, 1e9, 0)).toBe(86_400_000)
})

test('Retry-After is a number of seconds or a date', () => {
  const now = Date.UTC(2026, 10, 29)
  expect(parseRetryAfter('120', now)).toBe(120)
  expect(parseRetryAfter(new Date(now + 30_000).toUTCString(), now)).toBe(30)
  expect(parseRetryAfter(new Date(now - 30_000).toUTCString(), now)).toBe(0)
  expect([parseRetryAfter(undefined), parseRetryAfter('soon'), parseRetryAfter('-1')]).toEqual([null, null, null])
})
