import type { CatalogFormat, RowError } from '@pay-to-view/catalog-import'
import { Link } from 'wouter'
import { ScrollRegion } from '../../components/scroll-region.tsx'
import { entityAdminPath } from '../admin-paths.ts'
import type { ChangedRow, ImportSummary } from './send-rows.ts'

interface ImportResultsProps {
  summary: ImportSummary
  /** `future` for the preview, `past` after the import. */
  tense: 'future' | 'past'
  format: CatalogFormat
}

/** Shows what an import will change or has changed, and the rows to correct. */
export const ImportResults = ({ summary, tense, format }: ImportResultsProps) => {
  const { created, updated, unchanged, failed, addedOffers, changed, errors } = summary
  const counts = [
    [tense === 'future' ? 'To create' : 'Created', created],
    [tense === 'future' ? 'To update' : 'Updated', updated],
    ['Unchanged', unchanged],
    [tense === 'future' ? 'Invalid' : 'Not imported', failed],
    [tense === 'future' ? 'Offers to add' : 'Offers added', addedOffers],
  ] as const
  return (
    <>
      <dl className="fields">
        {counts.map(([name, count]) => (
          <div key={name} className={name === 'Invalid' || name === 'Not imported' ? (count > 0 ? 'bad' : '') : ''}>
            <dt>{name}</dt>
            <dd>{count.toLocaleString('en')}</dd>
          </div>
        ))}
      </dl>
      {errors.length > 0 && <Errors errors={errors} failed={failed} format={format} />}
      {changed.length > 0 && <Changes changed={changed} total={created + updated} tense={tense} />}
    </>
  )
}

/** Rows are not sent in the file's order, because containers are sent before their members. */
const sortByLine = <Row extends { line: number }>(rows: readonly Row[]): Row[] => [...rows].sort((a, b) => a.line - b.line)

const Errors = ({ errors, failed, format }: { errors: RowError[]; failed: number; format: CatalogFormat }) => (
  <>
    <h2 id="import-errors">Rows to correct</h2>
    <p className="muted">These rows are skipped; the other rows are not affected.</p>
    <ScrollRegion aria-labelledby="import-errors">
      <table>
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">{format === 'csv' ? 'Column' : 'Field'}</th>
            <th scope="col">How to correct it</th>
          </tr>
        </thead>
        <tbody>
          {sortByLine(errors).map(({ line, column, message }) => (
            <tr key={`${line} ${column} ${message}`}>
              <td>{line}</td>
              <td className="short">
                <code>{column ?? 'row'}</code>
              </td>
              <td className="wide">{message}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
    {failed > errors.length && (
      <p className="muted">{failed.toLocaleString('en')} rows need a correction. Not all are listed here.</p>
    )}
  </>
)

const Changes = ({ changed, total, tense }: { changed: ChangedRow[]; total: number; tense: 'future' | 'past' }) => (
  <>
    <h2 id="import-changes">{tense === 'future' ? 'What would change' : 'What changed'}</h2>
    <ScrollRegion aria-labelledby="import-changes">
      <table>
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">ID</th>
            <th scope="col">Title</th>
            <th scope="col">Result</th>
          </tr>
        </thead>
        <tbody>
          {sortByLine(changed).map(({ line, id, title, result }) => (
            <tr key={line}>
              <td>{line}</td>
              <td>
                {tense === 'past' || result === 'updated' ? <Link href={entityAdminPath(id)}>{id}</Link> : <code>{id}</code>}
              </td>
              <td className="wide" dir="auto">
                {title ?? ''}
              </td>
              <td className="short">{result}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
    {total > changed.length && (
      <p className="muted">
        The first {changed.length} of {total.toLocaleString('en')}.
      </p>
    )}
  </>
)
