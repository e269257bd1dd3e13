import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useCsvDownload } from '../use-csv-download.ts'

interface ReportDownloadProps {
  /** The period or payout to export, as query parameters. */
  filter: readonly (readonly [string, string])[]
  fileName: string
  children: ReactNode
}

/** In locales with a decimal comma, Excel expects semicolons as separators. */
const hasDecimalComma = (locale: string): boolean =>
  new Intl.NumberFormat(locale).formatToParts(1.5).some(({ type, value }) => type === 'decimal' && value === ',')

/** Downloads the transactions of a period or a payout. */
export const ReportDownload = ({ filter, fileName, children }: ReportDownloadProps) => {
  const download = useCsvDownload()
  const separator = hasDecimalComma(navigator.language) ? 'semicolon' : 'comma'
  const exportCsv = useMutation({
    mutationFn: () => download('reports/transactions.csv', [...filter, ['separator', separator]], fileName),
  })
  return (
    <>
      <button type="button" className="secondary" disabled={exportCsv.isPending} onClick={() => exportCsv.mutate()}>
        {exportCsv.isPending ? 'Exporting…' : children}
      </button>
      {exportCsv.isError && (
        <span role="alert" className="error-text">
          Export failed. Try again in a moment.
        </span>
      )}
    </>
  )
}
