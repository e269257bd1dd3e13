import { expect, test } from 'vitest'
import { createReturnUrlCheck } from '../src/purchases/return-url.ts'

const isAllowed = createReturnUrlCheck(['https://yoursite.com', 'http://localhost:*', 'https://shop.example:8443'])

test.each([
  'https://yoursite.com',
  'https://yoursite.com/',
  'https://YourSite.com/purchase/complete?session=1#top',
  'https://yoursite.com:443/a',
  'http://localhost:5173/x',
  'http://localhost/x',
  'https://shop.example:8443/done',
  'https://yoursite.com/?next=https://evil.example',
])('%s is allowed', (url) => {
  expect(isAllowed(url)).toBe(true)
})

test.each([
  '',
  '/purchase/complete',
  'yoursite.com',
  '//yoursite.com',
  'https:yoursite.com',
  'https:/yoursite.com',
  'https:///yoursite.com',
  'http://yoursite.com',
  'https://yoursite.com:8443',
  'https://yoursite.com.evil.example',
  'https://evil.example/https://yoursite.com',
  'https://evil.example#https://yoursite.com',
  'https://yoursite.com@evil.example',
  'https://user:pass@yoursite.com',
  'https://yoursite.com\\@evil.example',
  'https://yoursite.com\\.evil.example',
  'https:\\\\yoursite.com',
  'https://yoursite.com%2eevil.example',
  'https://yoursite.com./',
  'https://sub.yoursite.com',
  'https://yоursite.com/', // a Cyrillic о
  'https://yoursite。com/', // an ideographic full stop
  'https://xn--yursite-yig.com/',
  'https://localhost:5173',
  'http://localhost.evil.example:5173',
  'http://127.0.0.1:5173',
  'https://shop.example',
  'javascript:alert(1)',
  'javascript://yoursite.com/%0aalert(1)',
  'data:text/html,hello',
  'ftp://yoursite.com',
  'file:///etc/passwd',
  ' https://yoursite.com',
  'https://yoursite.com ',
  'https://yoursite.com/\n',
  'https://your\tsite.com',
  'https://yoursite.com\u0000.evil.example',
  'https://[::1]:5173/',
])('%j is rejected', (url) => {
  expect(isAllowed(url)).toBe(false)
})
