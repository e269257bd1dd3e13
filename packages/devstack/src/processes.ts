import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { waitFor } from './wait.ts'

/** A process, told apart from a later one that was given the same number. */
export type ProcessId = { pid: number; startedAt: string }

/** When a process started, in whatever unit the system has; undefined when there is none, or only its unburied remains (a zombie). */
export const startOf = (pid: number): string | undefined => {
  try {
    if (process.platform !== 'linux') {
      const [state, ...start] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
        .trim()
        .split(/\s+/)
      return !state || state.startsWith('Z') ? undefined : start.join(' ')
    }
    const [state, ...fields] = statOf(pid)
    return state === 'Z' || state === 'X' ? undefined : fields[18]
  } catch {
    return undefined
  }
}

/** proc_pid_stat(5) from the third field on. The second is the program's name in brackets and may itself contain anything. */
const statOf = (pid: number) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

export const parentOf = (pid: number): number | undefined => {
  try {
    if (process.platform === 'linux') return Number(statOf(pid)[1])
    return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }))
  } catch {
    return undefined
  }
}

export const identify = (pid: number): ProcessId | undefined => {
  const startedAt = startOf(pid)
  return startedAt === undefined ? undefined : { pid, startedAt }
}

export const isAlive = ({ pid, startedAt }: ProcessId) => startOf(pid) === startedAt

/** The program and its arguments; empty when it cannot be known. */
export const commandOf = (pid: number) => {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return ''
  }
}

/** To one process, or with a negative number to a process group. Gone already is fine. */
export const signal = (pid: number, name: NodeJS.Signals) => {
  try {
    process.kill(pid, name)
  } catch {
    // No such process.
  }
}

/** Asks a process that is not our child to end, and makes it when it does not; then whatever is left of its group. */
export const endProcess = async (id: ProcessId, stopSignal: NodeJS.Signals, grace = 10_000) => {
  if (isAlive(id)) {
    signal(id.pid, stopSignal)
    const gone = () => !isAlive(id)
    await waitFor(`process ${id.pid} to end`, gone, { within: grace }).catch(() => signal(id.pid, 'SIGKILL'))
    await waitFor(`process ${id.pid} to end`, gone, { within: 5000 })
    signal(-id.pid, 'SIGKILL')
  }
}
