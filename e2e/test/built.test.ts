import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { repositoryRoot } from '@pay-to-view/devstack/data-folder'
import { useStack } from '@pay-to-view/testing/stack'
import { expect, test } from 'vitest'

// What a container runs: plain Node, no TypeScript, the workflows bundled beforehand.
for (const app of ['server', 'worker', 'ops'])
  execFileSync('npm', ['run', 'build', '--silent'], { cwd: path.join(repositoryRoot, 'apps', app), stdio: 'inherit' })
const stack = useStack({ built: true })

test('the built server and worker sell a film', async () => {
  const { client, newUser, create, pay, waitForStatus } = stack()
  const viewer = await client(newUser())
  const { purchaseId, sessionId } = await create(viewer)
  await pay(sessionId)
  expect(await waitForStatus(viewer, purchaseId, 'Completed')).toMatchObject({ hasAccess: true })
})

test('the built migrate step finds a schema that is up to date', () => {
  const env = { PATH: process.env.PATH, DATABASE_URL: stack().stack.databaseUrl }
  const said = execFileSync(process.execPath, ['apps/ops/dist/main.js', 'migrate'], {
    cwd: repositoryRoot,
    env,
    encoding: 'utf8',
  })
  expect(said).toBe('0 migration(s) applied.\n')
})

test('a certificate without its key, or a file that is none, is named before anything starts', () => {
  const start = (more: NodeJS.ProcessEnv) => () =>
    execFileSync(process.execPath, ['apps/worker/dist/main.js'], {
      cwd: repositoryRoot,
      stdio: 'pipe',
      env: { ...process.env, ...more },
    })
  expect(start({ TEMPORAL_TLS_CA: 'nowhere.pem' })).toThrow(/TEMPORAL_TLS_CA: Expected the path of a PEM file/)
  expect(start({ TEMPORAL_DEPLOYMENT_NAME: 'pay-to-view' })).toThrow(/DATABASE_URL/)
})
