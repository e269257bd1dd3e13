import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { onStack, onTemporal } from '../src/operate.ts'
import { freePort } from '../src/ports.ts'
import { waitFor } from '../src/wait.ts'
import { newHome, payToView, remove } from './command.ts'

const home = newHome()
afterAll(() => remove(home))

const stack = {
  ...{ databaseUrl: 'postgresql://127.0.0.1:5433/ptv', stripeApi: 'http://127.0.0.1:12111' },
  ...{ temporalAddress: '127.0.0.1:7233', temporalNamespace: 'default' },
}
const local = {
  ...{ DATABASE_URL: stack.databaseUrl, TEMPORAL_ADDRESS: stack.temporalAddress, TEMPORAL_NAMESPACE: 'default' },
  ...{ STRIPE_SECRET_KEY: 'sk_test_local', STRIPE_API_BASE: stack.stripeApi },
}
const here = (given: Record<string, string>, on: typeof stack | undefined = stack) => onStack(given, on, 'sk_test_local')

describe("an operator's command", () => {
  test('is for the running stack, where nothing is named or the same is', () => {
    expect(here({ PATH: '/bin' })).toEqual({ PATH: '/bin', ...local })
    expect(here({ DATABASE_URL: stack.databaseUrl })).toEqual(local)
  })

  test.each([
    [{ DATABASE_URL: 'postgresql://db.example.com/shop' }],
    [{ TEMPORAL_ADDRESS: 'temporal.example.com:7233' }],
    [{ TEMPORAL_ADDRESS: '127.0.0.1:7233', TEMPORAL_NAMESPACE: 'other' }],
    [{ STRIPE_SECRET_KEY: 'sk_live_1' }],
  ])('that names another place, %j, gets nothing of the running stack', (given) => {
    expect(here(given)).toEqual(given)
  })

  test('takes no key and no certificate of another Temporal to the local one', () => {
    const cloud = { TEMPORAL_API_KEY: 'secret', TEMPORAL_TLS: 'true', TEMPORAL_TLS_CERT: '/cert.pem' }
    const none = { TEMPORAL_API_KEY: undefined, TEMPORAL_TLS: undefined, TEMPORAL_TLS_CERT: undefined }
    expect(here(cloud)).toEqual({ ...none, ...local })
    const named = { ...cloud, TEMPORAL_ADDRESS: 'cloud.example.com:7233' }
    expect(onTemporal(named, stack)).toEqual(named)
  })

  test('sends the local key to no other Stripe', () => {
    const { STRIPE_SECRET_KEY: _, STRIPE_API_BASE: __, ...others } = local
    expect(here({}, { ...stack, stripeApi: 'https://api.stripe.com' })).toEqual(others)
  })
})

test('Ctrl-C in the middle of the demo leaves no process and no file', async () => {
  const folder = path.join(home.folder, 'tmp')
  mkdirSync(folder)
  const demo = payToView(home, ['demo'], { TMPDIR: folder })
  await waitFor('Postgres to run', () => demo.output.text.includes('Starting the API server'), { within: 100_000 })
  demo.child.kill('SIGINT')
  expect(await demo.ended).toBe(130)
  expect(readdirSync(folder).filter((name) => name.startsWith('pay-to-view-demo-'))).toEqual([])
  expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(folder)
}, 150_000)

test('what ends an npm command ends the command that it runs', async () => {
  const port = String(await freePort())
  const server = payToView(home, ['temporal', 'server', 'start-dev', '--headless', '--port', port])
  await waitFor('Temporal to run', () => server.output.text.includes(port), { within: 60_000 })
  server.child.kill('SIGTERM')
  await server.ended
  expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(`--headless --port ${port}`)
}, 90_000)
