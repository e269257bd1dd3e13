import { useMutation } from '@tanstack/react-query'
import { useShop } from '../context.tsx'
import type { Filter } from './filter.ts'

/** Saves what the search finds as CSV. The token goes in a header: a link would put it into the address, and from there into logs. */
export const ExportButton = ({ filter }: { filter: Filter }) => {
  const { config, session } = useShop()
  const save = useMutation({
    mutationFn: async () => {
      const asked = Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined)
      const answer = await fetch(`${config.apiUrl}/admin/v1/pay-to-view/purchases.csv?${new URLSearchParams(asked)}`, {
        headers: { authorization: `Bearer ${await session.token()}` },
      })
      if (!answer.ok) throw new Error(`The export answers ${answer.status}`)
      const address = URL.createObjectURL(await answer.blob())
      const link = document.createElement('a')
      link.href = address
      link.download = 'purchases.csv'
      link.click()
      URL.revokeObjectURL(address)
    },
  })
  // The search opens a purchase of this id: there is no list to save.
  const isOne = filter.externalTransactionId?.startsWith('ptv_') === true
  return (
    <>
      <button type="button" className="quiet" disabled={save.isPending || isOne} onClick={() => save.mutate()}>
        {save.isPending ? 'Exporting …' : 'Export as CSV'}
      </button>
      {save.isError && (
        <span role="alert" className="wrong">
          The export did not work. Try again in a moment.
        </span>
      )}
    </>
  )
}
