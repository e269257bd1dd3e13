import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { seeded, useStack } from '../../../packages/devstack/test/harness.ts'
import { securityHeaders } from '../security-headers.ts'
import { fillCard, signIn, useBrowser, whenPlayable } from './page.ts'

const stack = useStack({ web: true })
const open = useBrowser(stack)

test('a film is bought and played under the policy of the pages, and nothing is refused by it', async () => {
  const { page, errors } = await open(`/sign-in?next=/e/${seeded.film}`)
  await signIn(page, 'policy')
  await page.getByRole('button', { name: 'Buy Film, 30 days' }).click()
  await fillCard(page, '4000002760003184')
  await page.frameLocator('iframe').getByRole('button', { name: 'Complete authentication' }).click()
  await page.waitForURL(`**/watch/${seeded.film}`)
  await whenPlayable(page)
  await page.goto(`${stack().stack.web}/admin`)
  await page.getByRole('heading').first().waitFor()
  expect(errors).toEqual([])
})

test.each([
  ['an inline script', 'Object.assign(document.createElement("script"), { textContent: "window.injected = true" })'],
  ['a script of another site', 'Object.assign(document.createElement("script"), { src: "https://evil.example/a.js" })'],
  ['a frame of another site', 'Object.assign(document.createElement("iframe"), { src: "https://evil.example/" })'],
  ['a picture that tells another site', 'Object.assign(document.createElement("img"), { src: "https://evil.example/?token" })'],
])('%s is refused', async (_what, element) => {
  const { page, errors } = await open()
  await page.getByRole('heading', { name: 'Films' }).waitFor()
  expect(errors).toEqual([])
  const directive = await page.evaluate(`new Promise((resolve) => {
    document.addEventListener('securitypolicyviolation', ({ disposition }) => resolve(disposition), { once: true })
    document.body.append(${element})
  })`)
  expect(directive).toBe('enforce')
  expect(await page.evaluate('window.injected')).toBeUndefined()
})

test('every answer of the pages carries the headers, and nothing more may be reached than is needed', async () => {
  const { web, api, issuer, stripeApi } = stack().stack
  const expected = securityHeaders({ api: [api, issuer], stripe: [stripeApi] })
  for (const path of ['/', '/config.json', `/watch/${seeded.film}`]) {
    const { headers } = await fetch(web + path)
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, headers.get(name)]))).toEqual(expected)
  }
})

test('nginx says the same in production', () => {
  const text = readFileSync('deploy/security-headers.conf', 'utf8')
  const said = [...text.matchAll(/^add_header ([\w-]+) "(.*)" always;$/gm)].map(([, name, value]) => [name, value])
  expect(Object.fromEntries(said)).toEqual(securityHeaders({ api: [], stripe: [] }))
})
