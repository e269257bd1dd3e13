import { useMutation } from '@tanstack/react-query'
import { isPurchaseId, searchFilter, UnreadableFilterError } from './search-filter.ts'
import { useCsvDownload } from './use-csv-download.ts'

/** Downloads the purchases that match the search form as a CSV file. */
export const ExportButton = ({ fields }: { fields: URLSearchParams }) => {
  const download = useCsvDownload()
  const exportCsv = useMutation({
    mutationFn: async () => {
      const parsed = searchFilter(fields)
      if ('error' in parsed) throw new UnreadableFilterError(parsed.error)
      const query = Object.entries(parsed.filter).filter((entry): entry is [string, string] => entry[1] !== undefined)
      await download('purchases.csv', query, 'purchases.csv')
    },
  })
  // Searching for a purchase id opens that purchase, so there is no list to export.
  const isPurchase = isPurchaseId(fields.get('payment')?.trim() ?? '')
  return (
    <>
      <button type="button" className="secondary" disabled={exportCsv.isPending || isPurchase} onClick={() => exportCsv.mutate()}>
        {exportCsv.isPending ? 'Exporting…' : 'Export as CSV'}
      </button>
      {exportCsv.isError && (
        <span role="alert" className="error-text">
          {exportCsv.error instanceof UnreadableFilterError ? exportCsv.error.message : 'Export failed. Try again in a moment.'}
        </span>
      )}
    </>
  )
}
