import { expect, test } from 'vitest'
import { purchaseIdPattern } from '../src/index.ts'

test.each([
  'ptv_01m85eetz2e8qthwsqr5v0dh8g',
  '48213',
  '3f2504e0-4f89-11d3-9a0c-0305e82c3301',
  'MTIzNDU2Nzg5MA==',
  'order:2024.17',
  'QU/JDRUY+Zw==',
  'order 17',
  'zürich-1',
  'a#b?c%41',
  '{"order":17}',
  "it's $1*!|\\",
  '…',
  'reconcile-1',
  'entity-cancel:film',
  '🎬'.repeat(200),
])('%s can be the id of a purchase', (id) => expect(id).toMatch(purchaseIdPattern))

test.each(['', '.', '..', ' 17', '17 ', '\u00a017', 'a\0b', 'a\nb', 'a\u0085b', 'a\ud800b', 'x'.repeat(201)])(
  '%j cannot be the id of a purchase: a URL, a form or the database would change it',
  (id) => expect(id).not.toMatch(purchaseIdPattern),
)
