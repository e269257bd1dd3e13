import { UnreadableFile } from '@pay-to-view/catalog-import'
import { Link } from 'wouter'
import { ErrorText, Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { SuccessMessage } from '../success-message.tsx'
import { ImportResults } from './import-results.tsx'
import { useImport } from './use-import.ts'

/** Imports a catalog file: previews the changes, then imports the rows in batches. */
const ImportPage = () => {
  const { state, choose, check, apply, cancel } = useImport()
  return (
    <Page title="Import a file">
      <ImportStepView state={state} choose={choose} check={check} apply={apply} cancel={cancel} />
    </Page>
  )
}

export default ImportPage

const ImportStepView = ({ state, choose, check, apply, cancel }: ReturnType<typeof useImport>) => {
  switch (state.step) {
    case 'choose':
      return <ChooseFile error={state.error} onChoose={(file) => void check(file)} />
    case 'checking':
      return (
        <Progress
          label={state.total === null ? `Reading ${state.fileName}…` : `Comparing ${state.fileName} with the catalog…`}
          rows={state.rows}
          total={state.total}
          onCancel={cancel}
        />
      )
    case 'preview': {
      const { created, updated } = state.summary
      const changes = created + updated
      return (
        <>
          <SuccessMessage>{`Preview of ${state.read.file.name}. Nothing has been changed yet.`}</SuccessMessage>
          <ImportResults summary={state.summary} tense="future" format={state.read.format} />
          <div className="actions">
            {changes > 0 && (
              <button type="button" onClick={() => void apply(state.read)}>
                Import {changes.toLocaleString('en')} {changes === 1 ? 'row' : 'rows'}
              </button>
            )}
            <button type="button" className="secondary" onClick={choose}>
              Choose another file
            </button>
          </div>
        </>
      )
    }
    case 'importing':
      return (
        <Progress label={`Importing ${state.read.file.name}…`} rows={state.rows} total={state.read.rowCount} onCancel={cancel} />
      )
    case 'stopped':
      return (
        <>
          <Notice title={state.error === null ? 'Import canceled' : 'Import stopped'} tone="bad">
            <p>
              Rows that were already imported are kept. To continue, import the same file again: only the remaining rows are
              processed.
            </p>
          </Notice>
          {state.error !== null && <ErrorText error={state.error} />}
          {state.summary && <ImportResults summary={state.summary} tense="past" format={state.read.format} />}
          <div className="actions">
            <button type="button" onClick={() => void check(state.read.file)}>
              Check the file again
            </button>
            <button type="button" className="secondary" onClick={choose}>
              Choose another file
            </button>
          </div>
        </>
      )
    case 'done':
      return (
        <>
          <SuccessMessage>Imported.</SuccessMessage>
          <ImportResults summary={state.summary} tense="past" format="csv" />
          <div className="actions">
            <Link className="button" href="/entities">
              All titles
            </Link>
            <button type="button" className="secondary" onClick={choose}>
              Import another file
            </button>
          </div>
        </>
      )
    default:
      return state satisfies never
  }
}

const ChooseFile = ({ error, onChoose }: { error: unknown; onChoose: (file: File) => void }) => (
  <>
    <p className="description">
      CSV, JSON Lines, a video sitemap or a Media RSS feed, in UTF-8. The first line of a CSV file contains the column names: id,
      type, title, description, image_url, duration, status, available_from, available_until, member_of, price_usd (or another
      currency), access_days. An empty cell keeps the current value; the word null clears it. You see a preview before anything
      changes.
    </p>
    <div className="form">
      <label htmlFor="import-file">File</label>
      <input
        id="import-file"
        type="file"
        accept=".csv,.jsonl,.ndjson,.json,.xml,.rss,text/csv,application/xml"
        onChange={({ target: { files } }) => files?.[0] && onChoose(files[0])}
      />
    </div>
    {error instanceof UnreadableFile ? (
      <p role="alert" className="error-text">
        Line {error.line}: {error.message}
      </p>
    ) : (
      error !== null && <ErrorText error={error} />
    )}
  </>
)

interface ProgressProps {
  label: string
  rows: number
  /** Null if the total is unknown. */
  total: number | null
  onCancel: () => void
}

const Progress = ({ label, rows, total, onCancel }: ProgressProps) => (
  <div className="import-progress">
    <p role="status">{label}</p>
    <progress aria-label={label} max={total ?? undefined} value={total === null ? undefined : rows} />
    <p className="muted">
      {rows.toLocaleString('en')}
      {total !== null && ` of ${total.toLocaleString('en')}`} rows
    </p>
    <button type="button" className="secondary" onClick={onCancel}>
      Cancel
    </button>
  </div>
)
