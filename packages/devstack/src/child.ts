import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readIfExists } from './files.ts'
import { ROOT } from './home.ts'
import { signal as send } from './processes.ts'
import type { RunFile } from './run-file.ts'
import { type Waiting, waitFor } from './wait.ts'

export type ChildSpec = {
  /** As people call it: "API server". */
  name: string
  command: string
  args: readonly string[]
  env?: Readonly<Record<string, string | undefined>>
  cwd?: string
  /** Who it runs as, where that is not us. */
  user?: { uid: number; gid: number } | undefined
  /** Where its output goes. To a file, not to us: so it lives on undisturbed should we be killed. */
  log: string
  stopSignal?: NodeJS.Signals
  /** What ends it at once. */
  killSignal?: NodeJS.Signals
  run?: RunFile | undefined
}

export type Child = {
  name: string
  pid: number
  log: string
  /** Fulfilled when it has ended, for whatever reason: "exit code 1", "SIGKILL". */
  ended: Promise<string>
  hasEnded: () => boolean
  stop: (grace?: number) => Promise<void>
  kill: () => void
}

const living = new Set<Child & { stopSignal: NodeJS.Signals }>()

// The last resort when this process ends without having stopped its children (an error nobody caught, process.exit in a test).
process.on('exit', () => {
  for (const child of living) send(child.pid, child.stopSignal)
})

/** Starts a program in a session of its own: Ctrl-C in the terminal reaches us alone, and we stop the parts in order. */
export const startChild = async (spec: ChildSpec): Promise<Child> => {
  const { name, log, stopSignal = 'SIGTERM', killSignal = 'SIGKILL', run } = spec
  const output = openSync(log, 'a', 0o600)
  const started = spawn(spec.command, [...spec.args], {
    cwd: spec.cwd ?? ROOT,
    env: { ...process.env, ...spec.env },
    stdio: ['ignore', output, output],
    detached: true,
    ...spec.user,
  })
  closeSync(output)
  const pid = await new Promise<number>((resolve, reject) => {
    started.once('error', (error) => reject(new Error(`${name} cannot be started: ${error.message}`, { cause: error })))
    if (started.pid !== undefined) resolve(started.pid)
  })
  run?.add(name, pid, stopSignal)

  let over = false
  const ended = new Promise<string>((resolve) => {
    started.once('exit', (code, by) => {
      over = true
      living.delete(child)
      // What it may have started itself goes with it.
      send(-pid, 'SIGKILL')
      run?.remove(pid)
      resolve(by ?? `exit code ${code}`)
    })
  })
  const child = {
    name,
    pid,
    log,
    stopSignal,
    ended,
    hasEnded: () => over,
    stop: async (grace = 10_000) => {
      if (over) return
      send(pid, stopSignal)
      await waitFor(`${name} to stop`, () => over, { within: grace, every: 10 }).catch(() => send(pid, 'SIGKILL'))
      await ended
    },
    kill: () => {
      if (!over) send(pid, killSignal)
    },
  }
  living.add(child)
  return child
}

/** A part that ended although it should not have, with the end of its log. */
export class PartFailed extends Error {
  constructor(child: Pick<Child, 'name' | 'log'>, how: string) {
    super(`${child.name} ${how}. The end of its log (${child.log}):\n${tail(child.log)}`)
  }
}

/** Waits until the part is up, or throws PartFailed as soon as it is clear that it will not be. */
const untilReady = async (child: Child, probe: () => unknown, { within = 60_000, signal }: Partial<Waiting> = {}) => {
  const over = new AbortController()
  void child.ended.then(() => over.abort())
  try {
    await waitFor(child.name, probe, { within, signal: signal ? AbortSignal.any([signal, over.signal]) : over.signal })
    // Not somebody else's answer, on a port that this child could not get.
    over.signal.throwIfAborted()
  } catch (error) {
    if (signal?.aborted) throw error
    const how = child.hasEnded() ? `ended (${await child.ended}) before it was ready` : `was not ready after ${within / 1000} s`
    throw new PartFailed(child, how)
  }
}

/** Starts a program and resolves when it is up; otherwise it is stopped. */
export const startReady = async (spec: ChildSpec, probe: () => unknown, waiting: Partial<Waiting> = {}): Promise<Child> => {
  waiting.signal?.throwIfAborted()
  const child = await startChild(spec)
  try {
    await untilReady(child, probe, waiting)
    return child
  } catch (error) {
    await child.stop()
    throw error
  }
}

/** Runs a program to its end; throws PartFailed when that is not a good one. */
export const runToEnd = async (spec: ChildSpec, signal?: AbortSignal) => {
  signal?.throwIfAborted()
  const child = await startChild(spec)
  const abort = () => child.kill()
  signal?.addEventListener('abort', abort, { once: true })
  const how = await child.ended
  signal?.removeEventListener('abort', abort)
  signal?.throwIfAborted()
  if (how !== 'exit code 0') throw new PartFailed(child, `failed (${how})`)
}

const tail = (file: string, lines = 15) =>
  (readIfExists(file) ?? '')
    .trimEnd()
    .split('\n')
    .slice(-lines)
    .map((line) => `  ${line}`)
    .join('\n')
