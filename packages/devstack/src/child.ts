import { closeSync, createWriteStream, fstatSync, openSync } from 'node:fs'
import { execa } from 'execa'
import { repositoryRoot } from './data-folder.ts'
import { readIfExists } from './files.ts'
import { sendSignal } from './process-table.ts'
import type { RunFile } from './run-file.ts'
import { type WaitOptions, waitFor } from './wait.ts'

export type ChildSpec = {
  /** The name in messages, such as "API server". */
  name: string
  command: string
  args: readonly string[]
  env?: Readonly<Record<string, string | undefined>>
  cwd?: string
  /** The user that the process runs as; by default, the current user. */
  user?: { uid: number; gid: number } | undefined
  /** The file for the child's output. A pipe to this process is not used, because the child must keep running if this process is killed. */
  log: string
  stopSignal?: NodeJS.Signals
  /** The signal that ends the child immediately. */
  killSignal?: NodeJS.Signals
  runFile?: RunFile | undefined
}

export type Child = {
  name: string
  pid: number
  log: string
  /** The size of the log in bytes when the process started. The output of the process begins there. */
  logStart: number
  /** Resolves when the process has ended, with the exit code or signal, such as "exit code 1" or "SIGKILL". */
  exit: Promise<string>
  hasExited: () => boolean
  stop: () => Promise<void>
  kill: () => void
}

const running = new Map<number, NodeJS.Signals>()

// Stops the children if this process ends without having stopped them, for example after an uncaught error or process.exit in a test.
process.on('exit', () => {
  for (const [pid, stopSignal] of running) sendSignal(pid, stopSignal)
})

/** Starts a program in its own session. Ctrl-C in the terminal therefore reaches only this process, which stops the services in order. */
export const startChild = async (spec: ChildSpec): Promise<Child> => {
  const { name, log, stopSignal = 'SIGTERM', killSignal = 'SIGKILL', runFile } = spec
  const file = openSync(log, 'a', 0o600)
  const { size: logStart } = fstatSync(file)
  const output = createWriteStream('', { fd: file, autoClose: false })
  const subprocess = execa(spec.command, spec.args, {
    cwd: spec.cwd ?? repositoryRoot,
    env: spec.env,
    ...spec.user,
    stdio: ['ignore', output, output],
    detached: true,
    reject: false,
    killSignal: stopSignal,
    forceKillAfterDelay: 10_000,
  })
  closeSync(file)
  const { pid } = subprocess
  if (pid === undefined) throw new Error(`${name} cannot be started: ${(await subprocess).originalMessage}`)
  runFile?.add(name, pid, stopSignal)
  running.set(pid, stopSignal)

  let hasExited = false
  const exit = subprocess.then(({ exitCode, signal }) => {
    hasExited = true
    running.delete(pid)
    // Also ends the processes that the child has started.
    sendSignal(-pid, 'SIGKILL')
    runFile?.remove(pid)
    return signal ?? `exit code ${exitCode}`
  })
  return {
    name,
    pid,
    log,
    logStart,
    exit,
    hasExited: () => hasExited,
    stop: async () => {
      subprocess.kill()
      await exit
    },
    kill: () => subprocess.kill(killSignal),
  }
}

/** A service that ended unexpectedly or did not become ready. The message contains the last lines of the service's log. */
export class ServiceFailedError extends Error {
  constructor({ name, log, logStart }: Pick<Child, 'name' | 'log' | 'logStart'>, reason: string) {
    super(`${name} ${reason}. The end of its log (${log}):\n${lastLines(log, logStart)}`)
  }
}

/** Waits until `probe` returns a truthy value. Throws ServiceFailedError if the child ends first or the timeout is reached. */
const waitUntilReady = async (child: Child, probe: () => unknown, { timeoutMs = 60_000, signal }: Partial<WaitOptions> = {}) => {
  const exited = new AbortController()
  void child.exit.then(() => exited.abort())
  try {
    await waitFor(child.name, probe, { timeoutMs, signal: signal ? AbortSignal.any([signal, exited.signal]) : exited.signal })
    // If the child could not bind its port, another process may have responded to the probe.
    exited.signal.throwIfAborted()
  } catch (error) {
    if (signal?.aborted) throw error
    const reason = child.hasExited()
      ? `ended (${await child.exit}) before it was ready`
      : `was not ready after ${timeoutMs / 1000} s`
    throw new ServiceFailedError(child, reason)
  }
}

/** Starts a program and waits until it is ready. If it does not become ready, stops it. */
export const startChildUntilReady = async (
  spec: ChildSpec,
  probe: () => unknown,
  options: Partial<WaitOptions> = {},
): Promise<Child> => {
  options.signal?.throwIfAborted()
  const child = await startChild(spec)
  try {
    await waitUntilReady(child, probe, options)
    return child
  } catch (error) {
    await child.stop()
    throw error
  }
}

/** Runs a program until it ends. Throws ServiceFailedError unless the exit code is 0. */
export const runChild = async (spec: ChildSpec, signal?: AbortSignal) => {
  signal?.throwIfAborted()
  const child = await startChild(spec)
  signal?.addEventListener('abort', child.kill, { once: true })
  const how = await child.exit
  signal?.removeEventListener('abort', child.kill)
  signal?.throwIfAborted()
  if (how !== 'exit code 0') throw new ServiceFailedError(child, `failed (${how})`)
}

const lastLines = (file: string, start: number, count = 15) =>
  Buffer.from(readIfExists(file) ?? '')
    .subarray(start)
    .toString()
    .trimEnd()
    .split('\n')
    .slice(-count)
    .map((line) => `  ${line}`)
    .join('\n')
