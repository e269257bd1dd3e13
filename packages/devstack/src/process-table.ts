import { readFileSync } from 'node:fs'
import { execaSync } from 'execa'
import { waitFor } from './wait.ts'

/** Identifies a process. The start time distinguishes it from a later process with the same id. */
export type ProcessId = { pid: number; startedAt: string }

/** Returns columns from ps(1) for a process. */
const ps = (pid: number, columns: string) => execaSync('ps', ['-o', columns, '-p', String(pid)]).stdout.trim()

/** Returns the start time of a process, in the format of the operating system. Returns undefined if there is no such process or if it is a zombie. */
export const startTimeOf = (pid: number): string | undefined => {
  try {
    if (process.platform !== 'linux') {
      const [state, ...start] = ps(pid, 'stat=,lstart=').split(/\s+/)
      return !state || state.startsWith('Z') ? undefined : start.join(' ')
    }
    const [state, ...fields] = statOf(pid)
    return state === 'Z' || state === 'X' ? undefined : fields[18]
  } catch {
    return undefined
  }
}

/**
 * Reads /proc/[pid]/stat (proc_pid_stat(5)). Parsing starts at the third field, because the second field is the program's name in
 * parentheses, which may contain any character.
 */
const statOf = (pid: number) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

export const parentOf = (pid: number): number | undefined => {
  try {
    return Number(process.platform === 'linux' ? statOf(pid)[1] : ps(pid, 'ppid='))
  } catch {
    return undefined
  }
}

export const identify = (pid: number): ProcessId | undefined => {
  const startedAt = startTimeOf(pid)
  return startedAt === undefined ? undefined : { pid, startedAt }
}

export const isAlive = ({ pid, startedAt }: ProcessId) => startTimeOf(pid) === startedAt

/** Returns the program and arguments of a process, or an empty string if they cannot be read. */
export const commandLineOf = (pid: number) => {
  try {
    return process.platform === 'linux' ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : ps(pid, 'command=')
  } catch {
    return ''
  }
}

/** Sends a signal to a process, or to a process group if `pid` is negative. Does nothing if the process has ended. */
export const sendSignal = (pid: number, name: NodeJS.Signals) => {
  try {
    process.kill(pid, name)
  } catch {
    // The process has already ended.
  }
}

/** Stops a process that is not our child. Sends SIGKILL if it has not ended after `graceMs`, and then kills the rest of its process group. */
export const terminateProcess = async (id: ProcessId, stopSignal: NodeJS.Signals, graceMs = 10_000) => {
  if (isAlive(id)) {
    sendSignal(id.pid, stopSignal)
    const hasEnded = () => !isAlive(id)
    await waitFor(`process ${id.pid} to end`, hasEnded, { timeoutMs: graceMs }).catch(() => sendSignal(id.pid, 'SIGKILL'))
    await waitFor(`process ${id.pid} to end`, hasEnded, { timeoutMs: 5000 })
    sendSignal(-id.pid, 'SIGKILL')
  }
}
