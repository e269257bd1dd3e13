import { beforeAll, expect, test } from 'vitest'
import { createAuthenticator } from '../../src/auth/authenticator.ts'
import { type Provider, providerOf } from './providers.ts'
import { authenticatorOf, createIssuer, type Issuer, optionsOf } from './tokens.ts'

let issuer: Issuer
beforeAll(async () => {
  issuer = await createIssuer()
})

/** Whether a server with these variables accepts a token of the provider with these claims. */
const accepts = async (preset: Provider['preset'], claims: object, variables: Record<string, string> = {}): Promise<boolean> => {
  const provider = providerOf(preset)
  const authenticate = authenticatorOf({
    ...{ AUTH_PRESET: preset, ...provider.variables, AUTH_JWKS: JSON.stringify(issuer.jwks) },
    ...variables,
  })
  const token = await issuer.sign({ ...provider.claims(), ...claims }, provider.algorithm)
  return authenticate(`Bearer ${token}`).then(
    () => true,
    () => false,
  )
}

test("Clerk: azp must be one of the site's origins", async () => {
  const several = { AUTH_AUTHORIZED_PARTIES: 'https://www.shop.example/, http://LOCALHOST:5173' }
  expect(await accepts('clerk', {}, several)).toBe(true)
  expect(await accepts('clerk', { azp: 'http://localhost:5173' }, several)).toBe(true)
  for (const azp of [
    ...['https://evil.example', 'https://www.shop.example.evil.example', 'http://www.shop.example', 'https://shop.example'],
    ...['https://www.shop.example:8443', '', undefined, null, ['https://www.shop.example']],
  ]) {
    expect(await accepts('clerk', { azp }), String(azp)).toBe(false)
  }
})

test('the reason for a rejected token is logged without any part of the token', async () => {
  const { claims, variables, algorithm } = providerOf('clerk')
  const reasons: string[] = []
  const options = optionsOf({ AUTH_PRESET: 'clerk', ...variables, AUTH_JWKS: JSON.stringify(issuer.jwks) })
  const authenticate = createAuthenticator({ ...options, onReject: (reason) => reasons.push(reason) })
  for (const changes of [{ iss: 'a' }, { exp: 1 }, { azp: 'b' }, { azp: undefined }, { sts: 'pending' }, { sub: '' }]) {
    await authenticate(`Bearer ${await issuer.sign({ ...claims(), ...changes }, algorithm)}`).catch(() => null)
  }
  await authenticate('Basic c2VjcmV0').catch(() => null)
  expect(reasons).toEqual([
    'unexpected "iss" claim value',
    '"exp" claim timestamp check failed',
    'unexpected "azp" claim value',
    'missing "azp" claim',
    'the "sts" claim is pending',
    'the "sub" claim is not a string of 1 to 200 characters without control characters and surrounding spaces',
    'expected "Bearer" and a token in the Authorization header',
  ])
})

test('Clerk: a session with a pending task is not signed in', async () => {
  expect(await accepts('clerk', { sts: 'pending' })).toBe(false)
  expect(await accepts('clerk', { sts: undefined })).toBe(true)
})

test('Clerk: with AUTH_AUDIENCE, a token of a JWT template needs the audience instead of azp', async () => {
  const withAudience = { AUTH_AUDIENCE: 'pay-to-view', AUTH_AUTHORIZED_PARTIES: '' }
  expect(await accepts('clerk', { aud: 'pay-to-view', azp: undefined }, withAudience)).toBe(true)
  expect(await accepts('clerk', {}, withAudience)).toBe(false)
  const withBoth = { AUTH_AUDIENCE: 'pay-to-view' }
  expect(await accepts('clerk', { aud: 'pay-to-view', azp: 'https://evil.example' }, withBoth)).toBe(false)
})

test('Auth0: one of several audiences is enough, and another API of the tenant is rejected', async () => {
  expect(await accepts('auth0', { aud: 'https://api.shop.example' })).toBe(true)
  expect(await accepts('auth0', { aud: ['https://shop.eu.auth0.com/userinfo'] })).toBe(false)
  expect(await accepts('auth0', { aud: 'my_client_id' })).toBe(false)
  expect(await accepts('auth0', { aud: [['https://api.shop.example']] })).toBe(false)
  const two = { AUTH_AUDIENCE: 'https://old.shop.example, https://api.shop.example' }
  expect(await accepts('auth0', { aud: 'https://old.shop.example' }, two)).toBe(true)
})

test('Auth0: ids of every kind of user are accepted', async () => {
  for (const sub of [
    ...['auth0|5f7c8ec7c33c6c004bbafe82', 'google-oauth2|108204268033311374519', 'samlp|corp|ålice@corp.example'],
    ...['client_id@clients', 'waad|Zv7ZkT9vqN_xHfN5c2rV1k9J0', 'oauth2|line|U1234567890', 'a'.repeat(200)],
  ]) {
    expect(await accepts('auth0', { sub }), sub).toBe(true)
  }
})

test("Firebase: another project's token is rejected, although Google signs it with the same keys", async () => {
  const iss = 'https://securetoken.google.com/other-project'
  expect(await accepts('firebase', { iss, aud: 'other-project' })).toBe(false)
  expect(await accepts('firebase', { iss })).toBe(false)
  expect(await accepts('firebase', { aud: 'other-project' })).toBe(false)
  expect(await accepts('firebase', { iss: 'https://session.firebase.google.com/shop-12345' })).toBe(false)
})

test("Supabase: the project's key for anonymous access does not identify a user", async () => {
  const anonymousKey = { iss: 'supabase', ref: 'abcdefghijklmnop', role: 'anon', sub: undefined, aud: undefined }
  expect(await accepts('supabase', anonymousKey)).toBe(false)
  expect(await accepts('supabase', { aud: 'anon' })).toBe(false)
})

test('Keycloak: a token for another client of the realm is rejected, although all clients share the audience account', async () => {
  expect(await accepts('keycloak', { aud: 'account' })).toBe(true)
  expect(await accepts('keycloak', { aud: undefined })).toBe(true)
  for (const azp of ['other-web', 'account', '', undefined, ['shop-web']])
    expect(await accepts('keycloak', { aud: 'account', azp }), String(azp)).toBe(false)
  const withAudience = { AUTH_AUDIENCE: 'films', AUTH_AUTHORIZED_PARTIES: '' }
  expect(await accepts('keycloak', { azp: 'other-web' }, withAudience)).toBe(true)
  expect(await accepts('keycloak', { aud: 'account' }, withAudience)).toBe(false)
  expect(await accepts('keycloak', { aud: undefined }, withAudience)).toBe(false)
})

test('Keycloak: an audience and a client can be required', async () => {
  const stricter = { AUTH_AUDIENCE: 'films', AUTH_AUTHORIZED_PARTIES: 'shop-web,shop-app' }
  expect(await accepts('keycloak', {}, stricter)).toBe(true)
  expect(await accepts('keycloak', { aud: 'account' }, stricter)).toBe(false)
  expect(await accepts('keycloak', { azp: 'other-web' }, stricter)).toBe(false)
  expect(await accepts('keycloak', { iss: 'https://id.shop.example/realms/staff' })).toBe(false)
})

test('Better Auth: the keys are below the path of the base URL', async () => {
  const AUTH_ISSUER = 'https://www.shop.example/accounts/api'
  expect(await accepts('better-auth', { iss: AUTH_ISSUER, aud: AUTH_ISSUER }, { AUTH_ISSUER })).toBe(true)
  expect(await accepts('better-auth', { iss: AUTH_ISSUER }, { AUTH_ISSUER })).toBe(false)
})
