import { PrismaPg } from '@prisma/adapter-pg'
import { Pool } from 'pg'
import { Prisma, PrismaClient } from './generated/client.ts'

export interface DbOptions {
  /** Connections in the pool. */
  connections?: number
  /** Milliseconds that a statement may take before Postgres cancels it. */
  statementTimeout?: number
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
export const createDb = (databaseUrl: string, { connections = 10, statementTimeout = 10_000 }: DbOptions = {}): Db => {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: connections,
    statement_timeout: statementTimeout,
    // A server that is frozen cancels nothing: the client gives up a little later.
    query_timeout: statementTimeout + 2_000,
    connectionTimeoutMillis: 5_000,
  })
  const db = new PrismaClient({
    adapter: new PrismaPg(pool, { disposeExternalPool: true, statementNameGenerator: nameStatements(200) }),
  })
  pools.set(db, pool)
  return db
}

/** How many connections are in use or idle, and how many callers wait for one. */
export const poolUse = (db: Db): { busy: number; idle: number; waiting: number } => {
  const pool = pools.get(db)
  if (!pool) return { busy: 0, idle: 0, waiting: 0 }
  return { busy: pool.totalCount - pool.idleCount, idle: pool.idleCount, waiting: pool.waitingCount }
}

/** Prisma knows no name for what Postgres says when it stops, has crashed or is not up yet (57P01 to 57P03), or is full (53300). */
const leaving = /Code: `(57P0[123]|53300)`/

/** Whether an error says that Postgres could not be reached or had no connection to give, rather than that a statement was wrong. */
export const isUnavailable = (error: unknown): boolean =>
  // What pg and its pool say of a server that does not answer comes through Prisma as it is.
  (error instanceof Error &&
    /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/.test(error.message)) ||
  error instanceof Prisma.PrismaClientInitializationError ||
  (error instanceof Prisma.PrismaClientKnownRequestError &&
    (['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028'].includes(error.code) || leaving.test(error.message)))
