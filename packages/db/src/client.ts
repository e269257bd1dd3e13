import { PrismaPg } from '@prisma/adapter-pg'
import { DatabaseError, Pool } from 'pg'
import { Prisma, PrismaClient } from './generated/client.ts'

export interface DbOptions {
  /** Connections in the pool. */
  connections?: number
  /** Milliseconds that a statement may take before Postgres cancels it. */
  statementTimeoutMs?: number
}

export type Db = PrismaClient

/**
 * Names the statements that are seen, so that each connection has Postgres read and plan one once. Only so many: the text of some varies
 * with the length of a list, and a connection keeps every name.
 */
const nameStatements = (most: number) => {
  const names = new Map<string, string>()
  return ({ sql }: { sql: string }): string => {
    const known = names.get(sql)
    // An empty name is none.
    if (known !== undefined || names.size >= most) return known ?? ''
    const name = `s${names.size}`
    names.set(sql, name)
    return name
  }
}

const pools = new WeakMap<Db, Pool>()

/** A client with a pool of its own. Call `$disconnect()` when done. */
export const createDb = (databaseUrl: string, { connections = 10, statementTimeoutMs: statementTimeout = 10_000 }: DbOptions = {}): Db => {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: connections,
    statement_timeout: statementTimeout,
    // A server that is frozen cancels nothing: the client gives up a little later.
    query_timeout: statementTimeout + 2_000,
    connectionTimeoutMillis: 5_000,
  })
  // An idle connection that ends is replaced when one is wanted. Without a listener it would end the process; Prisma has one only once it was used.
  pool.on('error', () => undefined)
  // Nor may one that ends before its borrower listens, such as one that Postgres ends as it is made: the borrower's next statement fails.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const db = new PrismaClient({
    adapter: new PrismaPg(pool, { disposeExternalPool: true, statementNameGenerator: nameStatements(200) }),
  })
  pools.set(db, pool)
  return db
}

/**
 * What Postgres says, by SQLSTATE, when it stops, has crashed or is not up yet (57P), has no room or no connection to give (53), is asked for
 * too long (57014) or for what is locked (55P03), takes no writes as a replica does (25006), or lets us in no more (28, 3D000).
 * Source: PostgreSQL's "Error Codes".
 */
const cannotServe = /^(57P\d\d|53\w{3}|57014|55P03|25006|28\w{3}|3D000)$/

const statements = new WeakMap<TemplateStringsArray, { name: string; text: string }>()
let named = 0

/** A statement as it is written in one place of the code has one name, so that each connection has Postgres read and plan it once. */
const statementOf = (parts: TemplateStringsArray) => {
  const known = statements.get(parts)
  if (known) return known
  const statement = { name: `hot${named++}`, text: parts.reduce((text, part, at) => `${text}$${at}${part}`) }
  statements.set(parts, statement)
  return statement
}

export type QueryValue = string | number | boolean | Date | null | undefined | readonly (string | number | null)[]

/**
 * The statements of the hot paths, written by hand, on the same connections as Prisma's: "ask<Row>(db)`select … ${value}`". Prisma's raw
 * queries cost twice the CPU: docs/decisions/0012-hot-queries-without-prisma.md. Returns the rows.
 */
export const preparedQuery =
  <Row extends object = object>(db: Db) =>
  async (parts: TemplateStringsArray, ...values: QueryValue[]): Promise<Row[]> => {
    const pool = pools.get(db)
    if (!pool) throw new TypeError('Expected a client of createDb')
    try {
      return (await pool.query<Row>({ ...statementOf(parts), values })).rows
    } catch (error) {
      // Postgres's own complaints are about the statement, unless it cannot serve; all others are about the way to it.
      if (error instanceof DatabaseError && !cannotServe.test(error.code ?? '')) throw error
      throw new DatabaseUnavailable('Postgres could not be asked', { cause: error })
    }
  }

/** How many connections are in use or idle, and how many callers wait for one. */
export const poolUsage = (db: Db): { busy: number; idle: number; waiting: number } => {
  const pool = pools.get(db)
  if (!pool) return { busy: 0, idle: 0, waiting: 0 }
  return { busy: pool.totalCount - pool.idleCount, idle: pool.idleCount, waiting: pool.waitingCount }
}

/** Postgres could not be reached, or had no connection to give. */
export class DatabaseUnavailable extends Error {
  override name = 'DatabaseUnavailable'
}

/** Prisma knows no name for most of it, and tells the SQLSTATE in words. */
const stateIn = (message: string): string => /Code: `(\w{5})`/.exec(message)?.[1] ?? ''

/** Nor has it one for a raw statement whose connection went, or was never made. */
const gone = /Code: `N\/A`. Message: `(Server has closed the connection|Can't reach database server|Operation has timed out)/

/** Whether an error says that Postgres could not be reached or had no connection to give, rather than that a statement was wrong. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof DatabaseUnavailable ||
  // What pg and its pool say of a server that does not answer comes through Prisma as it is.
  (error instanceof Error &&
    /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout)/.test(
      error.message,
    )) ||
  error instanceof Prisma.PrismaClientInitializationError ||
  (error instanceof Prisma.PrismaClientKnownRequestError &&
    (['P1000', 'P1001', 'P1002', 'P1003', 'P1008', 'P1010', 'P1017', 'P2024', 'P2028'].includes(error.code) ||
      cannotServe.test(stateIn(error.message)) ||
      gone.test(error.message)))
