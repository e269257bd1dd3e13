import { useMutation } from '@tanstack/react-query'
import { useShop } from '../context.tsx'
import { isPurchaseId, searchFilter, UnreadableFilterError } from './search-filter.ts'

/**
 * Downloads a CSV file of the purchases that match the fields of the search form. The token is sent in a header: in a link it would end up in logs.
 */
export const ExportButton = ({ fields }: { fields: URLSearchParams }) => {
  const { config, session } = useShop()
  const exportCsv = useMutation({
    mutationFn: async () => {
      const parsed = searchFilter(fields)
      if ('error' in parsed) throw new UnreadableFilterError(parsed.error)
      const query = Object.entries(parsed.filter).filter((entry): entry is [string, string] => entry[1] !== undefined)
      // Without a byte-order mark, Excel does not read UTF-8.
      const parameters = new URLSearchParams([...query, ['byteOrderMark', 'true']])
      const response = await fetch(`${config.apiUrl}/admin/v1/pay-to-view/purchases.csv?${parameters}`, {
        headers: { authorization: `Bearer ${await session.token()}` },
      })
      if (!response.ok) throw new Error(`The export responded with ${response.status}`)
      const url = URL.createObjectURL(await response.blob())
      const link = document.createElement('a')
      link.href = url
      link.download = 'purchases.csv'
      link.click()
      URL.revokeObjectURL(url)
    },
  })
  // A search for a purchase id opens that purchase, so there is no list to export.
  const isPurchase = isPurchaseId(fields.get('payment')?.trim() ?? '')
  return (
    <>
      <button type="button" className="secondary" disabled={exportCsv.isPending || isPurchase} onClick={() => exportCsv.mutate()}>
        {exportCsv.isPending ? 'Exporting …' : 'Export as CSV'}
      </button>
      {exportCsv.isError && (
        <span role="alert" className="error-text">
          {exportCsv.error instanceof UnreadableFilterError ? exportCsv.error.message : 'Export failed. Try again in a moment.'}
        </span>
      )}
    </>
  )
}
