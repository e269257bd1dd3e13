import Stripe from 'stripe'
import { expect, test } from 'vitest'
import { verifyWebhook } from '../src/index.ts'

const { webhooks } = new Stripe('sk_test_unused')
const body = JSON.stringify({ id: 'evt_1', object: 'event', type: 'charge.refunded', data: { object: {} } })

const sign = (payload: string, secret: string, timestamp = Math.floor(Date.now() / 1000)): string =>
  webhooks.generateTestHeaderString({ payload, secret, timestamp })

test('a body signed with one of the secrets is parsed as the event', () => {
  const header = sign(body, 'whsec_new')
  expect(verifyWebhook(Buffer.from(body), header, ['whsec_new'])).toMatchObject({ id: 'evt_1' })
  expect(verifyWebhook(Buffer.from(body), header, ['whsec_old', 'whsec_new'])).toMatchObject({ id: 'evt_1' })
})

test.each<[string, Buffer, string | undefined]>([
  ['no signature', Buffer.from(body), undefined],
  ['an empty signature', Buffer.from(body), ''],
  ['a malformed signature', Buffer.from(body), 'malformed'],
  ['a signature with another secret', Buffer.from(body), sign(body, 'whsec_other')],
  ['a signature 301 seconds old', Buffer.from(body), sign(body, 'whsec_new', Math.floor(Date.now() / 1000) - 301)],
  ['a signature 310 seconds in the future', Buffer.from(body), sign(body, 'whsec_new', Math.floor(Date.now() / 1000) + 310)],
  ['a changed body', Buffer.from(body.replace('evt_1', 'evt_2')), sign(body, 'whsec_new')],
  ['a body with an extra space', Buffer.from(`${body} `), sign(body, 'whsec_new')],
  ['no body', Buffer.alloc(0), sign(body, 'whsec_new')],
  ['a body that is not UTF-8', Buffer.from([0xff, 0xfe, 0x7b]), sign(body, 'whsec_new')],
  ['a signed body that is not JSON', Buffer.from('hello'), sign('hello', 'whsec_new')],
  ['a large unsigned body', Buffer.alloc(1024 * 1024, 'x'), sign(body, 'whsec_new')],
])('%s is rejected', (_, payload, header) => {
  expect(verifyWebhook(payload, header, ['whsec_old', 'whsec_new'])).toBeNull()
})
