import { useCallback, useEffect, useRef, useState } from 'react'
import { useShop } from '../../context.tsx'
import { useRefreshCatalog } from '../catalog/refresh-catalog.ts'
import { type ReadFile, readFile } from './read-file.ts'
import { type ImportSummary, sendRows } from './send-rows.ts'

/** The steps of an import, from choosing a file to the result. */
export type ImportStep =
  | { step: 'choose'; error: unknown }
  /** `total` is null while the file is being read. */
  | { step: 'checking'; fileName: string; rows: number; total: number | null }
  | { step: 'preview'; read: ReadFile; summary: ImportSummary }
  | { step: 'importing'; read: ReadFile; rows: number }
  | { step: 'done'; summary: ImportSummary }
  /** The import was canceled or failed. `summary` counts the rows that were imported, which are kept; it is null if no rows were imported. */
  | { step: 'stopped'; error: unknown; read: ReadFile; summary: ImportSummary | null }

export const useImport = () => {
  const { client } = useShop()
  const refresh = useRefreshCatalog()
  const [state, setState] = useState<ImportStep>({ step: 'choose', error: null })
  const controller = useRef<AbortController | null>(null)
  const start = (): AbortSignal => {
    controller.current?.abort()
    controller.current = new AbortController()
    return controller.current.signal
  }
  // Navigating to another page stops the import.
  useEffect(() => () => controller.current?.abort(), [])
  const isImporting = state.step === 'importing'
  useEffect(() => {
    if (!isImporting) return
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [isImporting])

  const choose = useCallback(() => setState({ step: 'choose', error: null }), [])

  /** Reads a file and requests a preview of the changes from the server. */
  const check = async (file: File): Promise<void> => {
    const signal = start()
    const show = (rows: number, total: number | null) => setState({ step: 'checking', fileName: file.name, rows, total })
    show(0, null)
    try {
      const read = await readFile(file, signal, (rows) => show(rows, null))
      const onProgress = (_: ImportSummary, rows: number) => show(rows, read.rowCount)
      const summary = await sendRows(read, { client, dryRun: true, signal, onProgress })
      setState({ step: 'preview', read, summary })
    } catch (error) {
      setState({ step: 'choose', error: signal.aborted ? null : error })
    }
  }

  const apply = async (read: ReadFile): Promise<void> => {
    const signal = start()
    let imported: ImportSummary | null = null
    setState({ step: 'importing', read, rows: 0 })
    try {
      const onProgress = (summary: ImportSummary, rows: number) => {
        imported = summary
        setState({ step: 'importing', read, rows })
      }
      const summary = await sendRows(read, { client, dryRun: false, signal, onProgress })
      setState({ step: 'done', summary })
    } catch (error) {
      setState({ step: 'stopped', error: signal.aborted ? null : error, read, summary: imported })
    }
    await refresh()
  }

  return { state, choose, check, apply, cancel: () => controller.current?.abort() }
}
