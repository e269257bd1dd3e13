import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import type { MigrationList } from '@prisma/schema-engine-wasm'
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg'
import pg from 'pg'

// What `prisma migrate deploy` does, without the native engine it would have to download: the same engine, compiled to WebAssembly and
// published by Prisma, writes the same _prisma_migrations table. So the two can be used side by side on one database.

/** Where the migrations of this repository are. */
export const MIGRATIONS = path.resolve(import.meta.dirname, '../../../prisma/migrations')

/** Applies the migrations that the database has not had yet. Any number of processes may do so at once: they take turns. */
export const migrate = async (databaseUrl: string, directory = MIGRATIONS): Promise<{ applied: string[] }> => {
  const migrationsList = await readMigrations(directory)
  // The engine takes Prisma's advisory lock, which lives as long as its connection: hence one connection, closed as soon as we are done.
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
    throw new Error(`Migrating the database failed: ${explain(error)}`, { cause: error })
  } finally {
    await pool.end()
  }
}

/** What is in the folder, oldest first. */
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

/** TypeScript knows WebAssembly only with the types of the browser, which this package must not have. */
declare namespace WebAssembly {
  function instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>
}

let loaded: Promise<void> | undefined

const loadEngine = async () => {
  // The package's own entry imports the .wasm file as a module, which Node does only behind a flag.
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm')
  const bytes = await readFile(path.join(path.dirname(entry), 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': engine })
  engine.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
}

const startEngine = async (pool: pg.Pool) => {
  loaded ??= loadEngine()
  await loaded
  const factory = new PrismaPg(pool)
  const connect = factory.connect.bind(factory)
  factory.connect = async () => {
    const adapter = await connect()
    // PrismaPg splits a script at every semicolon, also those in comments, strings and $$ function bodies $$. Without arguments
    // Postgres takes the whole script in one message, and as one transaction: a migration applies as a whole or not at all.
    adapter.executeScript = async (script) => {
      await adapter.executeRaw({ sql: script, args: [], argTypes: [] })
    }
    return adapter
  }
  return await engine.SchemaEngine.new({ datamodels: undefined }, () => undefined, bindMigrationAwareSqlAdapterFactory(factory))
}

/** The engine's message without its trace of Rust functions, but with the migration's name, which is only said there. */
const explain = (error: unknown) => {
  if (!(error instanceof Error)) return String(error)
  const [message = '', trace = ''] = error.message.split(/\n\s+0: /)
  const migration = /migration_name="([^"]+)"/.exec(trace)?.[1]
  const failedBefore = 'code' in error && error.code === 'P3009'
  return [
    migration ? `${migration}: ${message}` : message.trim(),
    ...(failedBefore
      ? ['Put right by hand what it left, then delete its row in _prisma_migrations. A local stack: npm run reset.']
      : []),
  ].join('\n')
}
