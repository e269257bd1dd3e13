import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { type Home, openHome, ROOT } from '../src/home.ts'
import { isAlive } from '../src/processes.ts'
import { waitFor } from '../src/wait.ts'

const BIN = path.join(ROOT, 'packages/devstack/bin/pay-to-view.mjs')

/** Of whoever runs the tests: no part is given but by a test. */
const given = [
  'DATABASE_URL',
  'TEMPORAL_ADDRESS',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'STRIPE_PUBLISHABLE_KEY',
  'STRIPE_API_BASE',
]
const nothingGiven = Object.fromEntries(given.map((name) => [name, undefined]))

export const newHome = () => openHome(mkdtempSync(path.join(tmpdir(), 'pay-to-view-')))
export const remove = (home: Home) => rmSync(home.folder, { recursive: true, force: true })

export type Command = ReturnType<typeof run>

/** A command as people run it. */
export const run = (home: Home, [program = '', ...args]: string[], env: Record<string, string | undefined> = {}) => {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...process.env, ...nothingGiven, PAY_TO_VIEW_HOME: home.folder, ...env },
  })
  const output = { text: '' }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output.text += part))
  const ended = new Promise<number | string | null>((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)))
  return { child, output, ended }
}

export const payToView = (home: Home, args: string[], env?: Record<string, string | undefined>) =>
  run(home, [process.execPath, BIN, ...args], env)

/** Runs it to its end. */
export const outcome = async (command: Command) => ({ code: await command.ended, text: command.output.text })

/** `npm start`, to be stopped when the test has ended however it did. */
export const start = (home: Home, env?: Record<string, string | undefined>, command = [process.execPath, BIN, 'start']) => {
  const started = run(home, command, env)
  onTestFinished(async () => {
    if (!hasEnded(started.child)) started.child.kill('SIGTERM')
    await started.ended
  })
  return started
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

const Ready = z.strictObject({
  api: z.url(),
  worker: z.url(),
  web: z.url().nullable(),
  issuer: z.url(),
  temporalAddress: z.string().regex(/:\d+$/),
  temporalNamespace: z.string(),
  temporalUi: z.url().nullable(),
  stripeApi: z.url(),
  databaseUrl: z.url(),
  webhookSecret: z.string().regex(/^whsec_/),
})

/** What stack.json says when the stack is ready. */
export const whenReady = async (home: Home, { child, output }: Command) => {
  const ready = () => /\d s {2}Ready.*Ctrl-C/s.test(output.text) && existsSync(home.stackFile)
  await waitFor('the stack', () => ready() || hasEnded(child), { within: 100_000 })
  if (!ready()) throw new Error(`It ended before it was ready:\n${output.text}`)
  return Ready.parse(JSON.parse(readFileSync(home.stackFile, 'utf8')))
}

const RunFile = z.object({
  pid: z.number(),
  startedAt: z.string(),
  children: z.array(z.object({ name: z.string(), pid: z.number(), startedAt: z.string() })),
})

/** The processes of a stack, the one that runs it included. */
export const processesOf = (home: Home) => {
  const { children, ...owner } = RunFile.parse(JSON.parse(readFileSync(home.runFile, 'utf8')))
  return [{ name: 'owner', ...owner }, ...children]
}

export const stillAlive = (processes: ReturnType<typeof processesOf>) => processes.filter(isAlive).map(({ name }) => name)
