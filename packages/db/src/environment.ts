import { z } from 'zod'

/** The environment variable that every process with database access needs. */
export const databaseEnvironment = {
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'Expected a URL such as postgresql://user@host/database' })
    .describe('URL of the database, postgresql://…'),
}

/** The environment variable for processes with a configurable connection pool. */
export const poolEnvironment = {
  DATABASE_POOL: z.coerce.number().int().min(1).max(200).default(10).describe('Maximum number of connections to the database'),
}
