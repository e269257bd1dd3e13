import { readFileSync } from 'node:fs'
import { fillCard, waitUntilPlayable } from '@pay-to-view/testing/browser'
import { seedIds } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'
import { securityHeaders } from '../security-headers.ts'
import { buyButton, useStorefront } from './storefront.ts'

const { stack, open, openAs } = useStorefront()

test('the policy allows everything that buying and playing a film needs', async () => {
  const { page, errors } = await openAs('policy', `/e/${seedIds.film}`)
  await page.getByRole('button', buyButton).click()
  await fillCard(page, '4000002760003184')
  await page.frameLocator('iframe').getByRole('button', { name: 'Complete authentication' }).click()
  await page.waitForURL(`**/watch/${seedIds.film}`)
  await waitUntilPlayable(page)
  await page.goto(`${stack().stack.web}/admin`)
  await page.getByRole('heading').first().waitFor()
  expect(errors).toEqual([])
})

test.each([
  ['an inline script', 'Object.assign(document.createElement("script"), { textContent: "window.injected = true" })'],
  ['a script from another site', 'Object.assign(document.createElement("script"), { src: "https://evil.example/a.js" })'],
  ['a frame from another site', 'Object.assign(document.createElement("iframe"), { src: "https://evil.example/" })'],
  [
    'a style sheet from another site',
    'Object.assign(document.createElement("link"), { rel: "stylesheet", href: "https://evil.example/a.css" })',
  ],
])('%s is blocked', async (_name, element) => {
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

test('every response has the security headers, which allow only the required origins', async () => {
  const { web, api, issuer, stripeApi } = stack().stack
  const expected = securityHeaders({ api: [api, issuer], stripe: [stripeApi], media: [web ?? ''], images: ['https:', 'http:'] })
  for (const path of ['/', '/config.json', `/watch/${seedIds.film}`]) {
    const { headers } = await fetch(web + path)
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, headers.get(name)]))).toEqual(expected)
  }
})

test('deploy/security-headers.conf has the same headers', () => {
  const text = readFileSync('deploy/security-headers.conf', 'utf8')
  const headers = [...text.matchAll(/^add_header ([\w-]+) "(.*)" always;$/gm)].map(([, name, value]) => [name, value])
  expect(Object.fromEntries(headers)).toEqual(securityHeaders({ api: [], stripe: [], media: [], images: ['https:'] }))
})
