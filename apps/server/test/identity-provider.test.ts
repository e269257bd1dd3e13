import { mkdtempSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from '@pay-to-view/devstack/ports'
import { startServer } from '@pay-to-view/testing/app-process'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { seedIds } from '@pay-to-view/testing/stack'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHttpClient } from './http-client.ts'

/** Starts an identity provider that issues tokens like Clerk's. */
const startClerk = async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'ins_1', alg: 'RS256', use: 'sig' }] }
  const server: Server = createServer(({ url }, response) => {
    response.writeHead(url === '/.well-known/jwks.json' ? 200 : 404).end(JSON.stringify(jwks))
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${port}`
  const claims = { azp: 'https://www.shop.example', fva: [1, -1], sid: 'sess_1', sts: 'active', v: 2 }
  return {
    issuer,
    token: (changes: object = {}): Promise<string> =>
      new SignJWT({ ...claims, iss: issuer, sub: 'user_2b6LxNFHDJHKkYDMAAz9WL8TsRF', ...changes })
        .setProtectedHeader({ alg: 'RS256', kid: 'ins_1', typ: 'JWT' })
        .setIssuedAt()
        .setExpirationTime('1m')
        .sign(privateKey),
    close: () => server.close(),
  }
}

/** The secret of an identity provider project that signs tokens with HS256. */
const secret = 'secret-of-the-identity-provider-of-a-project'

let database: Database
let clerk: Awaited<ReturnType<typeof startClerk>>
let servers: Awaited<ReturnType<typeof startServer>>[] = []
const log = path.join(mkdtempSync(path.join(tmpdir(), 'identity-provider-')), 'server.log')

const databaseNamed = (name: string): string => Object.assign(new URL(database.databaseUrl), { pathname: `/${name}` }).href

beforeAll(async () => {
  ;[database, clerk] = await Promise.all([startDatabase(), startClerk()])
  // The requests in these tests need only Postgres, so the addresses of all other services point to a port at which nothing listens.
  const nowhere = `127.0.0.1:${await freePort()}`
  const services = {
    databaseUrl: database.databaseUrl,
    temporalAddress: nowhere,
    temporalNamespace: 'default',
    stripeApi: `http://${nowhere}`,
    webhookSecret: 'whsec_unused',
    issuer: 'http://unused.example',
  }
  const withoutDefaults = { AUTH_ISSUER: undefined, AUTH_AUDIENCE: undefined, AUTH_JWKS_URL: undefined }
  const ofClerk = { AUTH_PRESET: 'clerk', AUTH_ISSUER: clerk.issuer, AUTH_AUTHORIZED_PARTIES: 'https://www.shop.example' }
  const ofSupabase = { AUTH_PRESET: 'supabase', AUTH_ISSUER: 'https://project.supabase.co/auth/v1', AUTH_SECRET: secret }
  servers = await Promise.all([
    startServer(services, { ready: '/healthz', env: { ...withoutDefaults, ...ofClerk } }),
    // The secret is also the name of a database that does not exist, because Postgres quotes an unknown database's name in its error, which
    // is logged.
    startServer(
      { ...services, databaseUrl: databaseNamed(secret) },
      { ready: '/healthz', env: { ...withoutDefaults, ...ofSupabase, LOG_LEVEL: 'debug' }, log },
    ),
  ])
}, 120_000)

afterAll(async () => {
  clerk?.close()
  await Promise.all(servers.map(({ stop }) => stop()))
  await database?.stop()
}, 60_000)

const access = `/client/v1/pay-to-view/access?entityId=${seedIds.film}`
const search = '/trpc/admin.purchases.search?input={}'

test('AUTH_PRESET=clerk: a server accepts Clerk tokens with no variables other than the issuer and the origins', async () => {
  const { get } = createHttpClient(() => servers[0]?.url ?? '')
  expect(await get(access, { token: await clerk.token() })).toMatchObject({
    status: 200,
    body: { items: [{ entityId: seedIds.film, hasAccess: false }] },
  })
  for (const changes of [
    { azp: 'https://evil.example' },
    { iss: 'https://clerk.evil.example' },
    { sts: 'pending' },
    { sub: '' },
  ]) {
    expect(await get(access, { token: await clerk.token(changes) })).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    })
  }
  expect(await get(search, { token: await clerk.token() })).toMatchObject({ status: 403 })
  expect(await get(search, { token: await clerk.token({ metadata: { role: 'admin' } }) })).toMatchObject({ status: 200 })
})

test('AUTH_SECRET: a server accepts HS256 tokens and masks the secret in its log', async () => {
  const { get } = createHttpClient(() => servers[1]?.url ?? '')
  const sign = (key: string) =>
    new SignJWT({ iss: 'https://project.supabase.co/auth/v1', aud: 'authenticated', sub: '3f0c1e52-7a53-4f9b-9d33-0a4c86ab8e11' })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('1m')
      .sign(new TextEncoder().encode(key))
  expect(await get(access, { token: await sign(`${secret}.`) })).toMatchObject({ status: 401 })
  // The token is accepted, but the call fails because the database does not exist.
  expect((await get(access, { token: await sign(secret) })).status).toBeGreaterThanOrEqual(500)
  await servers[1]?.stop()
  const text = readFileSync(log, 'utf8')
  expect(text).toContain('[secret]')
  expect(text).not.toContain(secret)
  expect(text).toContain('"reason":"signature verification failed"')
})
