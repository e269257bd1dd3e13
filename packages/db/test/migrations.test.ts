import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createTemporaryDataFolder, removeDataFolder, repositoryRoot } from '@pay-to-view/devstack'
import { freePort } from '@pay-to-view/devstack/ports'
import { type Postgres, startPostgres, withClient } from '@pay-to-view/devstack/postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from '../src/migrate.ts'
import { incompatibilities, readSchema, type Schema } from './migrations/schema.ts'

const folder = path.join(repositoryRoot, 'prisma/migrations')
type Migration = [name: string, sql: string]
const migrations = readdirSync(folder)
  .filter((name) => /^\d{14}_/.test(name))
  .map((name): Migration => [name, readFileSync(path.join(folder, name, 'migration.sql'), 'utf8')])
const dataFolder = createTemporaryDataFolder()
let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres(dataFolder, { port: await freePort(), ephemeral: true })
}, 120_000)

afterAll(async () => {
  await postgres?.child.stop()
  removeDataFolder(dataFolder)
}, 60_000)

/** Creates an empty database with its own migrations folder, to which migrations are added one by one. */
const createDatabase = async (name: string) => {
  await withClient(postgres.databaseUrl, (client) => client.query(`create database ${client.escapeIdentifier(name)}`))
  const url = new URL(postgres.databaseUrl)
  url.pathname = name
  const directory = path.join(dataFolder.path, `migrations-${name}`)
  mkdirSync(directory)
  cpSync(path.join(folder, 'migration_lock.toml'), path.join(directory, 'migration_lock.toml'))
  return {
    url: url.href,
    directory,
    migrate: async (...[migration, sql]: Migration) => {
      mkdirSync(path.join(directory, migration))
      writeFileSync(path.join(directory, migration, 'migration.sql'), sql)
      await migrate(url.href, directory)
      return withClient(url.href, readSchema)
    },
  }
}

/** Statements that break an older version that is still running. They are allowed only after a comment `-- contract: why`. */
const destructive = [
  /\bDROP\s+(TABLE|COLUMN|TYPE|SCHEMA|FUNCTION|CONSTRAINT)\b/i,
  /\bRENAME\b/i,
  /\bTRUNCATE\b/i,
  /\bDELETE\s+FROM\b/i,
  /\bALTER\s+COLUMN\s+\S+\s+(SET\s+NOT\s+NULL|(SET\s+DATA\s+)?TYPE)\b/i,
  /\bADD\s+COLUMN\b(?=[^,;]*\bNOT\s+NULL\b)(?![^,;]*\bDEFAULT\b)/i,
]

/** Returns a migration's destructive statements that have no `contract` comment directly before them. */
const unexplainedStatements = (sql: string): string[] =>
  sql
    .split(';')
    .filter((part) => !/^\s*--\s*contract: \S/im.test(part))
    .map((part) => part.replaceAll(/--.*$/gm, '').trim())
    .filter((statement) => destructive.some((pattern) => pattern.test(statement)))

test.each(migrations)('%s has no unexplained destructive statement', (_name, sql) => {
  expect(unexplainedStatements(sql)).toEqual([])
})

test('a destructive statement is found, and allowed with a comment that explains it', () => {
  expect(unexplainedStatements('ALTER TABLE "a" DROP COLUMN "b";')).toHaveLength(1)
  expect(unexplainedStatements('ALTER TABLE "a" ADD COLUMN "b" TEXT NOT NULL;')).toHaveLength(1)
  expect(unexplainedStatements('ALTER TABLE "a" ADD COLUMN "b" TEXT NOT NULL DEFAULT \'\';')).toEqual([])
  expect(unexplainedStatements('-- contract: unused since 0.3\nALTER TABLE "a" DROP COLUMN "b";')).toEqual([])
})

/**
 * Applies migrations one by one, and returns what no longer works in the previous version, unless a `contract` comment explains the change.
 */
const incompatibleMigrations = async (databaseName: string, applied: Migration[]): Promise<Record<string, string[]>> => {
  const database = await createDatabase(databaseName)
  const found: Record<string, string[]> = {}
  let before: Schema | undefined
  for (const [name, sql] of applied) {
    const after = await database.migrate(name, sql)
    const isExplained = /^-- contract: \S/m.test(sql)
    const broken = before && !isExplained ? incompatibilities(before, after) : []
    if (broken.length > 0) found[name] = broken
    before = after
  }
  return found
}

test('each version can still read and write after the migrations of the next version', async () => {
  expect(await incompatibleMigrations('one-by-one', migrations)).toEqual({})
}, 60_000)

test('a migration that breaks the previous version is found, and allowed with a comment that explains it', async () => {
  const next: Migration[] = [
    ['99990101000000_expand', 'ALTER TABLE "products" ADD COLUMN "label" TEXT; CREATE TABLE "labels" ("id" TEXT PRIMARY KEY);'],
    ['99990102000000_breaking', 'ALTER TABLE "products" DROP COLUMN "tax_code";'],
    ['99990103000000_contract', '-- contract: replaced by labels\nALTER TABLE "products" DROP COLUMN "label";'],
  ]
  expect(await incompatibleMigrations('next-migrations', [...migrations, ...next])).toEqual({
    '99990102000000_breaking': ['products.tax_code text is missing'],
  })
}, 60_000)

test('a database stays valid when its migrations are squashed into the first one', async () => {
  const database = await createDatabase('squashed')
  const [first, second] = ['CREATE TABLE "first" ("id" TEXT);', 'CREATE TABLE "second" ("id" TEXT);']
  await database.migrate('20000101000000_initial', first)
  await database.migrate('20000102000000_second', second)
  rmSync(path.join(database.directory, '20000102000000_second'), { recursive: true })
  writeFileSync(path.join(database.directory, '20000101000000_initial/migration.sql'), `${first}\n${second}`)
  expect(await migrate(database.url, database.directory)).toEqual({ applied: [] })
  const { columns } = await database.migrate('20000103000000_third', 'CREATE TABLE "third" ("id" TEXT);')
  expect(columns.map(({ name }) => name).sort()).toEqual(['first.id', 'second.id', 'third.id'])
}, 60_000)

test.each([
  ['ALTER TABLE "purchases" RENAME COLUMN "status" TO "state"', 'purchases.status purchase_status is missing'],
  ['ALTER TABLE "grants" ALTER COLUMN "expires_at" TYPE DATE', 'grants.expires_at timestamp with time zone is missing'],
  ['ALTER TABLE "grants" ALTER COLUMN "expires_at" SET NOT NULL', 'grants.expires_at is no longer nullable'],
  ['ALTER TABLE "customers" ADD COLUMN "email" TEXT NOT NULL', 'customers.email is a new required column'],
  ['DROP FUNCTION insert_purchase(jsonb)', 'insert_purchase(p_purchase jsonb) is missing'],
  ['CREATE UNIQUE INDEX "one_product_name" ON "products"("name")', 'products.one_product_name is a new constraint'],
  ['ALTER TABLE "prices" ADD CONSTRAINT "min_amount" CHECK ("amount" > 100)', 'prices.min_amount is a new constraint'],
  ['DROP INDEX "one_open_purchase"', 'purchases.one_open_purchase is missing'],
])(
  '%s is found to be incompatible',
  async (sql, incompatibility) => {
    const next: Migration = ['99990101000000_incompatible', sql]
    expect(await incompatibleMigrations(`incompatible-${crypto.randomUUID()}`, [...migrations, next])).toEqual({
      [next[0]]: [incompatibility],
    })
  },
  60_000,
)
