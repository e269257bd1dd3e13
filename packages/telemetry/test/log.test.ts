import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createLog } from '../src/index.ts'

const logLine = (fields: object, secrets: string[] = []): string => {
  const lines: string[] = []
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk))
      done()
    },
  })
  createLog('info', 'test', { destination, secrets }).warn(fields, 'it failed')
  return lines.join('')
}
const logError = (err: unknown): string => logLine({ err })

test('an error is logged with its code and with its secrets masked', () => {
  const line = logError(Object.assign(new Error('refused for sk_test_abc'), { code: 'ECONNREFUSED' }))
  expect(JSON.parse(line)).toMatchObject({ err: { type: 'Error', message: 'refused for [secret]', code: 'ECONNREFUSED' } })
})

test('an error that only wraps another one with the same message is logged once', () => {
  const wrapped = new Error('it is full', { cause: Object.assign(new TypeError('it is full'), { code: 'ENOSPC' }) })
  expect(JSON.parse(logError(wrapped))).toMatchObject({ err: { type: 'TypeError', message: 'it is full', code: 'ENOSPC' } })
})

test.each([
  [
    "a string, as Temporal's core reports errors",
    'Workflow task not found for whsec_abc',
    'Workflow task not found for [secret]',
  ],
  ['null', null, 'null'],
  ['a plain object', { reason: 'none' }, "{ reason: 'none' }"],
])('an error that is %s is logged and does not crash the process', (_kind, err, message) => {
  expect(JSON.parse(logError(err))).toMatchObject({ msg: 'it failed', err: { message } })
})

/** Stripe's secrets in all their forms. They are assembled from parts, because secret scanners would detect whole secrets. */
const realSecrets = {
  'the client secret of a checkout session': [
    'cs_test_a1uJkLVc6vBXNzkl7xVhpBYbGVYTPUdIVdsAPEWaF5ClXe_secret_',
    'fidwbEhqYWAnPydgaGdgYWFgYScpJ3ZwZ3Zm%2FJyd1bGtiaWBabHFgaCcpJ2BrZGdp%2BUlkZmBtamlhYHd2Jz9xd3BgeCUl%3D',
  ],
  'a client secret that begins with an encoded character': ['cs_live_b1uJkLVc6v_secret_', '%2FidwbEhqYWAnPydgaGdgYWFgYScp'],
  'a client secret within a query string': ['client_secret=cs_test_a1uJkLVc_secret_', 'fidwbEhq%252FYWAnPyd%253D'],
  'the URL of a hosted checkout': ['https://checkout.stripe.com/c/pay/cs_test_a1uJkLVc#', 'fidkdWxOYHwnPyd1%2FblpxYHZxWjA0'],
  'a client secret whose underscores are encoded': ['client_secret%3Dpi_1%5Fsecret%5F', 'YrKJUKribcBjcG8HVhfZluoGH'],
  'a password that is a parameter of a database URL': ['postgresql://db.internal/app?user=u&password=', 'hunter2hunter2'],
  'the client secret of a payment': ['pi_3MtwBwLkdIwHu7ix28a3tqPa_secret_', 'YrKJUKribcBjcG8HVhfZluoGH'],
  'the client secret of a customer session': ['cuss_secret_', 'PjYvJDhWKSpMZ7%2BT1FhK'],
  'a key': ['', 'sk_' + 'live_51MtwBwLkdIwHu7ix'],
  'an ephemeral key': ['', 'ek_' + 'test_YWNjdF8xTXR3Qnd%2FMa2RJd0h1=='],
  'a signing secret in base64': ['', 'whsec_' + 'MfKQ9r8GKY+qrTwjUPD8/ILPZIo2LaLaSw=='],
  'an API key': ['Bearer ', 'ptvk_' + '3kTqZ0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2y'],
} as const

test.each(Object.entries(realSecrets))('%s is masked wherever it is in a line', (_kind, [before, secret]) => {
  const text = `${before}${secret}`
  const fields = {
    err: new Error(`No such session: '${text}'; request-id req_1`),
    deeply: [{ nested: { url: `${text}`, escaped: JSON.stringify({ secret: text, next: 1 }) } }],
  }
  const line = logLine(fields)
  for (const length of [secret.length, 8]) expect(line).not.toContain(secret.slice(-length))
  expect(JSON.parse(line)).toMatchObject({
    err: { message: `No such session: '${before}[secret]'; request-id req_1` },
    deeply: [{ nested: { url: `${before}[secret]`, escaped: JSON.stringify({ secret: `${before}[secret]`, next: 1 }) } }],
  })
})

test('a field that is named like a client secret is masked at any depth and in any format', () => {
  const session = { clientSecret: 'of another "form"', other: { client_secret: 'x\\' } }
  expect(JSON.parse(logLine({ a: [{ b: { session } }] }))).toMatchObject({
    a: [{ b: { session: { clientSecret: '[secret]', other: { client_secret: '[secret]' } } } }],
  })
})

test('a secret without a recognizable form is masked by its value', () => {
  const secret = 'a "secret" of the identity provider'
  const line = logLine({ err: new Error(`signed with ${secret}`), a: [{ b: `x${secret}y` }] }, [secret])
  expect(line).not.toContain('of the identity provider')
  expect(JSON.parse(line)).toMatchObject({ err: { message: 'signed with [secret]' }, a: [{ b: 'x[secret]y' }] })
})

test('ids, addresses and times are not masked', () => {
  const fields = { url: 'http://127.0.0.1:3000/a', user: 'a@b.example', id: 'cs_test_a1', at: '10:00', path: '/x:y@z' }
  expect(JSON.parse(logLine(fields))).toMatchObject(fields)
})
