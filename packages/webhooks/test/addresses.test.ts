import { expect, test } from 'vitest'
import { endpointUrlProblem, isAddressAllowed, urlProblem } from '../src/index.ts'

const internet = { allowPrivate: false }
const development = { allowPrivate: true }

test.each(['93.184.216.34', '8.8.8.8', '2606:2800:220:1:248:1893:25c8:1946', '::ffff:8.8.8.8'])(
  '%s is on the internet',
  (address) => {
    expect(isAddressAllowed(address, internet)).toBe(true)
  },
)

const privateAddresses = [
  ...['127.0.0.1', '127.255.255.254', '10.1.2.3', '172.16.0.1', '192.168.1.1', '100.64.0.1'],
  ...['::1', 'fd12:3456::1', '::ffff:127.0.0.1', '::ffff:7f00:1'],
]
test.each(privateAddresses)('%s is allowed in development only', (address) => {
  expect(isAddressAllowed(address, internet)).toBe(false)
  expect(isAddressAllowed(address, development)).toBe(true)
})

const neverAllowed = [
  ...['169.254.169.254', '169.254.1.1', '0.0.0.0', '255.255.255.255', '224.0.0.1', '240.0.0.1', '198.18.0.1', '192.0.0.192'],
  ...[
    'fe80::1',
    'ff02::1',
    '::',
    'fec0::1',
    '100.100.100.200',
    '168.63.129.16',
    'fd00:ec2::254',
    'fd20:ce::254',
    '::ffff:169.254.169.254',
  ],
  // IPv4 addresses that a gateway would translate, and unassigned addresses.
  ...['64:ff9b::7f00:1', '2002:7f00:1::', '2001:0:4136:e378:8000:63bf:3fff:fdd2', '4000::1', 'no address'],
]
test.each(neverAllowed)('%s is never allowed', (address) => {
  expect(isAddressAllowed(address, internet)).toBe(false)
  expect(isAddressAllowed(address, development)).toBe(false)
})

const loopbackUrls = [
  ...[
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://0x7f.1/',
  ],
  ...['https://[::1]/', 'https://[::ffff:127.0.0.1]/', 'https://[0:0:0:0:0:ffff:7f00:1]/', 'https://localhost/'],
  ...['https://LOCALHOST./', 'https://a.localhost/', 'https://127。0。0。1/', 'https://①②⑦.0.0.1/', 'https://%31%32%37.0.0.1/'],
]
test.each(loopbackUrls)('%s is this machine', (url) => {
  expect(urlProblem(url, internet)).toMatch(/private network/)
  expect(urlProblem(url, development)).toBeNull()
})

test.each([
  ['http://www.example.com/', /Expected https/],
  ['ftp://www.example.com/', /Expected an https/],
  ['www.example.com/hook', /Expected an https/],
  ['https://', /Expected an https/],
  ['https://user:secret@www.example.com/', /without a user name/],
  ['https://user@www.example.com/', /without a user name/],
  [`https://www.example.com/${'a'.repeat(2_048)}`, /at most 2048/],
])('%s is rejected', (url, message) => {
  expect(urlProblem(url, internet)).toMatch(message)
})

test('in development, http is allowed and the metadata service is not', () => {
  expect(urlProblem('http://127.0.0.1:4000/hook', development)).toBeNull()
  expect(urlProblem('http://169.254.169.254/latest', development)).toMatch(/private network/)
})

test('a name is rejected if one of its addresses is private, and accepted if it does not resolve', async () => {
  const problem = (...addresses: string[]) =>
    endpointUrlProblem('https://www.example.com/', { ...internet, resolve: async () => addresses })
  expect(await problem('93.184.216.34')).toBeNull()
  expect(await problem('93.184.216.34', '10.0.0.1')).toMatch(/private network/)
  const unknown = { ...internet, resolve: () => Promise.reject(new Error('ENOTFOUND')) }
  expect(await endpointUrlProblem('https://www.example.com/', unknown)).toBeNull()
})
