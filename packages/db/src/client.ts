import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from './generated/client.ts'

export interface DbOptions {
  /** Connections in the pool. */
  connections?: number
  /** Milliseconds that a statement may take before Postgres cancels it. */
  statementTimeout?: number
}

export type Db = PrismaClient

/** A client with a pool of its own. Call `$disconnect()` when done. */
export const createDb = (databaseUrl: string, { connections = 10, statementTimeout = 10_000 }: DbOptions = {}): Db =>
  new PrismaClient({
    adapter: new PrismaPg({
      connectionString: databaseUrl,
      max: connections,
      statement_timeout: statementTimeout,
      connectionTimeoutMillis: 5_000,
    }),
  })
