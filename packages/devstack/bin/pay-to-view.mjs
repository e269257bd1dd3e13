#!/usr/bin/env node
// Requires only Node. Installs packages and generates the Prisma client if they are missing or outdated, and then runs the command.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '../../..')
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old: expected 20.19 or newer.`)
  process.exit(1)
}

const read = (file) => {
  try {
    return readFileSync(path.join(root, file), 'utf8')
  } catch {
    return ''
  }
}

/** Returns whether node_modules matches package-lock.json, according to npm's own record of the installed packages. */
const isInstalled = () => {
  const record = read('node_modules/.package-lock.json')
  if (!record) return false
  const { packages: expected } = JSON.parse(read('package-lock.json'))
  const { packages: installed } = JSON.parse(record)
  // Optional packages may be missing, because they may be for other platforms.
  return Object.entries(expected).every(
    ([folder, { link, optional, devOptional, version }]) =>
      !folder.includes('node_modules/') ||
      optional ||
      devOptional ||
      (link ? installed[folder]?.link : installed[folder]?.version === version),
  )
}

/** Returns whether the Prisma client was generated from the current schema by the current Prisma version. The client contains the schema. */
const isGenerated = () => {
  const client = read('packages/db/src/generated/internal/class.ts')
  const { version } = JSON.parse(read('node_modules/prisma/package.json'))
  return client.includes(JSON.stringify(read('prisma/schema.prisma'))) && client.includes(`"clientVersion": "${version}"`)
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Runs a program, forwards signals to it and returns its exit code. */
const run = (command, args, env) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, ...env } })
    const forward = (signal) => child.kill(signal)
    for (const signal of signals) process.on(signal, forward)
    child.on('error', (error) => {
      console.error(error.message)
      resolve(1)
    })
    child.on('exit', (code) => {
      for (const signal of signals) process.off(signal, forward)
      resolve(code ?? 1)
    })
  })

const runStep = async (title, command, args, env = {}) => {
  console.error(`${title} …`)
  const code = await run(command, args, env)
  if (code !== 0) process.exit(code)
}

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
if (!isInstalled()) await runStep('Installing packages', npm, ['install', '--no-save', '--loglevel=error'])

const prisma = path.join(root, 'node_modules/prisma/build/index.js')
// `prisma generate` does not need the schema engine. Prisma does not download the engine if this variable contains any path.
const noEngine = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }
if (!isGenerated()) await runStep('Generating the Prisma client', process.execPath, [prisma, 'generate'], noEngine)

// The command runs in this process instead of a child process, so that signals reach the stack directly.
process.chdir(root)
const { register } = await import('tsx/esm/api')
register()
await import('../src/cli.ts')
