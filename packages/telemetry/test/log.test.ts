import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createLog } from '../src/index.ts'

const logged = (err: unknown): string => {
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

test('an error is told with its code, and the secrets in its text are not', () => {
  const line = logged(Object.assign(new Error('refused for sk_test_abc'), { code: 'ECONNREFUSED' }))
  expect(JSON.parse(line)).toMatchObject({ err: { type: 'Error', message: 'refused for [secret]', code: 'ECONNREFUSED' } })
})

test.each([
  ["a text, as of an error of Temporal's core", 'Workflow task not found for whsec_abc', 'Workflow task not found for [secret]'],
  ['nothing', null, 'null'],
  ['an object of some kind', { reason: 'none' }, "{ reason: 'none' }"],
])('an error that is %s is told, and does not end the process', (_what, err, message) => {
  expect(JSON.parse(logged(err))).toMatchObject({ msg: 'it failed', err: { message } })
})
