import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import type { ChildSpec } from './child.ts'

// Postgres refuses to run as root, which is what one is in most containers and CI machines.

type User = { uid: number; gid: number }

export type RunAs = {
  /** Whom the data must belong to; undefined: us. */
  owner?: User
  /** How to start a program as that user. */
  start: (program: string, args: readonly string[]) => Pick<ChildSpec, 'command' | 'args' | 'user'>
}

export const postgresUser = (data: string, binaries: string): RunAs => {
  if (process.getuid?.() !== 0) return { start: (command, args) => ({ command, args }) }
  // Whoever owns the data keeps it, whatever users the machine has been given since.
  const keeper = existsSync(data) ? statSync(data) : undefined
  const owner = keeper?.uid ? { uid: keeper.uid, gid: keeper.gid } : (find('postgres') ?? find('nobody'))
  if (!owner) throw new Error(`Postgres does not run as root, and this machine has no user "postgres" or "nobody". ${WAYS_OUT}`)

  const closed = closedFolder(path.dirname(data)) ?? closedFolder(binaries)
  if (!closed) return { owner, start: (command, args) => ({ command, args, user: owner }) }
  const start: RunAs['start'] = (program, args) => ({ command: 'setpriv', args: [...enterAnything(owner), program, ...args] })
  try {
    const { command, args } = start('test', ['-x', path.join(binaries, 'postgres')])
    execFileSync(command, args, { stdio: 'ignore' })
  } catch {
    throw new Error(`Postgres does not run as root, and the user it would run as cannot enter ${closed}. ${WAYS_OUT}`)
  }
  return { owner, start }
}

const WAYS_OUT =
  'Clone into a folder that every user can enter, run as an ordinary user, or set DATABASE_URL to a Postgres of yours.'

/** For a clone in /root, say: of root's rights the process keeps one, to pass through folders. It has it from its next exec on: hence the shell. */
const enterAnything = ({ uid, gid }: User) => {
  const caps = '-all,+dac_override'
  const identity = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups']
  return [
    ...identity,
    `--inh-caps=${caps}`,
    `--ambient-caps=${caps}`,
    `--bounding-set=${caps}`,
    '/bin/sh',
    '-c',
    'exec "$@"',
    'sh',
  ]
}

/** The first folder on the way that others may not enter. */
const closedFolder = (folder: string): string | undefined => {
  const parent = path.dirname(folder)
  const above = parent === folder ? undefined : closedFolder(parent)
  return above ?? (existsSync(folder) && (statSync(folder).mode & 0o001) === 0 ? folder : undefined)
}

const find = (name: string): User | undefined => {
  const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
  try {
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    return undefined
  }
}
