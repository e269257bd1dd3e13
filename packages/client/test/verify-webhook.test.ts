import { randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { verifyWebhook, WebhookVerificationError } from '../src/index.ts'

const vector = {
  secret: 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  body: '{"test": 2432232314}',
  headers: {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  now: 1_614_265_330_000,
}

test("the standard's test vector is accepted, with and without the secret's prefix, as text, bytes and Headers", async () => {
  const { body, headers, secret, now } = vector
  for (const each of [secret, `whsec_${secret}`, [`whsec_${randomBytes(32).toString('base64')}`, secret]])
    expect(await verifyWebhook(body, headers, each, { now })).toEqual({ test: 2432232314 })
  expect(await verifyWebhook(Buffer.from(body), new Headers(headers), secret, { now })).toEqual({ test: 2432232314 })
})

test('headers are found regardless of the case of their names', async () => {
  const { body, headers, secret, now } = vector
  const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.replace('webhook', 'Webhook'), value]))
  expect(await verifyWebhook(body, sent, secret, { now })).toEqual({ test: 2432232314 })
})

test.each([
  ['another body', { body: '{"test": 1}' }],
  ['another id', { headers: { ...vector.headers, 'webhook-id': 'msg_other' } }],
  ['another secret', { secret: `whsec_${randomBytes(24).toString('base64')}` }],
  ['a later clock', { now: vector.now + 301_000 }],
  ['an earlier clock', { now: vector.now - 301_000 }],
  ['another timestamp', { headers: { ...vector.headers, 'webhook-timestamp': '1614265331' } }],
  ['a timestamp that is not a number', { headers: { ...vector.headers, 'webhook-timestamp': '1614265330.0' } }],
  ['a signature of another version', { headers: { ...vector.headers, 'webhook-signature': 'v2,g0hM9SsE' } }],
  ['a signature that is not base64', { headers: { ...vector.headers, 'webhook-signature': 'v1,%%%' } }],
  ['no signature', { headers: { ...vector.headers, 'webhook-signature': undefined } }],
])('%s is rejected', async (_name, changes) => {
  const { body, headers, secret, now } = { ...vector, ...changes }
  await expect(verifyWebhook(body, headers, secret, { now })).rejects.toThrow(WebhookVerificationError)
})

test('a message signed by the standardwebhooks package is accepted, even with several signatures', async () => {
  const secrets = [32, 24, 64].map((bytes) => `whsec_${randomBytes(bytes).toString('base64')}`)
  const body = JSON.stringify({ type: 'test', timestamp: new Date().toISOString(), data: { text: 'Käse – 映画 🎬' } })
  const at = new Date()
  const signatures = secrets.map((secret) => new Webhook(secret).sign('msg_1', at, body))
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': signatures.join(' '),
  }
  for (const secret of secrets) expect(await verifyWebhook(body, headers, secret)).toEqual(JSON.parse(body))
})

test("an invalid secret is reported as the caller's error, not as an invalid message", async () => {
  await expect(verifyWebhook(vector.body, vector.headers, 'whsec_', { now: vector.now })).rejects.toThrow(TypeError)
})
