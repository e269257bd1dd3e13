import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../src/home.ts'

const folder = path.join(ROOT, 'prisma/migrations')

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

test.each(readdirSync(folder).filter((name) => /^\d{14}_/.test(name)))('the version before %s can go on after it', (name) => {
  expect(unmarked(readFileSync(path.join(folder, name, 'migration.sql'), 'utf8'))).toEqual([])
})

test('a destructive statement is noticed, and let in where its contract step says why', () => {
  expect(unmarked('ALTER TABLE "a" DROP COLUMN "b";')).toHaveLength(1)
  expect(unmarked('ALTER TABLE "a" ADD COLUMN "b" TEXT NOT NULL;')).toHaveLength(1)
  expect(unmarked('ALTER TABLE "a" ADD COLUMN "b" TEXT NOT NULL DEFAULT \'\';')).toEqual([])
  expect(unmarked('-- contract: nothing has read b since 0.3\nALTER TABLE "a" DROP COLUMN "b";')).toEqual([])
})
