import { expect, test } from 'vitest'
import { purchaseIdPattern } from '../src/index.ts'

test.each([
  'ptv_01m85eetz2e8qthwsqr5v0dh8g',
  '48213',
  '3f2504e0-4f89-11d3-9a0c-0305e82c3301',
  'MTIzNDU2Nzg5MA==',
  'order:2024.17',
])('%s can be the id of a purchase', (id) => expect(id).toMatch(purchaseIdPattern))

test.each([
  '',
  '.',
  '..',
  'a/b',
  'a b',
  'a?b',
  'a%2fb',
  'ünï',
  'a"b',
  "a'b",
  'x'.repeat(201),
  'reconcile',
  'webhook-endpoint-1',
  'entity-cancel:film',
])('%s cannot be the id of a purchase: it would not survive a URL, or is the id of another workflow', (id) =>
  expect(id).not.toMatch(purchaseIdPattern),
)
