import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createTemporaryDataFolder, removeDataFolder } from '../src/index.ts'
import { withRunningStack, withRunningTemporal } from '../src/ops.ts'
import { freePort } from '../src/ports.ts'
import { waitFor } from '../src/wait.ts'
import { payToView } from './command.ts'

const dataFolder = createTemporaryDataFolder()
afterAll(() => removeDataFolder(dataFolder))

const processList = () => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })

const stack = {
  ...{ databaseUrl: 'postgresql://127.0.0.1:5433/ptv', stripeApi: 'http://127.0.0.1:12111' },
  ...{ temporalAddress: '127.0.0.1:7233', temporalNamespace: 'default' },
}
const stackVariables = {
  ...{ DATABASE_URL: stack.databaseUrl, TEMPORAL_ADDRESS: stack.temporalAddress, TEMPORAL_NAMESPACE: 'default' },
  ...{ STRIPE_SECRET_KEY: 'sk_test_local', STRIPE_API_BASE: stack.stripeApi },
}
const environmentOf = (environment: Record<string, string>, running: typeof stack | undefined = stack) =>
  withRunningStack(environment, running, 'sk_test_local')

describe("an operator's command", () => {
  test('uses the running stack if the environment names no other services', () => {
    expect(environmentOf({ PATH: '/bin' })).toEqual({ PATH: '/bin', ...stackVariables })
    expect(environmentOf({ DATABASE_URL: stack.databaseUrl })).toEqual(stackVariables)
  })

  test.each([
    [{ DATABASE_URL: 'postgresql://db.example.com/shop' }],
    [{ TEMPORAL_ADDRESS: 'temporal.example.com:7233' }],
    [{ TEMPORAL_ADDRESS: '127.0.0.1:7233', TEMPORAL_NAMESPACE: 'other' }],
    [{ STRIPE_SECRET_KEY: 'sk_live_1' }],
  ])('does not use the running stack if the environment names another service: %j', (environment) => {
    expect(environmentOf(environment)).toEqual(environment)
  })

  test("does not use another Temporal server's key and certificate with the local one", () => {
    const cloud = { TEMPORAL_API_KEY: 'secret', TEMPORAL_TLS: 'true', TEMPORAL_TLS_CERT: '/cert.pem' }
    const unset = { TEMPORAL_API_KEY: undefined, TEMPORAL_TLS: undefined, TEMPORAL_TLS_CERT: undefined }
    expect(environmentOf(cloud)).toEqual({ ...unset, ...stackVariables })
    const other = { ...cloud, TEMPORAL_ADDRESS: 'cloud.example.com:7233' }
    expect(withRunningTemporal(other, stack)).toEqual(other)
  })

  test('does not send the local key to Stripe', () => {
    const { STRIPE_SECRET_KEY: _, STRIPE_API_BASE: __, ...others } = stackVariables
    expect(environmentOf({}, { ...stack, stripeApi: 'https://api.stripe.com' })).toEqual(others)
  })
})

test('Ctrl-C during the demo leaves no process and no file', async () => {
  const folder = path.join(dataFolder.path, 'tmp')
  mkdirSync(folder)
  const demo = payToView(dataFolder, ['demo'], { TMPDIR: folder })
  const isStarting = () => demo.output.text.includes('Starting the API server')
  await waitFor('the API server to start', isStarting, { timeoutMs: 100_000 })
  demo.child.kill('SIGINT')
  expect(await demo.exit).toBe(130)
  expect(readdirSync(folder).filter((name) => name.startsWith('pay-to-view-demo-'))).toEqual([])
  expect(processList()).not.toContain(folder)
}, 150_000)

test('a signal to an npm command ends the program that it runs', async () => {
  const port = String(await freePort())
  const server = payToView(dataFolder, ['temporal', 'server', 'start-dev', '--headless', '--port', port])
  await waitFor('Temporal', () => server.output.text.includes(port), { timeoutMs: 60_000 })
  server.child.kill('SIGTERM')
  await server.exit
  expect(processList()).not.toContain(`--headless --port ${port}`)
}, 90_000)
