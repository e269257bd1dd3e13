import { createServer } from 'node:http'
import { exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { createAuthenticator } from '../src/auth/authenticator.ts'

const [issuer, audience] = ['https://issuer.test', 'pay-to-view']
type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>
let issuerKey: KeyPair
let otherKey: KeyPair
let keys: { keys: JWK[] }

const jwkOf = async ({ publicKey }: KeyPair, kid: string): Promise<JWK> => ({
  ...(await exportJWK(publicKey)),
  alg: 'ES256',
  kid,
})

beforeAll(async () => {
  ;[issuerKey, otherKey] = await Promise.all([
    generateKeyPair('ES256', { extractable: true }),
    generateKeyPair('ES256', { extractable: true }),
  ])
  keys = { keys: [await jwkOf(issuerKey, 'one')] }
})

interface Claims {
  sub?: string
  iss?: string
  aud?: string
  exp?: number | string
  nbf?: number
  admin?: unknown
  email?: unknown
  email_verified?: unknown
}

/** A valid token, except for the given claims; `undefined` omits a claim. */
const token = (claims: Claims = {}, key: KeyPair = issuerKey, kid = 'one'): Promise<string> => {
  const { exp, ...payload } = { sub: 'alice', iss: issuer, aud: audience, exp: '1h', ...claims }
  const jwt = new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid })
  return (exp === undefined ? jwt : jwt.setExpirationTime(exp)).sign(key.privateKey)
}

const now = () => Math.floor(Date.now() / 1000)
const read = async (authorization: string | undefined) => createAuthenticator({ issuer, audience, keys })(authorization)

describe('a token of the issuer', () => {
  test('identifies the user; the scheme is case-insensitive', async () => {
    expect(await read(`Bearer ${await token()}`)).toMatchObject({ id: 'alice', admin: false })
    expect(await read(`bearer ${await token()}`)).toMatchObject({ id: 'alice', admin: false })
  })

  test('identifies an admin only with the admin: true claim', async () => {
    expect(await read(`Bearer ${await token({ admin: true })}`)).toMatchObject({ id: 'alice', admin: true })
    for (const admin of ['true', 1, [true], { admin: true }, false, null]) {
      expect(await read(`Bearer ${await token({ admin })}`)).toMatchObject({ id: 'alice', admin: false })
    }
  })

  test.each([
    [{ email: 'alice@example.com' }, 'alice@example.com'],
    [{ email: 'alice@example.com', email_verified: true }, 'alice@example.com'],
    [{ email: 'alice@example.com', email_verified: false }, null],
    [{ email: 'alice@example.com', email_verified: 'false' }, null],
    [{ email: 'alice@example.com\r\nBcc: bob@example.com' }, null],
    [{ email: ['alice@example.com'] }, null],
    [{}, null],
  ])('with %j has the e-mail address %s', async (claims, email) => {
    expect(await read(`Bearer ${await token(claims)}`)).toMatchObject({ id: 'alice', email })
  })

  test('is rejected if its user could be mistaken for an API key or for pay-to-view itself in the audit log', async () => {
    for (const sub of ['key_01m85eetz2e8qthwsqr5v0dh8g', 'pay-to-view'])
      await expect(read(`Bearer ${await token({ sub, admin: true })}`)).rejects.toMatchObject({ code: 'unauthorized' })
    for (const sub of ['key_1', 'key_01M85EETZ2E8QTHWSQR5V0DH8G', 'pay-to-view-admin'])
      expect(await read(`Bearer ${await token({ sub })}`)).toMatchObject({ id: sub })
  })

  test('is optional: without a header there is no user', async () => {
    expect(await read(undefined)).toBeNull()
  })
})

describe('rejects', () => {
  const invalid: [string, () => Promise<string> | string][] = [
    ['an empty header', () => ''],
    ['another scheme', async () => `Basic ${await token()}`],
    ['a token without a scheme', () => token()],
    ['no token', () => 'Bearer '],
    ['two tokens', async () => `Bearer ${await token()} ${await token()}`],
    ['garbage', () => 'Bearer a.b.c'],
    ['the signature of another key', async () => `Bearer ${await token({}, otherKey)}`],
    ['an unknown key id', async () => `Bearer ${await token({}, otherKey, 'two')}`],
    ['an expired token', async () => `Bearer ${await token({ exp: now() - 60 })}`],
    ['a token without exp', async () => `Bearer ${await token({ exp: undefined })}`],
    ['a token that is not valid yet', async () => `Bearer ${await token({ nbf: now() + 600 })}`],
    ['another audience', async () => `Bearer ${await token({ aud: 'another-site' })}`],
    ['no audience', async () => `Bearer ${await token({ aud: undefined })}`],
    ['another issuer', async () => `Bearer ${await token({ iss: 'https://evil.test' })}`],
    ['no user', async () => `Bearer ${await token({ sub: undefined })}`],
    ['an empty user', async () => `Bearer ${await token({ sub: '' })}`],
    ['a user with control characters', async () => `Bearer ${await token({ sub: 'alice\nadmin' })}`],
    ['a user with a leading space', async () => `Bearer ${await token({ sub: ' alice' })}`],
    ['a user of 201 characters', async () => `Bearer ${await token({ sub: 'a'.repeat(201) })}`],
    [
      'no signature',
      () =>
        `Bearer ${new UnsecuredJWT({}).setSubject('alice').setIssuer(issuer).setAudience(audience).setExpirationTime('1h').encode()}`,
    ],
    [
      'the public key used as a shared secret',
      async () => {
        const secret = new TextEncoder().encode(await exportSPKI(issuerKey.publicKey))
        const jwt = new SignJWT({ sub: 'alice', iss: issuer, aud: audience }).setProtectedHeader({ alg: 'HS256', kid: 'one' })
        return `Bearer ${await jwt.setExpirationTime('1h').sign(secret)}`
      },
    ],
    [
      'an algorithm that the key is not for',
      async () => {
        const rsa = await generateKeyPair('RS256')
        const jwt = new SignJWT({ sub: 'alice', iss: issuer, aud: audience }).setProtectedHeader({ alg: 'RS256', kid: 'one' })
        return `Bearer ${await jwt.setExpirationTime('1h').sign(rsa.privateKey)}`
      },
    ],
    [
      'an empty signature',
      async () => {
        const [header, payload] = (await token()).split('.')
        return `Bearer ${header}.${payload}.`
      },
    ],
    [
      'a modified payload',
      async () => {
        const [header, , signature] = (await token()).split('.')
        const payload = Buffer.from(JSON.stringify({ sub: 'root', iss: issuer, aud: audience, exp: now() + 600, admin: true }))
        return `Bearer ${header}.${payload.toString('base64url')}.${signature}`
      },
    ],
  ]
  test.each(invalid)('%s', async (_, header) => {
    await expect(read(await header())).rejects.toMatchObject({ code: 'unauthorized' })
  })
})

describe('a JWKS URL', () => {
  const serve = async (respond: () => { status: number; body: unknown }) => {
    const server = createServer((_request, response) => {
      const { status, body } = respond()
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    return { url: new URL(`http://127.0.0.1:${port}/jwks.json`), close: () => new Promise((resolve) => server.close(resolve)) }
  }

  test('is fetched, and fetched again for a new key id', async () => {
    let published = keys
    const jwks = await serve(() => ({ status: 200, body: published }))
    const authenticate = createAuthenticator({ issuer, audience, keys: jwks.url, keysCooldownMs: 0 })
    expect(await authenticate(`Bearer ${await token()}`)).toMatchObject({ id: 'alice' })
    published = { keys: [...keys.keys, await jwkOf(otherKey, 'two')] }
    expect(await authenticate(`Bearer ${await token({}, otherKey, 'two')}`)).toMatchObject({ id: 'alice' })
    await jwks.close()
  })

  test('that is unavailable is reported as unavailable, and the caller can retry', async () => {
    const jwks = await serve(() => ({ status: 500, body: {} }))
    const authenticate = createAuthenticator({ issuer, audience, keys: jwks.url })
    await expect(authenticate(`Bearer ${await token()}`)).rejects.toMatchObject({ code: 'auth_unavailable' })
    await jwks.close()
    await expect(authenticate(`Bearer ${await token()}`)).rejects.toMatchObject({ code: 'auth_unavailable' })
  })
})
