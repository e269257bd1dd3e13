import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { repositoryRoot } from '@pay-to-view/devstack'
import { waitFor } from '@pay-to-view/devstack/wait'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'

// mkdtemp creates a folder that only the current user can access, so a run as root also tests a clone that Postgres's user cannot enter.
const folder = mkdtempSync(path.join(tmpdir(), 'pay-to-view-clone-'))

/** Runs a command in the clone without the variables of this test run. */
const run = (program: string, ...args: string[]) =>
  execa(program, args, {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      CI: 'true',
      npm_config_prefer_offline: 'true',
      // The clone uses this repository's cache, so it does not repeat checks and builds of the same files.
      TURBO_CACHE_DIR: path.join(repositoryRoot, '.turbo/cache'),
    },
    extendEnv: false,
    all: true,
    reject: false,
    forceKillAfterDelay: false,
  })

/** Copies the files that a clone would have, including uncommitted changes. */
beforeAll(async () => {
  const { stdout } = await execa('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: repositoryRoot })
  for (const file of stdout.split('\0').filter((name) => name !== '' && existsSync(path.join(repositoryRoot, name)))) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    copyFileSync(path.join(repositoryRoot, file), path.join(folder, file))
  }
  await run('git', 'init', '--quiet')
}, 60_000)

afterAll(async () => {
  await run('npm', 'run', 'reset')
  rmSync(folder, { recursive: true, force: true })
}, 180_000)

test('npm test works as the first command', async () => {
  const { exitCode, all } = await run('npm', 'test', '--', 'e2e/test/package-lock.test.ts')
  expect(exitCode, all.slice(-2000)).toBe(0)
  for (const step of ['Installing packages', 'Generating the Prisma client', '1 passed']) expect(all).toContain(step)
}, 600_000)

test('npm run build:packages does not need a generated Prisma client', async () => {
  rmSync(path.join(folder, 'packages/db/src/generated'), { recursive: true })
  const { exitCode, all } = await run('npm', 'run', 'build:packages')
  expect(exitCode, all).toBe(0)
}, 300_000)

test('npm start works, even for root in a folder that only root can access', async () => {
  const npm = run('npm', 'start')
  let output = ''
  npm.all.on('data', (chunk: Buffer) => {
    output += chunk
  })
  await waitFor('the stack', () => output.includes('Press Ctrl-C') || npm.exitCode !== null, { timeoutMs: 240_000 })
  expect(output).toContain('Press Ctrl-C')
  npm.kill('SIGTERM')
  await npm
  expect(existsSync(path.join(folder, '.local/run.json'))).toBe(false)
}, 300_000)
