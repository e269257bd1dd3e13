import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createLog } from '../src/index.ts'

const logError = (err: unknown): string => {
  const lines: string[] = []
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk))
      done()
    },
  })
  createLog('info', 'test', destination).warn({ err }, 'it failed')
  return lines.join('')
}

test('an error is logged with its code and with its secrets masked', () => {
  const line = logError(Object.assign(new Error('refused for sk_test_abc'), { code: 'ECONNREFUSED' }))
  expect(JSON.parse(line)).toMatchObject({ err: { type: 'Error', message: 'refused for [secret]', code: 'ECONNREFUSED' } })
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
