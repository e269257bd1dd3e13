import { renameSync, rmSync } from 'node:fs'
import { z } from 'zod'
import { createFile, hasCode, readIfExists, replaceFile } from './files.ts'
import type { Home } from './home.ts'
import { endProcess, identify, isAlive } from './processes.ts'
import { waitFor } from './wait.ts'

const Running = z.object({
  pid: z.number(),
  startedAt: z.string(),
  /** Whoever comes next need not be refused, but only wait a moment. */
  stopping: z.boolean().default(false),
  /** Every one leads a process group of its own. */
  children: z.array(z.object({ name: z.string(), pid: z.number(), startedAt: z.string(), stopSignal: z.string() })),
})

export type RunFile = {
  add: (name: string, pid: number, stopSignal: NodeJS.Signals) => void
  remove: (pid: number) => void
  /** Says that this stack is on its way down. */
  leaving: () => void
  /** Gives the folder free for the next stack. */
  release: () => void
}

export class AlreadyRunning extends Error {
  constructor(pid: number) {
    super(`A stack is already running here (process ${pid}). Stop it with Ctrl-C where it runs, or: kill ${pid}`)
  }
}

/**
 * Takes the folder for this process, or throws AlreadyRunning. Where the last owner was killed before it could clean up, what it left running
 * is stopped first.
 */
export const claim = async ({ runFile }: Home, say: (line: string) => void, signal?: AbortSignal): Promise<RunFile> => {
  const self = identify(process.pid)
  if (!self) throw new Error('This process cannot find itself in the process table')
  const state: z.infer<typeof Running> = { ...self, stopping: false, children: [] }
  const save = () => replaceFile(runFile, JSON.stringify(state, null, 2))

  while (!createFile(runFile, JSON.stringify(state, null, 2))) {
    await untilLeft(runFile, say, signal)
    const left = takeOver(runFile)
    if (left) state.children.push(...left)
  }
  for (const child of [...state.children]) {
    if (isAlive(child)) {
      say(`Stopping ${child.name} (process ${child.pid}), left behind by a start that was killed`)
      await endProcess(child, child.stopSignal === 'SIGINT' ? 'SIGINT' : 'SIGTERM')
    }
    state.children.splice(state.children.indexOf(child), 1)
    save()
  }

  return {
    add: (name, pid, stopSignal) => {
      const id = identify(pid)
      if (!id) return
      state.children.push({ name, ...id, stopSignal })
      save()
    },
    remove: (pid) => {
      const at = state.children.findIndex((child) => child.pid === pid)
      if (at < 0) return
      state.children.splice(at, 1)
      save()
    },
    leaving: () => {
      state.stopping = true
      save()
    },
    release: () => rmSync(runFile, { force: true }),
  }
}

/** Who runs here now, if anybody does. */
export const runningPid = ({ runFile }: Home) => {
  const run = parse(readIfExists(runFile))
  return run && isAlive(run) ? run.pid : undefined
}

/** Where the owner is stopping, waits until it has. */
const untilLeft = async (runFile: string, say: (line: string) => void, signal?: AbortSignal) => {
  const read = () => parse(readIfExists(runFile))
  const owner = read()
  if (!owner?.stopping || !isAlive(owner)) return
  say(`Waiting for the last stack (process ${owner.pid}) to stop`)
  await waitFor('it to stop', () => !isAlive(owner) || read()?.pid !== owner.pid, { within: 60_000, ...(signal && { signal }) })
}

/** Moves a dead owner's file out of the way and returns the processes it names. Two who find it at once: only one moves it. */
const takeOver = (runFile: string) => {
  const owner = parse(readIfExists(runFile))
  if (owner && isAlive(owner)) throw new AlreadyRunning(owner.pid)
  const aside = `${runFile}.${process.pid}.old`
  try {
    renameSync(runFile, aside)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
  const text = readIfExists(aside) ?? ''
  const moved = parse(text)
  rmSync(aside, { force: true })
  if (moved && isAlive(moved)) {
    // Somebody took the folder between our look and our move: give it back.
    createFile(runFile, text)
    throw new AlreadyRunning(moved.pid)
  }
  return moved?.children
}

const parse = (text: string | undefined) => {
  if (text === undefined) return undefined
  try {
    return Running.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
