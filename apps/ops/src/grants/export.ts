import { toLines, writeText as writeCell } from '@pay-to-view/catalog-import'
import { closeDb, createDb, type Db, type ExportedGrant, readGrantPage } from '@pay-to-view/db'
import { countOf } from '@pay-to-view/purchase'
import { environments, readEnvironment } from '../env.ts'
import { createProgress } from '../progress.ts'
import { writeText } from '../write-file.ts'
import { type GrantColumn, grantColumns } from './grant-row.ts'

const pageSize = 1_000

const cells: Record<GrantColumn, (grant: ExportedGrant) => string> = {
  user: ({ userId }) => userId,
  entity: ({ entityId }) => entityId,
  starts: ({ startsAt }) => startsAt.toISOString(),
  // `null` rather than an empty cell, because an import of an empty cell keeps the grant's current expiry.
  ends: ({ expiresAt }) => expiresAt?.toISOString() ?? 'null',
  reference: ({ reference }) => reference,
  reason: ({ reason }) => reason ?? '',
}

const toCells = (grant: ExportedGrant): string[] =>
  grantColumns.map((column) => {
    const text = cells[column](grant)
    return column === 'starts' || column === 'ends' ? text : writeCell(text)
  })

async function* exportText(db: Db): AsyncGenerator<string> {
  yield toLines([[...grantColumns]])
  const showProgress = createProgress('grants exported')
  let count = 0
  for (let after = ''; ; ) {
    const page = await readGrantPage(db, after, pageSize)
    if (page.length > 0) yield toLines(page.map(toCells))
    count += page.length
    showProgress(count)
    const last = page.at(-1)
    if (!last || page.length < pageSize) break
    after = last.id
  }
  console.error(`${countOf(count, 'grant')} exported.`)
}

export const exportGrants = async (path: string | undefined): Promise<void> => {
  const { DATABASE_URL } = readEnvironment(environments.database)
  const db = createDb(DATABASE_URL, { connections: 2, statementTimeoutMs: 60_000 })
  try {
    await writeText(path, exportText(db))
  } finally {
    await closeDb(db)
  }
}
