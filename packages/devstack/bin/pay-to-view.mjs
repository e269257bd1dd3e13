#!/usr/bin/env node
// Needs nothing but Node: installs and generates what is missing or stale, then runs the command itself.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '../../..')
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node >= 20.19 is needed; this is ${process.versions.node}.`)
  process.exit(1)
}

const stamps = path.join(root, 'node_modules', '.pay-to-view')
const hashOf = (file) =>
  createHash('sha256')
    .update(readFileSync(path.join(root, file)))
    .digest('hex')
/** Runs a step of the set-up when the file it depends on has changed since it last ran. */
const once = (name, file, needed, text, command, args, env = {}) => {
  const stamp = path.join(stamps, name)
  const hash = hashOf(file)
  if (!needed() && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  console.error(`${text} …`)
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, ...env } })
  if (status !== 0) process.exit(status ?? 1)
  mkdirSync(stamps, { recursive: true })
  writeFileSync(stamp, hash)
}

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
once('install', 'package-lock.json', () => !existsSync(path.join(root, 'node_modules/tsx')), 'Installing packages', npm, [
  'install',
  '--no-save',
  '--loglevel=error',
])
once(
  'generate',
  'prisma/schema.prisma',
  () => !existsSync(path.join(root, 'packages/db/src/generated')),
  'Generating the Prisma client',
  process.execPath,
  [path.join(root, 'node_modules/prisma/build/index.js'), 'generate'],
  // `generate` needs no engine, and none has to be downloaded.
  { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
)

const child = spawn(
  process.execPath,
  ['--import', 'tsx', path.join(root, 'packages/devstack/src/cli.ts'), ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
  },
)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
