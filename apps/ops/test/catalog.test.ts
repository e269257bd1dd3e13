import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { readEntityFields } from '@pay-to-view/db'
import { programOf } from '@pay-to-view/testing/built'
import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

let database: Database
let folder: string

beforeAll(async () => {
  database = await startDatabase()
  folder = mkdtempSync(path.join(tmpdir(), 'catalog-'))
}, 120_000)

afterAll(async () => {
  await database?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Deletes the entities that the tests created, so that each test starts with only the demo catalog. */
beforeEach(async () => {
  const own = { OR: [{ id: { startsWith: 'film-' } }, { id: { startsWith: 'silent' } }] }
  await database.db.offer.deleteMany({ where: { entity: own } })
  await database.db.entity.deleteMany({ where: own })
})

const catalog = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
  const child = spawn(process.execPath, [...programOf('ops'), 'catalog', ...args], {
    env: { PATH: process.env.PATH, DATABASE_URL: database.databaseUrl, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const [stdout, stderr, exitCode] = await Promise.all([buffer(child.stdout), buffer(child.stderr), exit])
  // Unlike a text decoder, `Buffer.toString` keeps a byte-order mark.
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() }
}

const importText = (name: string, content: string, ...options: string[]) => {
  const file = path.join(folder, name)
  writeFileSync(file, content)
  return catalog(['import', file, ...options])
}

const entity = async (id: string) => (await readEntityFields(database.db, [id])).get(id)

const offersOf = (entityId: string) =>
  database.db.offer.findMany({
    where: { entityId },
    select: { product: { select: { id: true, name: true, accessDurationDays: true, prices: { select: { amount: true } } } } },
    orderBy: { product: { createdAt: 'asc' } },
  })

const films = `id,type,title,duration,member_of,price_usd,access_days
film-1,video,"Nosferatu; ""1922""",5640,silent#1,4.99,30
film-2,video,The General,,silent#2 silent-classics,7.77,
silent-classics,content,Classics,,silent,,
silent,channel,Silent cinema,,,29.99,365
film-3,video,Metropolis,,,7.77,
`

describe('import', () => {
  test('creates entities and offers, even if containers come later in the file; a second import changes nothing', async () => {
    expect(await importText('films.csv', films)).toMatchObject({
      exitCode: 0,
      stdout: '5 created, 0 updated, 0 unchanged, 0 failed. 3 products created, 4 offers added.\n',
    })
    expect(await entity('film-2')).toMatchObject({
      memberOf: [
        { id: 'silent', position: 2 },
        { id: 'silent-classics', position: null },
      ],
    })
    // The 4.99 demo product also has prices in other currencies, so the import creates a new product.
    expect(await offersOf('film-1')).toMatchObject([{ product: { accessDurationDays: 30, prices: [{ amount: 499 }] } }])
    const [offer] = await offersOf('film-2')
    expect(offer).toMatchObject({
      product: { name: 'Permanent access', accessDurationDays: null, prices: [{ amount: 777 }] },
    })
    expect(await offersOf('film-3')).toEqual([offer])
    const audited = await database.db.auditEntry.count()
    expect(await importText('films.csv', films)).toMatchObject({
      exitCode: 0,
      stdout: '0 created, 0 updated, 5 unchanged, 0 failed. 0 products created, 0 offers added.\n',
    })
    expect(await database.db.auditEntry.count()).toBe(audited)
  })

  test('an empty cell keeps the current value, null clears it, and a changed price selects or creates a different product', async () => {
    await importText('films.csv', films, '--by', 'olga')
    const changes = 'id;title;duration;member_of;price_usd;access_days\nfilm-1;;null;;3,49;30\nfilm-2;Der General;;null;;\n'
    expect(await importText('changes.csv', changes, '--by', 'olga')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('0 created, 2 updated, 0 unchanged'),
    })
    expect(await entity('film-1')).toMatchObject({
      ...{ title: 'Nosferatu; "1922"', durationSeconds: null, memberOf: [{ id: 'silent', position: 1 }] },
    })
    expect(await entity('film-2')).toMatchObject({ title: 'Der General', memberOf: [] })
    expect((await offersOf('film-1')).map(({ product }) => product.prices[0]?.amount).sort()).toEqual([349, 499])
    const entries = await database.db.auditEntry.findMany({ where: { subjectId: 'film-2' }, orderBy: { id: 'asc' } })
    expect(entries.map(({ actor, action }) => [actor, action]).slice(-2)).toEqual([
      ['olga', 'entity.created'],
      ['olga', 'entity.updated'],
    ])
    expect(entries.at(-1)).toMatchObject({ before: { title: 'The General' }, after: { title: 'Der General' } })
  })

  test('invalid rows are reported with line and column, the valid rows are imported, and the exit code is 1', async () => {
    const rows = [
      'id,type,title,available_from,available_until,member_of,price_usd',
      'film-1,video,One,,,,"1,250"',
      'film-2,video,Two,,,nowhere,',
      'film-3,,Three,,,,',
      'film-4,video,Four,2027-01-01,2026-01-01,,',
      `film-5,video,${'long '.repeat(50)},,,,`,
      'film-6,video,Six,,,,',
      'film-6,video,Six again,,,,',
      'silent,channel,Loop,,,silent,',
      'film-7,video,Seven,,,film-6,',
      'film-8,video,Eight,,,,',
    ]
    const { exitCode, stdout } = await importText('invalid.csv', rows.join('\n'))
    expect(exitCode).toBe(1)
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringContaining('line 2, column price_usd: "1,250" is not an amount'),
      expect.stringContaining('line 8, column id: film-6 is already on line 7'),
      expect.stringContaining('line 3, column member_of: nowhere does not exist'),
      expect.stringContaining('line 4, column type: Expected video, channel or content: film-3 does not exist yet'),
      expect.stringContaining('line 5, column available_until: Expected available_from or a later time'),
      expect.stringContaining('line 6, column title: Expected at most 200 characters'),
      expect.stringContaining('line 10, column member_of: film-6 is a video'),
      expect.stringContaining('line 9, column member_of: silent would contain itself'),
      '2 created, 0 updated, 0 unchanged, 8 failed. 0 products created, 0 offers added.',
    ])
    expect(await entity('film-6')).toMatchObject({ title: 'Six' })
    expect(await entity('film-8')).toBeDefined()
  })

  test('a dry run writes nothing, and reports the same results as an import', async () => {
    await importText('one.csv', 'id,type,title\nfilm-1,video,Old title\nfilm-9,video,Nine\n')
    const count = () => Promise.all([database.db.entity.count(), database.db.product.count(), database.db.auditEntry.count()])
    const before = await count()
    const text = `${films}film-9,video,Nine,,silent,,\nfilm-8,video,Eight,,film-1,,\n`.replace('7.77', '8.88')
    const dryRun = await importText('films.csv', text, '--dry-run')
    expect(await count()).toEqual(before)
    expect(await entity('film-1')).toMatchObject({ title: 'Old title' })
    const result = await importText('films.csv', text)
    expect(dryRun, dryRun.stderr).toMatchObject({
      exitCode: 1,
      stdout: result.stdout.replace(/(?=4 created)/, 'Dry run, nothing was written: '),
    })
    expect(result.stdout).toContain('4 created, 2 updated, 0 unchanged, 1 failed.')
  })

  test('a sitemap and a Media RSS feed create videos', async () => {
    const sitemap = `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:video="http://www.google.com/schemas/sitemap-video/1.1">
<url><loc>https://example.com/film-1</loc><video:video><video:title>One</video:title><video:duration>60</video:duration></video:video></url>
<url><loc>https://example.com/film-2</loc><video:video><video:duration>60</video:duration></video:video></url></urlset>`
    expect(await importText('sitemap.xml', sitemap)).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('line 3, element title: Expected a title: film-2 does not exist yet'),
    })
    const feed = `<rss xmlns:media="http://search.yahoo.com/mrss/"><channel><item><guid>film-2</guid><title>Two</title></item></channel></rss>`
    expect(await importText('feed.xml', feed)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 created') })
    expect(await entity('film-1')).toMatchObject({ type: 'video', title: 'One', durationSeconds: 60 })
    expect(await entity('film-2')).toMatchObject({ type: 'video', title: 'Two' })
  })

  test('a file that cannot be read is reported, and nothing is imported', async () => {
    const notAFile = await catalog(['import', '/dev/null'])
    expect(notAFile).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Cannot read /dev/null: it is not a regular file'),
    })
    expect(await importText('a.csv', 'id,titel\nfilm-1,One\n')).toMatchObject({
      ...{ exitCode: 1, stdout: '' },
      stderr:
        'line 1: Unknown column "titel". Expected id, type, title, description, image_url, duration, status, available_from, available_until, member_of, access_days, rental_start_days, rental_watch_hours and price_<currency>, such as price_usd\nNothing was imported.\n',
    })
    const xml = '<rss><channel><item><guid>film-1</guid><title>One</title></item>'
    expect(await importText('a.xml', xml)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Nothing was imported.'),
    })
    expect(await entity('film-1')).toBeUndefined()
    expect(await catalog(['import', path.join(folder, 'missing.csv')])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^Cannot read .*missing\.csv: the file does not exist\n$/),
    })
    expect(await catalog(['import', 'a.csv', '--format', 'xls'])).toMatchObject({
      ...{ exitCode: 2, stderr: expect.stringContaining('Allowed choices are csv, jsonl, sitemap, mrss') },
    })
  })

  test('concurrent imports create one product and lose no rows', async () => {
    const file = (name: string, from: number) =>
      importText(
        name,
        `id,type,title,price_usd\n${Array.from({ length: 50 }, (_, index) => `film-${from + index},video,Film,6.66`).join('\n')}\n`,
      )
    const results = await Promise.all([file('left.csv', 0), file('right.csv', 25)])
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0])
    expect(await database.db.entity.count({ where: { id: { startsWith: 'film-' } } })).toBe(75)
    expect(await database.db.product.count({ where: { prices: { some: { amount: 666 } } } })).toBe(1)
  })
})

describe('export', () => {
  test.each(['csv', 'jsonl'])('import reads the %s that export wrote, and finds nothing to change', async (format) => {
    const further = `film-4,video,"=HYPERLINK(""x""),+1",,,7.77,\nfilm-4,,,,,12.34,7\n`
    await importText('films.csv', films + further)
    const file = path.join(folder, `catalog.${format}`)
    // If the export is slow, progress lines precede the summary.
    const done = expect.stringMatching(/^(… \d+ entities exported\n)*15 entities exported\.\n$/)
    expect(await catalog(['export', file])).toMatchObject({ exitCode: 0, stdout: '', stderr: done })
    const exported = readFileSync(file, 'utf8')
    expect(await offersOf('film-4')).toHaveLength(2)
    if (format === 'csv') expect(exported).toContain(`film-4,video,"'=HYPERLINK(""x""),'+1"`)
    expect(await catalog(['import', file])).toMatchObject({
      exitCode: 0,
      stdout: '0 created, 0 updated, 15 unchanged, 0 failed. 0 products created, 0 offers added.\n',
    })
    const before = await Promise.all(['film-1', 'film-2', 'film-4', 'silent'].map(entity))
    await database.db.offer.deleteMany({ where: { entityId: { startsWith: 'film-' } } })
    await database.db.entity.deleteMany({ where: { id: { in: ['film-1', 'film-2', 'film-3', 'film-4'] } } })
    expect(await catalog(['import', file])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('4 created, 0 updated, 11 unchanged'),
    })
    expect(await Promise.all(['film-1', 'film-2', 'film-4', 'silent'].map(entity))).toEqual(before)
  })

  test('stdout contains only the export, with a byte-order mark only for Excel', async () => {
    const csv = await catalog(['export'])
    expect(csv.stdout).toMatch(/^id,type,title,.*\r\nchan_01m85eetz6e8qthwtvbkbtp85e,channel,Silent Cinema,/)
    const { stdout } = await catalog(['export', '--excel', '--format', 'csv'])
    expect(stdout).toBe(`\uFEFF${csv.stdout}`)
    const lines = (await catalog(['export', '--format', 'jsonl'])).stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).id)).toContain('chan_01m85eetz6e8qthwtvbkbtp85e')
  })
})

test('the help lists the columns and shows examples', async () => {
  expect(await catalog(['import', '--help'])).toMatchObject({
    ...{ exitCode: 0, stdout: expect.stringMatching(/price_<currency>[\s\S]*npm run catalog -- import films\.csv --dry-run/) },
  })
})
