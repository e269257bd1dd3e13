import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createReads } from '@pay-to-view/db'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { seedIds } from '@pay-to-view/testing/stack'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runOps } from './run-ops.ts'

let database: Database
let folder: string

beforeAll(async () => {
  database = await startDatabase()
  folder = mkdtempSync(path.join(tmpdir(), 'grants-'))
}, 120_000)

afterAll(async () => {
  await database?.stop()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(async () => {
  await database.db.grant.deleteMany({ where: { source: 'import' } })
  await database.db.auditEntry.deleteMany()
  await database.db.webhookEndpoint.deleteMany()
  await database.db.outboxMessage.deleteMany()
})

const grants = (...args: string[]) => runOps(['grants', ...args], { DATABASE_URL: database.databaseUrl })

const importText = (content: string, ...options: string[]) => {
  const file = path.join(folder, 'access.csv')
  writeFileSync(file, content)
  return grants('import', file, '--by', 'mig', ...options)
}

const accessOf = async (userId: string) => {
  const [row] = await createReads(database.db).access(userId, [seedIds.film])
  const { hasAccess = false, expiresAt = null, grant } = row?.access ?? {}
  return { hasAccess, expiresAt, source: grant?.source }
}

const imported = () => database.db.grant.findMany({ where: { source: 'import' }, orderBy: { reference: 'asc' } })

const header = 'user,entity,starts,ends,reference,reason'
const film = seedIds.film
const rows = [
  `ann,${film},2026-01-01,2099-01-01T10:00:00Z,sub-1,Subscriber`,
  `ben,${film},2026-01-01,,sub-2,`,
  `cat,${film},2025-01-01,2025-02-01,sub-3,`,
]

describe('import', () => {
  test('creates one grant per reference; a second import of the same file changes nothing', async () => {
    const file = [header, ...rows].join('\n')
    expect(await importText(file, '--dry-run')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(
        /^Dry run, nothing was written: 3 created, 0 updated, 0 unchanged, 0 failed\. 1 grant had already ended/,
      ),
    })
    expect(await imported()).toEqual([])
    expect(await importText(file)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('3 created, 0 updated') })
    expect(await accessOf('ann')).toMatchObject({
      hasAccess: true,
      source: 'import',
      expiresAt: new Date('2099-01-01T10:00:00Z'),
    })
    expect(await accessOf('ben')).toMatchObject({ hasAccess: true, expiresAt: null })
    expect(await accessOf('cat')).toMatchObject({ hasAccess: false })
    expect(await imported()).toMatchObject([
      { reference: 'sub-1', reason: 'Subscriber', grantedBy: 'mig', startsAt: new Date('2026-01-01') },
      { reference: 'sub-2', reason: null },
      { reference: 'sub-3' },
    ])
    const before = await imported()
    expect(await importText(file)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('0 created, 0 updated, 3 unchanged'),
    })
    expect(await imported()).toEqual(before)
    expect(
      await database.db.auditEntry.findMany({ select: { action: true, actor: true, subjectId: true, after: true } }),
    ).toEqual([
      { action: 'grants.imported', actor: 'mig', subjectId: 'access.csv', after: { created: 3, firstLine: 2, lastLine: 4 } },
    ])
  })

  test('a row with a known reference updates the grant; an empty cell keeps a value, and null clears it', async () => {
    await importText([header, ...rows].join('\n'))
    const changed = `reference;entity;user;ends;starts\nsub-1;${film};ann;null;\nsub-2;${film};ben;2098-05-01;`
    expect(await importText(changed)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('0 created, 2 updated') })
    expect(await imported()).toMatchObject([
      { reference: 'sub-1', expiresAt: null, startsAt: new Date('2026-01-01'), reason: 'Subscriber' },
      { reference: 'sub-2', expiresAt: new Date('2098-05-01') },
      { reference: 'sub-3' },
    ])
    const audit = await database.db.auditEntry.findMany({ where: { action: 'grant.updated' }, orderBy: { id: 'asc' } })
    expect(audit).toMatchObject([
      { before: { expiresAt: '2099-01-01T10:00:00.000Z' }, after: { expiresAt: null } },
      { before: { expiresAt: null }, after: { expiresAt: '2098-05-01T00:00:00.000Z' } },
    ])
  })

  test('access that was revoked here stays revoked', async () => {
    await importText([header, ...rows].join('\n'))
    await database.db.grant.updateMany({ where: { reference: 'sub-1' }, data: { revokedAt: new Date(), revokedBy: 'root' } })
    expect(await importText([header, `ann,${film},,2090-01-01,sub-1,`].join('\n'))).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('1 grant was revoked in pay-to-view and stays revoked'),
    })
    expect(await accessOf('ann')).toMatchObject({ hasAccess: false })
  })

  test('an invalid row is reported with line and column, and the valid rows are imported', async () => {
    await importText([header, ...rows].join('\n'))
    const result = await importText(
      [
        header,
        `dan,${film},2026-02-31,,sub-4,`,
        `dan,nowhere,2026-01-01,,sub-5,`,
        `dan,${film},2026-01-02,2026-01-01,sub-6,`,
        `dan,${film},2026-01-01,2127-01-01,sub-7,`,
        `,${film},2026-01-01,,sub-8,`,
        `dan,${film},2026-01-01,,,`,
        `eve,${film},2026-01-01,,sub-1,`,
        `eve,${film},2026-01-01,,sub-9,`,
        `eve,${film},2026-01-01,,sub-9,`,
        `key_01m85eetz2e8qthwsqr5v0dh8g,${film},2026-01-01,,sub-10,`,
        `eve,a b,yesterday,9999-12-31,sub-11,`,
      ].join('\n'),
    )
    expect(result.exitCode).toBe(1)
    expect(result.stdout.trim().split('\n').sort()).toEqual(
      [
        'line 2, column starts: "2026-02-31T00:00:00Z" is not a time. Write 2026-12-31T23:59:00Z, or 2026-12-31 for midnight UTC',
        'line 6, column user: Expected the id of a user',
        "line 7, column reference: Expected the grant's id in the other system",
        'line 10, column reference: The reference sub-9 is already used on line 9',
        'line 11, column user: This id is reserved for pay-to-view and its API keys',
        'line 12, column entity: "a b" is not the id of an entity: 1 to 128 characters of A-Z a-z 0-9 . _ ~ : -',
        'line 12, column starts: "yesterday" is not a time. Write 2026-12-31T23:59:00Z, or 2026-12-31 for midnight UTC',
        'line 12, column ends: Expected a time at most 100 years after "starts". Write null for permanent access',
        'line 3, column entity: There is no entity nowhere. Import the catalog first',
        'line 4, column ends: Expected a time after "starts" (2026-01-02T00:00:00.000Z)',
        'line 5, column ends: Expected a time at most 100 years after "starts". Write null for permanent access',
        `line 8, column user: The reference sub-1 belongs to user ann and entity ${film}. Expected another reference`,
        '1 created, 0 updated, 0 unchanged, 10 failed.',
      ].sort(),
    )
  })

  test.each([
    ['user,entity\na,b', 'line 1: The header has no column reference. Expected the columns user, entity'],
    ['user,entity,reference,until\na,b,c,d', 'line 1: Unknown column "until"'],
    ['', 'line 1: The file is empty'],
  ])('an empty file, or one with an invalid header, is not imported: %j', async (content, message) => {
    expect(await importText(content)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(message) })
  })

  test('endpoints get a message for each change of access that the import makes', async () => {
    await database.db.webhookEndpoint.create({
      data: { id: 'we_1', url: 'https://example.com/', events: ['*'], secret: 'x', createdBy: 'test' },
    })
    await importText([header, ...rows].join('\n'))
    await importText([header, `ann,${film},,2090-01-01,sub-1,`].join('\n'))
    const messages = await database.db.outboxMessage.findMany({ orderBy: { createdAt: 'asc' } })
    expect(messages.map(({ type, data }) => [type, data]).sort()).toMatchObject([
      ['access.changed', { userId: 'ann', hasAccess: true, expiresAt: '2090-01-01T00:00:00.000Z' }],
      ['access.granted', { userId: 'ann', hasAccess: true, source: 'import', purchaseId: null }],
      ['access.granted', { userId: 'ben', expiresAt: null }],
    ])
  })
})

test('importing an export changes nothing', async () => {
  await importText([header, ...rows, `'=dan,${film},2026-01-01,,=sub-4,"=1+1, ""x"""`].join('\n'))
  const file = path.join(folder, 'export.csv')
  expect(await grants('export', file)).toMatchObject({ exitCode: 0 })
  expect(readFileSync(file, 'utf8')).toContain("'=sub-4")
  expect(await grants('import', file, '--by', 'mig')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('0 created, 0 updated, 4 unchanged, 0 failed'),
  })
})

test('an export includes the access that this system has granted; importing it neither duplicates nor changes that access', async () => {
  const grant = await database.db.grant.create({
    data: {
      id: 'grant_01m85eetz2e8qthwsqr5v0dh8g',
      source: 'complimentary',
      userId: 'fay',
      entityId: film,
      startsAt: new Date(),
      reason: 'Press:\r\n-\tfilm\n+1 review',
    },
  })
  const file = path.join(folder, 'export.csv')
  await grants('export', file)
  const exported = readFileSync(file, 'utf8')
  expect(exported).toContain(`fay,${film},`)
  expect(await grants('import', file, '--by', 'mig')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('0 created, 0 updated, 1 unchanged, 0 failed'),
  })
  expect(await importText(exported.replace(',null,', ',2099-01-01,'))).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining(
      `line 2, column reference: ${grant.id} was not imported (source: complimentary). Change it with PATCH`,
    ),
  })
  await database.db.grant.update({
    where: { id: grant.id },
    data: { revokedAt: new Date(), revokedBy: 'root', revokedReason: 'Left' },
  })
  await importText(exported)
  expect(await accessOf('fay')).toMatchObject({ hasAccess: false })
  expect(await imported()).toEqual([])
})

test('a row for expired access requires a start', async () => {
  expect(await importText([header, `gus,${film},,2025-01-01,sub-20,`].join('\n'))).toMatchObject({
    exitCode: 1,
    stdout: expect.stringMatching(/line 2, column ends: .*For access that has ended, write its start in "starts"/),
  })
})
