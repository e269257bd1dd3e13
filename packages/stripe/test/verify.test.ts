import Stripe from 'stripe'
import { expect, test } from 'vitest'
import { isSigned, parseWebhookEvent } from '../src/index.ts'

const { webhooks } = new Stripe('sk_test_unused')
const body = JSON.stringify({ id: 'evt_1', object: 'event', type: 'charge.refunded', data: { object: {} } })

const sign = (payload: string, secret: string, timestamp = Math.floor(Date.now() / 1000)): string =>
  webhooks.generateTestHeaderString({ payload, secret, timestamp })

test('a body signed with one of the secrets is accepted', () => {
  const header = sign(body, 'whsec_new')
  expect(isSigned(Buffer.from(body), header, ['whsec_new'])).toBe(true)
  expect(isSigned(Buffer.from(body), header, ['whsec_old', 'whsec_new'])).toBe(true)
})

test('a body is parsed as an event, even as a thin event', () => {
  expect(parseWebhookEvent(Buffer.from(body))).toMatchObject({ id: 'evt_1' })
  const thin = { id: 'evt_2', object: 'v2.core.event', type: 'v1.billing.meter.no_meter_found' }
  expect(parseWebhookEvent(Buffer.from(JSON.stringify(thin)))).toEqual(thin)
})

test.each([
  '',
  'hello',
  'null',
  '[]',
  '"x"',
  '7',
  '{}',
  '{"id":"evt_1"}',
  '{"type":"charge.refunded"}',
  '{"id":1,"type":"charge.refunded"}',
])('the body %j is not an event', (text) => {
  expect(parseWebhookEvent(Buffer.from(text))).toBeNull()
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
  ['a large unsigned body', Buffer.alloc(1024 * 1024, 'x'), sign(body, 'whsec_new')],
])('%s is rejected', (_, payload, header) => {
  expect(isSigned(payload, header, ['whsec_old', 'whsec_new'])).toBe(false)
})
