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
 * Names Prisma's statements, so Postgres parses and plans each statement only once per connection. The number of names is limited, because
 * a connection keeps every named statement, and the text of some statements varies with the length of a list.
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
    // A frozen Postgres server cannot cancel statements, so the client has its own timeout, which is slightly longer.
    query_timeout: statementTimeoutMs + 2_000,
    connectionTimeoutMillis: 5_000,
  })
  // The pool replaces an idle connection that ends, but without a listener the connection's error would crash the process. Prisma does not
  // add its listener until its first query.
  pool.on('error', () => undefined)
  // The same applies to a connection that ends before the code that uses it adds a listener, for example because Postgres closes it
  // immediately. The next statement on that connection fails.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const db = new PrismaClient({
    adapter: new SequentialPrismaPg(pool, { statementNameGenerator: nameStatements(200) }),
  })
  pools.set(db, pool)
  return db
}

/**
 * Closes all connections; an open idle connection would keep the process running for 10 seconds. Prisma itself closes only connections that
 * it has used.
 */
export const closeDb = async (db: Db): Promise<void> => {
  await db.$disconnect()
  await pools.get(db)?.end()
}

/**
 * The SQLSTATEs after which a call may succeed later. Postgres is stopping, starting or has crashed (57P); it is out of memory, disk space
 * or connections (53); the connection was lost, or a pooler has none free (08); a file could not be read or written (58); a statement was
 * canceled by its timeout (57014), by the lock timeout (55P03) or to break a deadlock (40P01); Postgres is read-only (25006) or rejects the
 * login (28, 3D000). Source: PostgreSQL's "Error Codes".
 */
const unavailableStates = /^(57P\d\d|53\w{3}|08\w{3}|58\w{3}|57014|55P03|40P01|25006|28\w{3}|3D000)$/

/**
 * The codes of Node's network and DNS errors. If a host has several addresses, the error is an AggregateError with the first error's code
 * and no message. Source: Node's "Errors" and libuv's list of error codes.
 */
const networkErrorCode =
  /^(ECONN[A-Z]+|EAI_[A-Z]+|ENOTFOUND|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN|RESET)|EPIPE|EADDRNOTAVAIL|EPROTO|EMFILE|ENFILE|ENOBUFS)$/

const isNetworkError = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && typeof error.code === 'string' && networkErrorCode.test(error.code)) ||
    // A missing Unix socket causes this error.
    ('syscall' in error && error.syscall === 'connect'))

const statements = new WeakMap<TemplateStringsArray, { name: string; text: string }>()
let statementCount = 0

/**
 * Returns the named statement for a template literal. Each template literal in the code has its own name, so Postgres parses and plans it
 * only once per connection.
 */
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
    // A Postgres error is about the statement, unless its code means that Postgres is unavailable. All other errors are about the
    // connection.
    if (error instanceof DatabaseError && !unavailableStates.test(error.code ?? '')) throw error
    throw new DatabaseUnavailable('Postgres is unavailable', { cause: error })
  }
}

/**
 * Runs a prepared statement on Prisma's connections and returns the rows: "preparedQuery<Row>(db)`select … ${value}`". Use it for frequent
 * queries, because Prisma's raw queries take twice the CPU time. See docs/decisions/0012-hot-queries-without-prisma.md.
 */
export const preparedQuery =
  <Row extends object = object>(db: Db) =>
  (parts: TemplateStringsArray, ...values: QueryValue[]): Promise<Row[]> =>
    runStatement<Row>(db, { ...statementOf(parts), values })

/**
 * Runs a statement that Postgres plans for the given values on every call. Use it for queries whose best index depends on the values;
 * Postgres may plan a prepared statement without knowing the values.
 */
export const plannedQuery = <Row extends object>(db: Db, { text, values }: Prisma.Sql): Promise<Row[]> =>
  runStatement<Row>(db, { text, values })

/** Returns the numbers of busy connections, idle connections, and callers that are waiting for a connection. */
export const poolUsage = (db: Db): { busy: number; idle: number; waiting: number } => {
  const pool = pools.get(db)
  if (!pool) return { busy: 0, idle: 0, waiting: 0 }
  return { busy: pool.totalCount - pool.idleCount, idle: pool.idleCount, waiting: pool.waitingCount }
}

/** Postgres is unreachable or has no free connections. */
export class DatabaseUnavailable extends Error {
  override name = 'DatabaseUnavailable'
}

/** Extracts the SQLSTATE from the message of a Prisma error, because Prisma has no codes of its own for most of the `unavailableStates`. */
const sqlStateIn = (message: string): string => /Code: `(\w{5})`/.exec(message)?.[1] ?? ''

/** Prisma's message for a raw statement whose connection was lost or could not be opened. */
const lostConnection =
  /Code: `N\/A`. Message: `(Server has closed the connection|Can't reach database server|Operation has timed out)/

/** Whether an error means that Postgres is unavailable, rather than that a statement is wrong. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof DatabaseUnavailable ||
  // If Prisma has no code of its own for an error, it passes the error on with the original code.
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
