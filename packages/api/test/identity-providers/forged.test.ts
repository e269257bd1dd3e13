import { createHmac } from 'node:crypto'
import { UnsecuredJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Provider, providerOf, providers } from './providers.ts'
import { authenticatorOf, createIssuer, type Issuer, signWithSecret } from './tokens.ts'

let issuer: Issuer
let attacker: Issuer
beforeAll(async () => {
  ;[issuer, attacker] = await Promise.all([createIssuer(), createIssuer()])
})

const variablesOf = ({ preset, variables }: Provider) => ({
  AUTH_PRESET: preset,
  ...variables,
  AUTH_JWKS: JSON.stringify(issuer.jwks),
})

/** An HS256 token whose secret is `key`, with the public key's key id. */
const signedWith = ({ claims, algorithm }: Provider, key: string): string => {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const signed = `${encode({ alg: 'HS256', kid: algorithm, typ: 'JWT' })}.${encode(claims())}`
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
}

describe.each(providers)('AUTH_PRESET=$preset rejects', (provider) => {
  const { claims, algorithm } = provider
  const forged: [string, () => Promise<string> | string][] = [
    ['a token without a signature (alg none)', () => new UnsecuredJWT(claims()).encode()],
    ["HS256 with the PEM of the provider's public key", async () => signedWith(provider, await issuer.pem(algorithm))],
    ['HS256 with the JWKS', () => signedWith(provider, JSON.stringify(issuer.jwks))],
    ['HS256 with the modulus or the x coordinate of the public key', () => signedWith(provider, issuer.jwks.keys[0]?.n ?? '')],
    ['HS256 with an empty secret', () => signedWith(provider, '')],
    ["someone else's key with the key id of the provider", () => attacker.sign(claims(), algorithm)],
    [
      'a public key in the header of the token',
      () => {
        const jwk = attacker.jwks.keys.find(({ kid }) => kid === algorithm)
        return attacker.sign(claims(), algorithm, { alg: algorithm, ...(jwk && { jwk }) })
      },
    ],
  ]
  test.each(forged)('%s', async (_, forge) => {
    await expect(authenticatorOf(variablesOf(provider))(`Bearer ${await forge()}`)).rejects.toMatchObject({
      code: 'unauthorized',
    })
  })
})

// Better Auth supports all of the algorithms.
test.each(providers.filter(({ preset }) => preset !== 'better-auth'))(
  '$preset: algorithms that the provider does not use are rejected',
  async (provider) => {
    for (const algorithm of ['EdDSA', provider.algorithm === 'RS256' ? 'ES256' : 'EdDSA'] as const) {
      const token = await issuer.sign(provider.claims(), algorithm)
      await expect(authenticatorOf(variablesOf(provider))(`Bearer ${token}`)).rejects.toMatchObject({ code: 'unauthorized' })
    }
  },
)

test('AUTH_ALGORITHMS replaces the algorithms of the preset', async () => {
  const provider = providerOf('keycloak')
  const authenticate = authenticatorOf({ ...variablesOf(provider), AUTH_ALGORITHMS: 'ES256, EdDSA' })
  expect(await authenticate(`Bearer ${await issuer.sign(provider.claims(), 'ES256')}`)).toMatchObject({ id: provider.userId })
  await expect(authenticate(`Bearer ${await issuer.sign(provider.claims(), 'RS256')}`)).rejects.toMatchObject({
    code: 'unauthorized',
  })
})

describe('with AUTH_SECRET', () => {
  const secret = 'a-secret-of-the-project-that-is-long-enough'
  const provider = providerOf('supabase')
  const authenticate = (token: string) =>
    authenticatorOf({ AUTH_PRESET: 'supabase', ...provider.variables, AUTH_SECRET: secret })(`Bearer ${token}`)

  test("a token with HS256 is accepted if it meets the preset's other rules", async () => {
    const admin = { ...provider.claims(), ...provider.adminClaims }
    expect(await authenticate(await signWithSecret(admin, secret))).toMatchObject({ id: provider.userId, admin: true })
  })

  test.each([
    ['another secret', () => signWithSecret(provider.claims(), `${secret}.`)],
    ['another audience', () => signWithSecret({ ...provider.claims(), aud: 'anon' }, secret)],
    ['no signature', async () => new UnsecuredJWT(provider.claims()).encode()],
    ['an ES256 signature', () => issuer.sign(provider.claims(), 'ES256')],
    ['no expiry', () => signWithSecret({ ...provider.claims(), exp: undefined }, secret)],
  ])('a token with %s is rejected', async (_, create) => {
    await expect(authenticate(await create())).rejects.toMatchObject({ code: 'unauthorized' })
  })
})
