import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createTemporaryDataFolder, removeDataFolder, repositoryRoot } from '@pay-to-view/devstack'
import { freePort } from '@pay-to-view/devstack/ports'
import { type Postgres, startPostgres, withClient } from '@pay-to-view/devstack/postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from '../src/migrate.ts'
import { incompatibilities, readSchema } from './migrations/schema.ts'

const folder = path.join(repositoryRoot, 'prisma/migrations')
const names = readdirSync(folder).filter((name) => /^\d{14}_/.test(name))
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
  const migrations = path.join(dataFolder.path, `migrations-${name}`)
  mkdirSync(migrations)
  cpSync(path.join(folder, 'migration_lock.toml'), path.join(migrations, 'migration_lock.toml'))
  return {
    url: url.href,
    migrate: async (migration: string, sql = readFileSync(path.join(folder, migration, 'migration.sql'), 'utf8')) => {
      mkdirSync(path.join(migrations, migration))
      writeFileSync(path.join(migrations, migration, 'migration.sql'), sql)
      await migrate(url.href, migrations)
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

test.each(names)('%s has no unexplained destructive statement', (name) => {
  expect(unexplainedStatements(readFileSync(path.join(folder, name, 'migration.sql'), 'utf8'))).toEqual([])
})

test('a destructive statement is found, and allowed with a comment that explains it', () => {
  expect(unexplainedStatements('ALTER TABLE "a" DROP COLUMN "b";')).toHaveLength(1)
  expect(unexplainedStatements('ALTER TABLE "a" ADD COLUMN "b" TEXT NOT NULL;')).toHaveLength(1)
  expect(unexplainedStatements('ALTER TABLE "a" ADD COLUMN "b" TEXT NOT NULL DEFAULT \'\';')).toEqual([])
  expect(unexplainedStatements('-- contract: unused since 0.3\nALTER TABLE "a" DROP COLUMN "b";')).toEqual([])
})

test('each version can still read and write after the migrations of the next version', async () => {
  const database = await createDatabase('one-by-one')
  let before = await database.migrate(names[0] ?? '')
  for (const name of names.slice(1)) {
    const after = await database.migrate(name)
    const isExplained = /^-- contract: \S/m.test(readFileSync(path.join(folder, name, 'migration.sql'), 'utf8'))
    expect({ name, found: isExplained ? [] : incompatibilities(before, after) }).toEqual({ name, found: [] })
    before = after
  }
}, 60_000)

test('the migration of the catalog keeps channels, prices and withdrawn products', async () => {
  const catalog = names.findIndex((name) => name.endsWith('_catalog'))
  const database = await createDatabase('catalog')
  for (const name of names.slice(0, catalog)) await database.migrate(name)
  const id = (prefix: string) => `${prefix}_01m85eetz2e8qthwsqr5v0dh8g`
  await withClient(database.url, async (client) => {
    await client.query("insert into entities (id, title) values ($1, 'Channel'), ($2, 'Album')", [id('chan'), id('cont')])
    await client.query("insert into entities (id, title, channel_id) values ($1, 'Film', $2)", [id('vid'), id('chan')])
    await client.query("insert into products (id, name, amount, currency, active) values ($1, 'Year', 2999, 'usd', false)", [
      id('prod'),
    ])
  })
  for (const name of names.slice(catalog)) await database.migrate(name)
  const rows = (sql: string) => withClient(database.url, async (client) => (await client.query(sql)).rows)
  expect(await rows('select id, type, status from entities order by id')).toEqual([
    { id: id('chan'), type: 'channel', status: 'published' },
    { id: id('cont'), type: 'content', status: 'published' },
    { id: id('vid'), type: 'video', status: 'published' },
  ])
  expect(
    await rows(
      'select member_id, container_id, depth, removed_at from containments join memberships using (member_id, container_id)',
    ),
  ).toEqual([{ member_id: id('vid'), container_id: id('chan'), depth: 1, removed_at: null }])
  expect(await rows('select status, currency, amount, position from products join prices on product_id = id')).toEqual([
    { status: 'withdrawn', currency: 'usd', amount: 2999, position: 0 },
  ])
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
    const database = await createDatabase(`incompatible-${crypto.randomUUID()}`)
    let before = await database.migrate(names[0] ?? '')
    for (const name of names.slice(1)) before = await database.migrate(name)
    expect(incompatibilities(before, await database.migrate('99990101000000_incompatible', sql))).toEqual([incompatibility])
  },
  60_000,
)
