import { z } from 'zod'

/** How every process reaches the database. */
export const databaseEnvironment = {
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).describe('postgresql://… of the database'),
}

/** How many connections a process that serves keeps. */
export const poolEnvironment = {
  DATABASE_POOL: z.coerce.number().int().min(1).max(200).default(10).describe('Connections to the database'),
}
