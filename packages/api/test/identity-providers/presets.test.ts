import { beforeAll, describe, expect, test } from 'vitest'
import { type Provider, providers } from './providers.ts'
import { authenticatorOf, createIssuer, type Issuer, now, optionsOf } from './tokens.ts'

let issuer: Issuer
beforeAll(async () => {
  issuer = await createIssuer()
})

const authenticate = ({ preset, variables }: Provider, token: string) =>
  authenticatorOf({ AUTH_PRESET: preset, ...variables, AUTH_JWKS: JSON.stringify(issuer.jwks) })(`Bearer ${token}`)
const sign = ({ claims, algorithm }: Provider, changes: object = {}) => issuer.sign({ ...claims(), ...changes }, algorithm)

describe.each(providers)('AUTH_PRESET=$preset', (provider) => {
  const { preset, variables, jwksUrl, userId, adminClaims, otherRoles } = provider

  test("finds the provider's keys", () => {
    expect(optionsOf({ AUTH_PRESET: preset, ...variables }).keys).toEqual(new URL(jwksUrl))
  })

  test('accepts its token; the user is not an admin', async () => {
    expect(await authenticate(provider, await sign(provider))).toMatchObject({ id: userId, admin: false })
  })

  test('recognizes an admin', async () => {
    expect(await authenticate(provider, await sign(provider, adminClaims))).toMatchObject({ id: userId, admin: true })
  })

  test.each(otherRoles)('%j does not make an admin', async (claims) => {
    expect(await authenticate(provider, await sign(provider, claims))).toMatchObject({ id: userId, admin: false })
  })

  test.each([
    ['that never expires', { exp: undefined }],
    ['whose expiry is a string', { exp: String(now() + 60) }],
    ['that has expired', { exp: now() - 60 }],
    ['without a user', { sub: undefined }],
    ['whose user is a number', { sub: 42 }],
    ['whose user is a list', { sub: [userId] }],
    ['whose user has control characters', { sub: `${userId}\n` }],
    ['from an issuer with a longer name', { iss: `${variables.AUTH_ISSUER}.evil.example` }],
  ])('rejects a token %s', async (_, changes) => {
    await expect(authenticate(provider, await sign(provider, changes))).rejects.toMatchObject({ code: 'unauthorized' })
  })

  // All tokens are signed with the same keys, so only issuer, audience and authorized party distinguish them.
  test.each(providers.filter((other) => other !== provider))("rejects $preset's token", async (other) => {
    await expect(authenticate(provider, await sign(other, other.adminClaims))).rejects.toMatchObject({ code: 'unauthorized' })
  })

  test.each(providers.filter((other) => other !== provider))(
    "rejects $preset's token even with this provider's issuer",
    async (other) => {
      const { iss } = provider.claims()
      // A Clerk token has no audience.
      await expect(authenticate(provider, await sign(other, { iss }))).rejects.toMatchObject({ code: 'unauthorized' })
    },
  )
})
