import { DatabaseError, Pool } from 'pg'
import { Prisma, PrismaClient } from './generated/client.ts'
import { SequentialPrismaPg } from './sequential-transactions.ts'

export interface DbOptions {
  /** The maximum number of connections in the pool. */
  connections?: number
  /** The time in milliseconds after which Postgres cancels a statement. */
  statementTimeoutMs?: number
}

export type Db = PrismaClient

/**
 * Names Prisma's statements, so Postgres parses and plans each of them only once per connection. The number of names is limited, because
 * the text of some statements varies with the length of a list, and a connection keeps every named statement.
 */
const nameStatements = (maxStatements: number) => {
  const names = new Map<string, string>()
  return ({ sql }: { sql: string }): string => {
    const known = names.get(sql)
    // An empty name leaves the statement unnamed.
    if (known !== undefined || names.size >= maxStatements) return known ?? ''
    const name = `s${names.size}`
    names.set(sql, name)
    return name
  }
}

const pools = new WeakMap<Db, Pool>()

/** Creates a client with its own connection pool. Call `closeDb` when done. */
export const createDb = (databaseUrl: string, { connections = 10, statementTimeoutMs = 10_000 }: DbOptions = {}): Db => {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: connections,
    statement_timeout: statementTimeoutMs,
    // A frozen server cannot cancel statements, so the client itself gives up a little later.
    query_timeout: statementTimeoutMs + 2_000,
    connectionTimeoutMillis: 5_000,
  })
  // When an idle connection ends, the pool replaces it, but without a listener the connection's error would end the process. Prisma adds
  // its listener only at its first query.
  pool.on('error', () => undefined)
  // The same applies to a connection that ends before its user adds a listener, for example because Postgres closes it immediately. The
  // next statement on it fails.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const db = new PrismaClient({
    adapter: new SequentialPrismaPg(pool, { statementNameGenerator: nameStatements(200) }),
  })
  pools.set(db, pool)
  return db
}

/**
 * Closes all connections. Otherwise an idle connection keeps the process running for 10 seconds. Prisma itself closes only connections that
 * it has used.
 */
export const closeDb = async (db: Db): Promise<void> => {
  await db.$disconnect()
  await pools.get(db)?.end()
}

/**
 * The SQLSTATEs which mean that Postgres is unavailable: it is stopping, has crashed or is starting (57P), has no memory, disk or
 * connection left (53), has lost its connection, or a pooler has none (08), fails to read or write a file (58), canceled a statement after
 * the timeout (57014), could not get a lock in time (55P03) or broke a deadlock (40P01), is read-only (25006), or rejects the login (28,
 * 3D000). Source: PostgreSQL's "Error Codes".
 */
const unavailableStates = /^(57P\d\d|53\w{3}|08\w{3}|58\w{3}|57014|55P03|40P01|25006|28\w{3}|3D000)$/

/**
 * The codes of Node's errors about the network and name resolution. If a host has several addresses, the error is an AggregateError, which
 * has the first error's code and no message. Source: Node's "Errors" and libuv's list of error codes.
 */
const networkErrorCode =
  /^(ECONN[A-Z]+|EAI_[A-Z]+|ENOTFOUND|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN|RESET)|EPIPE|EADDRNOTAVAIL|EPROTO|EMFILE|ENFILE|ENOBUFS)$/

const isNetworkError = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && typeof error.code === 'string' && networkErrorCode.test(error.code)) ||
    // The error for a Unix socket that does not exist.
    ('syscall' in error && error.syscall === 'connect'))

const statements = new WeakMap<TemplateStringsArray, { name: string; text: string }>()
let statementCount = 0

/** Each template literal in the code is one named statement, so Postgres parses and plans it only once per connection. */
const statementOf = (parts: TemplateStringsArray) => {
  const known = statements.get(parts)
  if (known) return known
  const statement = { name: `prepared${statementCount++}`, text: parts.reduce((text, part, index) => `${text}$${index}${part}`) }
  statements.set(parts, statement)
  return statement
}

export type QueryValue = string | number | boolean | Date | null | undefined | readonly (string | number | null)[]

const runStatement = async <Row extends object>(
  db: Db,
  statement: { name?: string; text: string; values: unknown[] },
): Promise<Row[]> => {
  const pool = pools.get(db)
  if (!pool) throw new TypeError('Expected a client of createDb')
  try {
    return (await pool.query<Row>(statement)).rows
  } catch (error) {
    // An error that Postgres returns is about the statement, unless its code means unavailable. All other errors are about the connection.
    if (error instanceof DatabaseError && !unavailableStates.test(error.code ?? '')) throw error
    throw new DatabaseUnavailable('Postgres is unavailable', { cause: error })
  }
}

/**
 * Runs a prepared statement on Prisma's connections and returns the rows: "preparedQuery<Row>(db)`select … ${value}`". For frequent
 * queries, because Prisma's raw queries cost twice the CPU: docs/decisions/0012-hot-queries-without-prisma.md
 */
export const preparedQuery =
  <Row extends object = object>(db: Db) =>
  (parts: TemplateStringsArray, ...values: QueryValue[]): Promise<Row[]> =>
    runStatement<Row>(db, { ...statementOf(parts), values })

/**
 * Runs a statement that Postgres plans each time for its values. Use it for queries whose best index depends on the values, because
 * Postgres plans a prepared statement without knowing them.
 */
export const plannedQuery = <Row extends object>(db: Db, { text, values }: Prisma.Sql): Promise<Row[]> =>
  runStatement<Row>(db, { text, values })

/** The numbers of busy connections, of idle connections, and of callers waiting for a connection. */
export const poolUsage = (db: Db): { busy: number; idle: number; waiting: number } => {
  const pool = pools.get(db)
  if (!pool) return { busy: 0, idle: 0, waiting: 0 }
  return { busy: pool.totalCount - pool.idleCount, idle: pool.idleCount, waiting: pool.waitingCount }
}

/** Postgres is unreachable or has no free connections. */
export class DatabaseUnavailable extends Error {
  override name = 'DatabaseUnavailable'
}

/** Prisma has no code for most of these errors, but its message contains the SQLSTATE. */
const sqlStateIn = (message: string): string => /Code: `(\w{5})`/.exec(message)?.[1] ?? ''

/** Prisma's message for a raw statement whose connection was lost or could not be opened. */
const lostConnection =
  /Code: `N\/A`. Message: `(Server has closed the connection|Can't reach database server|Operation has timed out)/

/** Whether an error means that Postgres is unavailable, rather than that a statement is wrong. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof DatabaseUnavailable ||
  // If Prisma has no error code for an error, it passes the error on with the original code.
  isNetworkError(error) ||
  // Prisma also passes on errors from pg and its pool about a server that does not respond.
  (error instanceof Error &&
    /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout)/.test(
      error.message,
    )) ||
  error instanceof Prisma.PrismaClientInitializationError ||
  (error instanceof Prisma.PrismaClientKnownRequestError &&
    (['P1000', 'P1001', 'P1002', 'P1003', 'P1008', 'P1010', 'P1017', 'P2024', 'P2028'].includes(error.code) ||
      unavailableStates.test(sqlStateIn(error.message)) ||
      lostConnection.test(error.message)))
