import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import { closeDb, createDb, createWebhookEndpoint, encryptedWebhookSecrets } from '@pay-to-view/db'
import { localWebhooksKey } from '@pay-to-view/devstack/secrets'
import { waitFor } from '@pay-to-view/devstack/wait'
import { built, programOf } from '@pay-to-view/testing/built'
import { useSharedStack } from '@pay-to-view/testing/stack'
import { startWebhookReceiver } from '@pay-to-view/testing/webhook-receiver'
import { createSecretBox } from '@pay-to-view/webhooks'
import { expect, onTestFinished, test } from 'vitest'

const stack = useSharedStack()

const start = (program: 'ops' | 'worker', args: string[], env: NodeJS.ProcessEnv) => {
  const { databaseUrl, temporalAddress, stripeApi } = stack().stack
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(process.execPath, [...programOf(program), ...args], {
    env: {
      ...{ PATH: process.env.PATH, DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress, HEALTH_PORT: '0' },
      ...{ STRIPE_SECRET_KEY: 'sk_test_operator', STRIPE_API_BASE: stripeApi },
      ...(built && { WORKFLOW_BUNDLE: 'apps/worker/dist/workflows.js' }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk
    })
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return { child, output, exit }
}

const withDb = async <T>(run: (db: ReturnType<typeof createDb>) => Promise<T>): Promise<T> => {
  const db = createDb(stack().stack.databaseUrl, { connections: 1 })
  try {
    return await run(db)
  } finally {
    await closeDb(db)
  }
}

test('listen prints the messages, forwards them with their signatures, and leaves no endpoint behind', async () => {
  const receiver = await startWebhookReceiver()
  onTestFinished(receiver.close)
  const key = localWebhooksKey(stack().dataFolder)
  const { child, output, exit } = start('ops', ['webhooks', 'listen', '--forward', receiver.url], {
    WEBHOOKS_ENCRYPTION_KEYS: key,
  })
  await waitFor('the listener', () => output.stderr.includes('Listening'), { timeoutMs: 30_000 })
  receiver.state.secrets = [/whsec_\S+/.exec(output.stderr)?.[0] ?? '']
  const user = stack().newUser()
  const client = await stack().client(user)
  const { purchaseId, sessionId } = await stack().create(client)
  await stack().pay(sessionId)
  await receiver.waitFor('the forwarded message', ({ type, data }) => type === 'purchase.completed' && data.userId === user)
  const isPrinted = () => output.stdout.includes(`"purchaseId": "${purchaseId}"`) && output.stdout.includes('responded with 200')
  await waitFor('the output', isPrinted, { timeoutMs: 5_000 })
  child.kill('SIGINT')
  expect(await exit).toBe(0)
  expect(await withDb(encryptedWebhookSecrets)).toEqual([])
})

test('reencrypt replaces the key, and a worker without the key does not start and names the variable', async () => {
  const [old, current] = [randomBytes(32), randomBytes(32)]
  const secret = createSecretBox([old]).encrypt('whsec_text')
  await withDb((db) =>
    createWebhookEndpoint(db, {
      ...{
        url: 'https://www.example.com/',
        events: ['purchase.failed'],
        description: '',
        maxPerSecond: null,
        maxConcurrent: null,
      },
      ...{ secret, createdBy: 'test', idempotencyKey: null },
    }),
  )
  const keys = [current, old].map((key) => key.toString('base64')).join(',')
  const reencrypted = start('ops', ['webhooks', 'reencrypt'], { WEBHOOKS_ENCRYPTION_KEYS: keys })
  expect(await reencrypted.exit, reencrypted.output.stderr).toBe(0)
  expect(reencrypted.output.stdout).toContain('1 secret was encrypted')
  const [row] = await withDb(encryptedWebhookSecrets)
  expect(createSecretBox([current]).decrypt(row?.secret ?? '')).toBe('whsec_text')
  for (const environment of [{}, { WEBHOOKS_ENCRYPTION_KEYS: old.toString('base64') }, { WEBHOOKS_ENCRYPTION_KEYS: 'short' }]) {
    const worker = start('worker', [], environment)
    expect(await worker.exit).toBe(2)
    expect(worker.output.stderr).toContain('WEBHOOKS_ENCRYPTION_KEYS: Expected')
  }
  await withDb((db) => db.webhookEndpoint.deleteMany())
})
