import { renameSync, rmSync } from 'node:fs'
import { z } from 'zod'
import type { DataFolder } from './data-folder.ts'
import { createFile, hasCode, readIfExists, replaceFile } from './files.ts'
import { identify, isAlive, terminateProcess } from './process-table.ts'
import { waitFor } from './wait.ts'

const Content = z.object({
  pid: z.number(),
  startedAt: z.string(),
  /** Whether the stack is stopping. If true, the next stack waits instead of being rejected. */
  stopping: z.boolean().default(false),
  /** The processes of the services. Each process is the leader of its own process group. */
  children: z.array(z.object({ name: z.string(), pid: z.number(), startedAt: z.string(), stopSignal: z.string() })),
})

export type RunFile = {
  add: (name: string, pid: number, stopSignal: NodeJS.Signals) => void
  remove: (pid: number) => void
  markStopping: () => void
  /** Releases the folder for the next stack. */
  release: () => void
}

export class AlreadyRunningError extends Error {
  constructor(pid: number) {
    super(`A stack is already running here (process ${pid}). Stop it with Ctrl-C in its terminal, or with: kill ${pid}`)
  }
}

/**
 * Locks the folder for this process. Throws AlreadyRunningError if another running process has locked the folder. If the process that locked
 * it was killed, first stops the services that it left running.
 */
export const acquireRunFile = async (
  { runFile }: DataFolder,
  log: (line: string) => void,
  signal?: AbortSignal,
): Promise<RunFile> => {
  const self = identify(process.pid)
  if (!self) throw new Error('This process is not in the process table')
  const content: z.infer<typeof Content> = { ...self, stopping: false, children: [] }
  const save = () => replaceFile(runFile, JSON.stringify(content, null, 2))

  while (!createFile(runFile, JSON.stringify(content, null, 2))) {
    await waitWhileStopping(runFile, log, signal)
    content.children.push(...(takeOver(runFile) ?? []))
  }
  for (const child of [...content.children]) {
    if (isAlive(child)) {
      log(`Stopping ${child.name} (process ${child.pid}), left running by a stack that was killed`)
      await terminateProcess(child, child.stopSignal === 'SIGINT' ? 'SIGINT' : 'SIGTERM')
    }
    content.children.splice(content.children.indexOf(child), 1)
    save()
  }

  return {
    add: (name, pid, stopSignal) => {
      const id = identify(pid)
      if (!id) return
      content.children.push({ name, ...id, stopSignal })
      save()
    },
    remove: (pid) => {
      const index = content.children.findIndex((child) => child.pid === pid)
      if (index < 0) return
      content.children.splice(index, 1)
      save()
    },
    markStopping: () => {
      content.stopping = true
      save()
    },
    release: () => rmSync(runFile, { force: true }),
  }
}

/** Returns the id of the process that runs this folder's stack, if there is one. */
export const runningPid = ({ runFile }: DataFolder) => {
  const owner = parse(readIfExists(runFile))
  return owner && isAlive(owner) ? owner.pid : undefined
}

const waitWhileStopping = async (runFile: string, log: (line: string) => void, signal?: AbortSignal) => {
  const read = () => parse(readIfExists(runFile))
  const owner = read()
  if (!owner?.stopping || !isAlive(owner)) return
  log(`Waiting for the previous stack (process ${owner.pid}) to stop`)
  await waitFor('the previous stack to stop', () => !isAlive(owner) || read()?.pid !== owner.pid, {
    timeoutMs: 60_000,
    ...(signal && { signal }),
  })
}

/**
 * Removes the run file of an owner that has exited, and returns the processes listed in it. If two processes try this at the same time,
 * only one of them gets the file.
 */
const takeOver = (runFile: string) => {
  const owner = parse(readIfExists(runFile))
  if (owner && isAlive(owner)) throw new AlreadyRunningError(owner.pid)
  const renamed = `${runFile}.${process.pid}.old`
  try {
    renameSync(runFile, renamed)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
  const text = readIfExists(renamed) ?? ''
  const previous = parse(text)
  rmSync(renamed, { force: true })
  if (previous && isAlive(previous)) {
    // Another process locked the folder between our check and the rename, so its file is restored.
    createFile(runFile, text)
    throw new AlreadyRunningError(previous.pid)
  }
  return previous?.children
}

const parse = (text: string | undefined) => {
  if (text === undefined) return undefined
  try {
    return Content.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
