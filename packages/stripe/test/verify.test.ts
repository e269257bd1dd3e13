import Stripe from 'stripe'
import { expect, test } from 'vitest'
import { verifyWebhook } from '../src/index.ts'

const { webhooks } = new Stripe('sk_test_unused')
const body = JSON.stringify({ id: 'evt_1', object: 'event', type: 'charge.refunded', data: { object: {} } })

const sign = (payload: string, secret: string, timestamp = Math.floor(Date.now() / 1000)): string =>
  webhooks.generateTestHeaderString({ payload, secret, timestamp })

test('a body that one of the secrets signed is the event', () => {
  const header = sign(body, 'whsec_new')
  expect(verifyWebhook(Buffer.from(body), header, ['whsec_new'])).toMatchObject({ id: 'evt_1' })
  expect(verifyWebhook(Buffer.from(body), header, ['whsec_old', 'whsec_new'])).toMatchObject({ id: 'evt_1' })
})

test.each<[string, Buffer, string | undefined]>([
  ['no signature', Buffer.from(body), undefined],
  ['an empty signature', Buffer.from(body), ''],
  ['nonsense for a signature', Buffer.from(body), 'nonsense'],
  ['the signature of another secret', Buffer.from(body), sign(body, 'whsec_other')],
  ['a signature of 301 seconds ago', Buffer.from(body), sign(body, 'whsec_new', Math.floor(Date.now() / 1000) - 301)],
  ['a signature of 310 seconds ahead', Buffer.from(body), sign(body, 'whsec_new', Math.floor(Date.now() / 1000) + 310)],
  ['a body that was changed', Buffer.from(body.replace('evt_1', 'evt_2')), sign(body, 'whsec_new')],
  ['a body with a space more', Buffer.from(`${body} `), sign(body, 'whsec_new')],
  ['no body', Buffer.alloc(0), sign(body, 'whsec_new')],
  ['a body that is not UTF-8', Buffer.from([0xff, 0xfe, 0x7b]), sign(body, 'whsec_new')],
  ['a signed body that is not JSON', Buffer.from('hello'), sign('hello', 'whsec_new')],
  ['a large body of somebody else', Buffer.alloc(1024 * 1024, 'x'), sign(body, 'whsec_new')],
])('%s is nobody', (_, payload, header) => {
  expect(verifyWebhook(payload, header, ['whsec_old', 'whsec_new'])).toBeNull()
})
