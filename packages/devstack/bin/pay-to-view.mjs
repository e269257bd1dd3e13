#!/usr/bin/env node
// Needs nothing but Node: installs and generates what is missing or stale, then runs the command itself.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '../../..')
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node >= 20.19 is needed; this is ${process.versions.node}.`)
  process.exit(1)
}

const read = (file) => {
  try {
    return readFileSync(path.join(root, file), 'utf8')
  } catch {
    return ''
  }
}

/** Whether node_modules is what package-lock.json says, by npm's own record of what it has put there. */
const isInstalled = () => {
  const record = read('node_modules/.package-lock.json')
  if (!record) return false
  const { packages: wanted } = JSON.parse(read('package-lock.json'))
  const { packages: present } = JSON.parse(record)
  // Optional ones are for other platforms, or left out for a reason.
  return Object.entries(wanted).every(
    ([where, { link, optional, devOptional, version }]) =>
      !where.includes('node_modules/') ||
      optional ||
      devOptional ||
      (link ? present[where]?.link : present[where]?.version === version),
  )
}

/** Whether the Prisma client is that of this schema, which it carries in itself, and of this Prisma. */
const isGenerated = () => {
  const client = read('packages/db/src/generated/internal/class.ts')
  const { version } = JSON.parse(read('node_modules/prisma/package.json'))
  return client.includes(JSON.stringify(read('prisma/schema.prisma'))) && client.includes(`"clientVersion": "${version}"`)
}

/** Passes on a signal that reaches us alone, and ends with the step. */
const run = (command, args, env) =>
  new Promise((resolve) => {
    const step = spawn(command, args, { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, ...env } })
    const pass = (signal) => step.kill(signal)
    for (const signal of signals) process.on(signal, pass)
    step.on('error', (error) => {
      console.error(error.message)
      resolve(1)
    })
    step.on('exit', (code) => {
      for (const signal of signals) process.off(signal, pass)
      resolve(code ?? 1)
    })
  })
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']

const setUp = async (text, command, args, env = {}) => {
  console.error(`${text} …`)
  const code = await run(command, args, env)
  if (code !== 0) process.exit(code)
}

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
if (!isInstalled()) await setUp('Installing packages', npm, ['install', '--no-save', '--loglevel=error'])

const prisma = path.join(root, 'node_modules/prisma/build/index.js')
// `generate` needs no engine, and none has to be downloaded.
const noEngine = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }
if (!isGenerated()) await setUp('Generating the Prisma client', process.execPath, [prisma, 'generate'], noEngine)

// In this very process: one less between a signal and the stack.
process.chdir(root)
const { register } = await import('tsx/esm/api')
register()
await import('../src/cli.ts')
