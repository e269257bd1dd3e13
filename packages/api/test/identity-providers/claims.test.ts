import { describe, expect, test } from 'vitest'
import { matchesClaim, parseClaimRule, readClaim } from '../../src/auth/claims.ts'

/** Whether a token with these claims, as JSON, matches a rule. */
const matches = (rule: string, json: string): boolean => {
  const parsed = parseClaimRule(rule)
  if (!parsed) throw new Error(`Invalid rule ${rule}`)
  return matchesClaim(JSON.parse(json), parsed)
}

test.each([
  ['role=admin', '{"role":"admin"}'],
  ['admin=true', '{"admin":true}'],
  ['app_metadata.role=admin', '{"app_metadata":{"role":"admin"}}'],
  ['permissions=pay-to-view:admin', '{"permissions":["a","pay-to-view:admin"]}'],
  ['realm_access.roles=admin', '{"realm_access":{"roles":["admin"]}}'],
  ['resource_access.shop.web.roles=admin', '{"resource_access":{"shop.web":{"roles":["admin"]}}}'],
  ['scope=pay-to-view:admin', '{"scope":"openid pay-to-view:admin email"}'],
  ['group=Site admins', '{"group":"Site admins"}'],
  ['https://shop.example/roles=admin', '{"https://shop.example/roles":["admin"]}'],
  ['https://shop.example/app.role=admin', '{"https://shop.example/app":{"role":"admin"}}'],
  ['groups=CN=admins,OU=shop', '{"groups":["CN=admins,OU=shop"]}'],
  [' role = admin ', '{"role":"admin"}'],
])('%s matches %s', (rule, json) => {
  expect(matches(rule, json)).toBe(true)
})

test.each([
  ['admin=true', '{"admin":"true"}'],
  ['admin=true', '{"admin":"false"}'],
  ['admin=true', '{"admin":1}'],
  ['admin=true', '{"admin":["true"]}'],
  ['admin=true', '{"admin":[true]}'],
  ['admin=true', '{"admin":{"true":true}}'],
  ['role=admin', '{"role":"Admin"}'],
  ['role=admin', '{"role":"administrator"}'],
  ['role=admin', '{"role":"not-admin"}'],
  ['role=admin', '{"role":"user,admin"}'],
  ['role=admin', '{"role":null}'],
  ['role=admin', '{"role":{"admin":true}}'],
  ['roles=admin', '{"roles":[["admin"]]}'],
  ['roles=admin', '{"roles":["user admin"]}'],
  ['roles=admin', '{"roles":[{"name":"admin"}]}'],
  ['roles.0=admin', '{"roles":["admin"]}'],
  ['roles.length=1', '{"roles":["admin"]}'],
  ['a.b=admin', '{"a":"b"}'],
  ['a.b=admin', '{}'],
  ['.role=admin', '{"role":"admin"}'],
  ['constructor.name=Object', '{}'],
  ['__proto__.role=admin', '{"role":"admin"}'],
  ['role=admin', '{"__proto__":{"role":"admin"}}'],
  ['a.role=admin', '{"a":{"__proto__":{"role":"admin"}}}'],
  ['a.constructor.name=Object', '{"a":{}}'],
  ['toString.name=toString', '{}'],
])('%s does not match %s', (rule, json) => {
  expect(matches(rule, json)).toBe(false)
})

describe('a claim with exactly the configured name wins over a path', () => {
  test('for a role claim', () => {
    expect(matches('a.role=admin', '{"a.role":"user","a":{"role":"admin"}}')).toBe(false)
    expect(matches('a.role=admin', '{"a.role":"admin","a":{"role":"user"}}')).toBe(true)
  })

  test('at every level, the longest name first', () => {
    const claims = { 'a.b': { c: 1 }, a: { 'b.c': 2, b: { c: 3 } } }
    expect(readClaim(claims, 'a.b.c')).toBe(1)
    expect(readClaim({ a: claims.a }, 'a.b.c')).toBe(2)
    expect(readClaim({ a: { b: claims.a.b } }, 'a.b.c')).toBe(3)
  })
})

test.each(['role', '=admin', 'role=', '', '='])('%j is not a rule', (text) => {
  expect(parseClaimRule(text)).toBeNull()
})
