import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { execa, type Options } from 'execa'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { type DataFolder, repositoryRoot } from '../src/data-folder.ts'
import { isAlive } from '../src/process-table.ts'
import { waitFor } from '../src/wait.ts'

type Variables = Record<string, string | undefined>

const bin = path.join(repositoryRoot, 'packages/devstack/bin/pay-to-view.mjs')

/** Variables that are unset, so that the environment of the test run cannot make a service external. */
const externalServices = [
  'DATABASE_URL',
  'TEMPORAL_ADDRESS',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'STRIPE_PUBLISHABLE_KEY',
  'STRIPE_API_BASE',
  'AUTH_PRESET',
  'AUTH_ISSUER',
  'SMTP_URL',
]
const noExternalServices = Object.fromEntries(externalServices.map((name) => [name, undefined]))

export type Command = ReturnType<typeof run>

/** Runs a command in the same way as a user. */
export const run = (dataFolder: DataFolder, [program = '', ...args]: string[], env: Variables = {}, options: Options = {}) => {
  const child = execa(program, args, {
    cwd: repositoryRoot,
    ...options,
    env: { ...noExternalServices, PAY_TO_VIEW_HOME: dataFolder.path, ...env },
    all: true,
    stdin: 'ignore',
    reject: false,
    forceKillAfterDelay: false,
  })
  const output = { text: '' }
  child.all.on('data', (chunk: Buffer) => (output.text += chunk))
  /** The exit code, or the signal that ended the command. */
  const exit = child.then(({ exitCode, signal }) => exitCode ?? signal)
  return { child, output, exit }
}

export const payToView = (dataFolder: DataFolder, args: string[], env?: Variables) =>
  run(dataFolder, [process.execPath, bin, ...args], env)

/** Waits until a command ends. Returns the exit code and the output. */
export const resultOf = async (command: Command) => ({ code: await command.exit, text: command.output.text })

/** Runs `npm start`, and stops the command at the end of the test. */
export const start = (dataFolder: DataFolder, env?: Variables, command = [process.execPath, bin, 'start']) => {
  const started = run(dataFolder, command, env)
  onTestFinished(async () => {
    started.child.kill('SIGTERM')
    await started.exit
  })
  return started
}

const Addresses = z.strictObject({
  api: z.url(),
  worker: z.url(),
  web: z.url().nullable(),
  issuer: z.url(),
  temporalAddress: z.string().regex(/:\d+$/),
  temporalNamespace: z.string(),
  temporalUi: z.url().nullable(),
  stripeApi: z.url(),
  mail: z.url().nullable(),
  databaseUrl: z.url(),
  webhookSecret: z.string().regex(/^whsec_/),
})

/** Waits until the stack is ready. Returns the content of stack.json. */
export const waitUntilReady = async (dataFolder: DataFolder, { child, output }: Command) => {
  const isReady = () => /\d s {2}Ready.*Ctrl-C/s.test(output.text) && existsSync(dataFolder.stackFile)
  const hasExited = () => child.exitCode !== null || child.signalCode !== null
  await waitFor('the stack', () => isReady() || hasExited(), { timeoutMs: 100_000 })
  if (!isReady()) throw new Error(`The stack ended before it was ready:\n${output.text}`)
  return Addresses.parse(JSON.parse(readFileSync(dataFolder.stackFile, 'utf8')))
}

const RunFile = z.object({
  pid: z.number(),
  startedAt: z.string(),
  children: z.array(z.object({ name: z.string(), pid: z.number(), startedAt: z.string() })),
})

/** Returns the processes of a stack, including the process that runs the stack. */
export const processesOf = (dataFolder: DataFolder) => {
  const { children, ...owner } = RunFile.parse(JSON.parse(readFileSync(dataFolder.runFile, 'utf8')))
  return [{ name: 'owner', ...owner }, ...children]
}

export const runningNames = (processes: ReturnType<typeof processesOf>) => processes.filter(isAlive).map(({ name }) => name)
