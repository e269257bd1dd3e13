import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { migrate } from '@pay-to-view/db/migrate'
import { repositoryRoot } from '@pay-to-view/devstack/data-folder'
import { freePort } from '@pay-to-view/devstack/ports'
import { type Postgres, startPostgres, withClient } from '@pay-to-view/devstack/postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newHome, remove } from './command.ts'
import { hindrances, schemaOf } from './migrations/schema.ts'

const folder = path.join(repositoryRoot, 'prisma/migrations')
const names = readdirSync(folder).filter((name) => /^\d{14}_/.test(name))
const home = newHome()
let postgres: Postgres

beforeAll(async () => {
  postgres = await startPostgres(home, { port: await freePort(), ephemeral: true })
}, 120_000)

afterAll(async () => {
  await postgres?.child.stop()
  remove(home)
}, 60_000)

/** An empty database with a folder of migrations of its own, to which they are added one by one. */
const newDatabase = async (name: string) => {
  await withClient(postgres.databaseUrl, (client) => client.query(`create database ${client.escapeIdentifier(name)}`))
  const url = new URL(postgres.databaseUrl)
  url.pathname = name
  const own = path.join(home.folder, `migrations-${name}`)
  mkdirSync(own)
  cpSync(path.join(folder, 'migration_lock.toml'), path.join(own, 'migration_lock.toml'))
  return {
    add: async (migration: string, sql = readFileSync(path.join(folder, migration, 'migration.sql'), 'utf8')) => {
      mkdirSync(path.join(own, migration))
      writeFileSync(path.join(own, migration, 'migration.sql'), sql)
      await migrate(url.href, own)
      return withClient(url.href, schemaOf)
    },
  }
}

/** What a version that still runs may not find changed under it. A statement of these is let in by the comment `-- contract: why`. */
const destructive = [
  /\bDROP\s+(TABLE|COLUMN|TYPE|SCHEMA|FUNCTION|CONSTRAINT)\b/i,
  /\bRENAME\b/i,
  /\bTRUNCATE\b/i,
  /\bDELETE\s+FROM\b/i,
  /\bALTER\s+COLUMN\s+\S+\s+(SET\s+NOT\s+NULL|(SET\s+DATA\s+)?TYPE)\b/i,
  /\bADD\s+COLUMN\b(?=[^,;]*\bNOT\s+NULL\b)(?![^,;]*\bDEFAULT\b)/i,
]

/** The destructive statements of a migration that no comment right before them accounts for. */
const unmarked = (sql: string): string[] =>
  sql
    .split(';')
    .filter((part) => !/^\s*--\s*contract: \S/im.test(part))
    .map((part) => part.replaceAll(/--.*$/gm, '').trim())
    .filter((statement) => destructive.some((pattern) => pattern.test(statement)))

test.each(names)('the version before %s finds nothing taken away', (name) => {
  expect(unmarked(readFileSync(path.join(folder, name, 'migration.sql'), 'utf8'))).toEqual([])
})

test('a destructive statement is noticed, and let in where its contract step says why', () => {
  expect(unmarked('ALTER TABLE "a" DROP COLUMN "b";')).toHaveLength(1)
  expect(unmarked('ALTER TABLE "a" ADD COLUMN "b" TEXT NOT NULL;')).toHaveLength(1)
  expect(unmarked('ALTER TABLE "a" ADD COLUMN "b" TEXT NOT NULL DEFAULT \'\';')).toEqual([])
  expect(unmarked('-- contract: nothing has read b since 0.3\nALTER TABLE "a" DROP COLUMN "b";')).toEqual([])
})

test('what a version reads and writes goes on after the migrations of the next', async () => {
  const database = await newDatabase('one-by-one')
  let before = await database.add(names[0] ?? '')
  for (const name of names.slice(1)) {
    const after = await database.add(name)
    const contract = /^-- contract: \S/m.test(readFileSync(path.join(folder, name, 'migration.sql'), 'utf8'))
    expect({ name, hindrances: contract ? [] : hindrances(before, after) }).toEqual({ name, hindrances: [] })
    before = after
  }
}, 60_000)

test.each([
  ['ALTER TABLE "purchases" RENAME COLUMN "status" TO "state"', 'purchases.status purchase_status is gone'],
  ['ALTER TABLE "grants" ALTER COLUMN "expires_at" TYPE DATE', 'grants.expires_at timestamp with time zone is gone'],
  ['ALTER TABLE "grants" ALTER COLUMN "expires_at" SET NOT NULL', 'grants.expires_at may be null no more'],
  ['ALTER TABLE "customers" ADD COLUMN "email" TEXT NOT NULL', 'customers.email has to be given'],
  ['DROP FUNCTION insert_purchase', expect.stringMatching(/^insert_purchase\(p_id text, .*\) is gone$/)],
  ['CREATE UNIQUE INDEX "one_product_name" ON "products"("name")', 'products.one_product_name refuses rows'],
  ['ALTER TABLE "products" ADD CONSTRAINT "dear" CHECK ("amount" > 100)', 'products.dear refuses rows'],
  ['DROP INDEX "one_active_grant"', 'grants.one_active_grant is gone'],
])(
  '%s is noticed',
  async (sql, hindrance) => {
    const database = await newDatabase(`broken-${crypto.randomUUID()}`)
    let before = await database.add(names[0] ?? '')
    for (const name of names.slice(1)) before = await database.add(name)
    expect(hindrances(before, await database.add('99990101000000_broken', sql))).toEqual([hindrance])
  },
  60_000,
)
