import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { optionsOf } from './tokens.ts'

const jwks = JSON.stringify({ keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB' }] })
const secret = 'a-secret-of-the-project-that-is-long-enough'
const withoutPreset = {
  AUTH_ISSUER: 'https://id.example.com',
  AUTH_AUDIENCE: 'shop',
  AUTH_JWKS_URL: 'https://id.example.com/jwks',
}
const clerk = { AUTH_PRESET: 'clerk', AUTH_ISSUER: 'https://clerk.shop.example', AUTH_AUTHORIZED_PARTIES: 'https://shop.example' }
const clerkOf = (origins: string) => ({ ...clerk, AUTH_AUTHORIZED_PARTIES: '', WEB_ORIGINS: origins })
const supabase = { AUTH_PRESET: 'supabase', AUTH_ISSUER: 'https://project.supabase.co/auth/v1' }

/** The error message of a process that cannot start with these variables. */
const errorOf = (variables: Record<string, string>): string => {
  try {
    optionsOf(variables)
    return 'no error'
  } catch (error) {
    return error instanceof Error ? error.message : 'not an error'
  }
}

test('without a preset, the variables have the same meaning as before presets existed', () => {
  expect(optionsOf(withoutPreset)).toEqual({
    issuer: 'https://id.example.com',
    audience: ['shop'],
    keys: new URL('https://id.example.com/jwks'),
    userClaim: 'sub',
    emailClaim: 'email',
  })
})

test('every variable overrides the preset', () => {
  const overrides = {
    AUTH_AUDIENCE: 'films',
    AUTH_AUTHORIZED_PARTIES: 'web',
    AUTH_JWKS_URL: 'https://keys.example.com/',
    AUTH_ALGORITHMS: 'ES256',
    AUTH_USER_CLAIM: 'user_id',
    AUTH_EMAIL_CLAIM: 'mail',
    AUTH_ADMIN: 'is_admin=true',
  }
  expect(optionsOf({ ...supabase, ...overrides })).toEqual({
    issuer: supabase.AUTH_ISSUER,
    audience: ['films'],
    authorizedParties: ['web'],
    keys: new URL('https://keys.example.com/'),
    algorithms: ['ES256'],
    userClaim: 'user_id',
    emailClaim: 'mail',
    admin: { claim: 'is_admin', value: 'true' },
  })
  expect(optionsOf({ ...supabase, AUTH_JWKS: jwks }).keys).toEqual(JSON.parse(jwks))
  expect(optionsOf({ ...supabase, AUTH_SECRET: secret }).keys).toEqual({ secret })
})

test('an issuer in a different form is used as is, if all values that would be derived from it are set', () => {
  const selfHosted = { AUTH_PRESET: 'supabase', AUTH_ISSUER: 'supabase', AUTH_AUDIENCE: 'authenticated', AUTH_SECRET: secret }
  expect(optionsOf(selfHosted)).toMatchObject({ issuer: 'supabase', audience: ['authenticated'], keys: { secret } })
})

describe('the process does not start, and its error names the variable', () => {
  const auth0 = { AUTH_PRESET: 'auth0', AUTH_ISSUER: 'https://shop.eu.auth0.com/' }
  test.each([
    ['an unknown preset', { ...clerk, AUTH_PRESET: 'okta' }, 'AUTH_PRESET'],
    ['a preset without an issuer', { AUTH_PRESET: 'clerk' }, 'AUTH_ISSUER'],
    ['Clerk without an audience or origins', { ...clerk, AUTH_AUTHORIZED_PARTIES: '' }, 'AUTH_AUTHORIZED_PARTIES'],
    ['Clerk with an empty list of origins', { ...clerk, AUTH_AUTHORIZED_PARTIES: ',' }, 'AUTH_AUTHORIZED_PARTIES'],
    ['Clerk with a host instead of an origin', { ...clerk, AUTH_AUTHORIZED_PARTIES: 'shop.example' }, 'AUTH_AUTHORIZED_PARTIES'],
    ['an origin with a path', { ...clerk, AUTH_AUTHORIZED_PARTIES: 'https://shop.example/login' }, 'AUTH_AUTHORIZED_PARTIES'],
    ['Auth0 without an audience', auth0, 'AUTH_AUDIENCE'],
    ['no preset and no audience', { ...withoutPreset, AUTH_AUDIENCE: '' }, 'AUTH_AUDIENCE'],
    ['no preset and no keys', { ...withoutPreset, AUTH_JWKS_URL: '' }, 'AUTH_JWKS_URL'],
    ['an issuer without its protocol', { ...auth0, AUTH_AUDIENCE: 'shop', AUTH_ISSUER: 'shop.eu.auth0.com' }, 'AUTH_ISSUER'],
    ["Supabase's URL without its path", { ...supabase, AUTH_ISSUER: 'https://project.supabase.co' }, 'AUTH_ISSUER'],
    [
      "Firebase's project id without the rest of the issuer",
      { AUTH_PRESET: 'firebase', AUTH_ISSUER: 'shop-12345' },
      'AUTH_ISSUER',
    ],
    ['Keycloak without a realm', { AUTH_PRESET: 'keycloak', AUTH_ISSUER: 'https://id.example.com' }, 'AUTH_ISSUER'],
    [
      'Keycloak without an audience or clients',
      { AUTH_PRESET: 'keycloak', AUTH_ISSUER: 'https://id.example.com/realms/shop' },
      'AUTH_AUTHORIZED_PARTIES',
    ],
    ['a JWKS and the URL of a JWKS', { ...withoutPreset, AUTH_JWKS: jwks }, 'AUTH_JWKS_URL'],
    ['a secret and a JWKS', { ...supabase, AUTH_SECRET: secret, AUTH_JWKS: jwks }, 'AUTH_JWKS'],
    ['a secret and the URL of a JWKS', { ...withoutPreset, AUTH_SECRET: secret }, 'AUTH_JWKS_URL'],
    ['a secret and algorithms', { ...supabase, AUTH_SECRET: secret, AUTH_ALGORITHMS: 'ES256' }, 'AUTH_ALGORITHMS'],
    ['HS256 without a secret', { ...supabase, AUTH_ALGORITHMS: 'HS256' }, 'AUTH_ALGORITHMS'],
    ['no signature', { ...supabase, AUTH_ALGORITHMS: 'none' }, 'AUTH_ALGORITHMS'],
    ['a secret in a JWKS', { ...supabase, AUTH_JWKS: '{"keys":[{"kty":"oct","k":"AQAB"}]}' }, 'AUTH_JWKS'],
    ['an admin claim without a value', { ...supabase, AUTH_ADMIN: 'role' }, 'AUTH_ADMIN'],
    ['an admin rule that matches a claim with the value false', { ...supabase, AUTH_ADMIN: 'is_guest=false' }, 'AUTH_ADMIN'],
    ['an admin claim that users can edit', { ...supabase, AUTH_ADMIN: 'user_metadata.role=admin' }, 'AUTH_ADMIN'],
    ['a user claim that users can edit', { ...clerk, AUTH_USER_CLAIM: 'unsafe_metadata.id' }, 'AUTH_USER_CLAIM'],
    ['an e-mail claim that users can edit', { ...supabase, AUTH_EMAIL_CLAIM: ' user_metadata.email' }, 'AUTH_EMAIL_CLAIM'],
    [
      'Clerk without origins, if pages may have any port',
      clerkOf('https://shop.example,http://localhost:*'),
      'AUTH_AUTHORIZED_PARTIES',
    ],
  ])('%s', (_, variables, name) => {
    expect(errorOf(variables)).toMatch(new RegExp(`^${name}(\\.[\\w.]+)?(: Expected| is missing. Expected:) .+$`))
  })
})

test.each([
  ' user_metadata.role=admin',
  'user_metadata .role=admin',
  'session.user_metadata.role=admin',
  'https://shop.example/user_metadata.role=admin',
  'https://shop.example/User_Metadata=admin',
  'user.unsafeMetadata.role=admin',
])('AUTH_ADMIN may not be a claim that users can edit, in any spelling: %s', (rule) => {
  expect(errorOf({ ...supabase, AUTH_ADMIN: rule })).toMatch(/^AUTH_ADMIN: Expected a claim that users cannot edit/)
})

test('spaces around the name of a claim are ignored', () => {
  const claims = { AUTH_USER_CLAIM: ' user_id ', AUTH_EMAIL_CLAIM: ' mail', AUTH_ADMIN: ' role = admin ' }
  expect(optionsOf({ ...supabase, ...claims })).toMatchObject({
    userClaim: 'user_id',
    emailClaim: 'mail',
    admin: { claim: 'role', value: 'admin' },
  })
})

test("Clerk's authorized parties default to the origins of the site's pages", () => {
  const origins = ['https://www.shop.example', 'http://localhost:5173']
  expect(optionsOf(clerkOf(origins.join()))).toMatchObject({ authorizedParties: origins })
  expect(optionsOf({ ...clerk, WEB_ORIGINS: 'https://other.example' }).authorizedParties).toEqual(['https://shop.example'])
  // A native app's token has an audience and no azp.
  expect(optionsOf({ ...clerkOf(origins.join()), AUTH_AUDIENCE: 'shop' }).authorizedParties).toBeUndefined()
  // Keycloak's authorized parties are client ids.
  const keycloak = { AUTH_PRESET: 'keycloak', AUTH_ISSUER: 'https://id.example.com/realms/shop', WEB_ORIGINS: origins.join() }
  expect(errorOf(keycloak)).toMatch(/^AUTH_AUTHORIZED_PARTIES: Expected the ids of your clients/)
})

describe('AUTH_SECRET', () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const jwk = JSON.stringify(publicKey.export({ format: 'jwk' }))
  test.each([
    ['a PEM', pem],
    ['a PEM on one line', pem.replaceAll('\n', '\\n')],
    ['a PEM in base64', Buffer.from(pem).toString('base64')],
    ['a public key in base64', publicKey.export({ type: 'spki', format: 'der' }).toString('base64')],
    ['a PKCS 1 public key in base64', publicKey.export({ type: 'pkcs1', format: 'der' }).toString('base64')],
    ['a JWK', jwk],
    ['a JWKS', `{"keys":[${jwk}]}`],
    ['a JWKS in base64', Buffer.from(`{"keys":[${jwk}]}`).toString('base64url')],
    ['the URL of a JWKS', 'https://project.supabase.co/auth/v1/.well-known/jwks.json'],
    ['fewer than 32 characters', 'short-secret'],
  ])('is never %s, and the error does not quote it', (_, value) => {
    const message = errorOf({ ...supabase, AUTH_SECRET: value })
    expect(message).toMatch(/^AUTH_SECRET: Expected/)
    expect(message).not.toContain(value.slice(0, 12))
  })

  test.each([
    secret,
    Buffer.from('{[ random bytes of a project, long enough').toString('base64'),
    '{not-json-but-long-enough-for-hs256}',
  ])('may be %s', (value) => {
    expect(optionsOf({ ...supabase, AUTH_SECRET: value }).keys).toEqual({ secret: value })
  })
})
