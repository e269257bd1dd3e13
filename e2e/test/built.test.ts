import { repositoryRoot } from '@pay-to-view/devstack'
import { built } from '@pay-to-view/testing/built'
import { useStack } from '@pay-to-view/testing/stack'
import { execaSync } from 'execa'
import { expect, test } from 'vitest'

// Tests the programs as they run in containers: plain Node without TypeScript, and workflows that were bundled at build time.
if (!built) execaSync('npm', ['run', 'build', '--silent'], { cwd: repositoryRoot, stdio: 'inherit' })
const stack = useStack({ built: true })

const runBuilt = (app: string, args: string[], env: Record<string, string | undefined>, extendEnv: boolean) =>
  execaSync(process.execPath, [`apps/${app}/dist/main.js`, ...args], { cwd: repositoryRoot, env, extendEnv, reject: false })

test('the built server and worker sell a film', async () => {
  const { client, newUser, create, pay, waitForStatus } = stack()
  const user = await client(newUser())
  const { purchaseId, sessionId } = await create(user)
  await pay(sessionId)
  expect(await waitForStatus(user, purchaseId, 'Completed')).toMatchObject({ hasAccess: true })
})

test('the built migrate command finds an up-to-date schema', () => {
  const env = { PATH: process.env.PATH, DATABASE_URL: stack().stack.databaseUrl }
  expect(runBuilt('ops', ['migrate'], env, false).stdout).toBe('0 migrations applied.')
})

test('a certificate that cannot be read and a missing variable are reported before the worker starts', () => {
  const errorWith = (env: Record<string, string>) => {
    const { exitCode, stderr } = runBuilt('worker', [], env, true)
    expect(exitCode).not.toBe(0)
    return stderr
  }
  expect(errorWith({ TEMPORAL_TLS_CA: 'nowhere.pem' })).toMatch(/TEMPORAL_TLS_CA: Expected the path of a readable PEM file/)
  expect(errorWith({ TEMPORAL_DEPLOYMENT_NAME: 'pay-to-view' })).toMatch(/DATABASE_URL/)
})
