import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import type { MigrationList } from '@prisma/schema-engine-wasm'
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg'
import pg from 'pg'

// Works like `prisma migrate deploy` without downloading Prisma's native engine. The WebAssembly build of the engine writes the same
// _prisma_migrations table, so both methods can be used on the same database.

export const MIGRATIONS = path.resolve(import.meta.dirname, '../../../prisma/migrations')

/** Applies the migrations that are missing from the database. Processes that call this concurrently wait for each other. */
export const migrate = async (databaseUrl: string, directory = MIGRATIONS): Promise<{ applied: string[] }> => {
  const migrationsList = await readMigrations(directory)
  // The engine holds Prisma's advisory lock while its connection is open, so the pool has only one connection and is closed as soon as the
  // migrations are done.
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 1,
    lock_timeout: 120_000,
    application_name: 'pay-to-view migrate',
  })
  try {
    const schemaEngine = await startEngine(pool)
    const filters = { externalTables: [], externalEnums: [] }
    const { appliedMigrationNames } = await schemaEngine.applyMigrations({ migrationsList, filters })
    return { applied: appliedMigrationNames }
  } catch (error) {
    throw new Error(`Migrating the database failed: ${formatError(error)}`, { cause: error })
  } finally {
    await pool.end()
  }
}

/** Reads the migrations in the folder, oldest first. */
const readMigrations = async (baseDir: string): Promise<MigrationList> => {
  const entries = await readdir(baseDir, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return {
    baseDir,
    lockfile: { path: 'migration_lock.toml', content: await readFile(path.join(baseDir, 'migration_lock.toml'), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.sort().map(async (name) => {
        const value = await readFile(path.join(baseDir, name, 'migration.sql'), 'utf8')
        return { path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value } } }
      }),
    ),
  }
}

/** TypeScript declares WebAssembly only in its DOM library, which this package does not use. */
declare namespace WebAssembly {
  function instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>
}

let engineLoaded: Promise<void> | undefined

const loadEngine = async () => {
  // The package's entry point imports the .wasm file as a module, which Node supports only behind a flag.
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm')
  const bytes = await readFile(path.join(path.dirname(entry), 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': engine })
  engine.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
}

const startEngine = async (pool: pg.Pool) => {
  engineLoaded ??= loadEngine()
  await engineLoaded
  const factory = new PrismaPg(pool)
  const connect = factory.connect.bind(factory)
  factory.connect = async () => {
    const adapter = await connect()
    // PrismaPg splits a script at every semicolon, even inside comments, strings and $$ function bodies $$. Without arguments, Postgres
    // runs the whole script as one transaction, so a migration is applied completely or not at all.
    adapter.executeScript = async (script) => {
      await adapter.executeRaw({ sql: script, args: [], argTypes: [] })
    }
    return adapter
  }
  return await engine.SchemaEngine.new({ datamodels: undefined }, () => undefined, bindMigrationAwareSqlAdapterFactory(factory))
}

/** Removes the Rust stack trace from the engine's message but keeps the migration's name, which appears only in the trace. */
const formatError = (error: unknown) => {
  if (!(error instanceof Error)) return String(error)
  const [message = '', trace = ''] = error.message.split(/\n\s+0: /)
  const migration = /migration_name="([^"]+)"/.exec(trace)?.[1]
  const hasFailedBefore = 'code' in error && error.code === 'P3009'
  return [
    migration ? `${migration}: ${message}` : message.trim(),
    ...(hasFailedBefore
      ? [
          'Repair the schema manually, then delete the row for the migration in _prisma_migrations. For a local stack: npm run reset.',
        ]
      : []),
  ].join('\n')
}
