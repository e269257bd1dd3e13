import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useShop, useUser } from '../context.tsx'
import { Notice } from '../parts/notice.tsx'

/** Shows a checkout for as long as it can be paid; a page that was left open for long offers a new one. */
export const WhileOpen = ({ purchaseId, again, children }: { purchaseId: string; again: () => void; children: ReactNode }) => {
  const { client } = useShop()
  const user = useUser()
  const purchase = useQuery({
    queryKey: ['purchase-state', user, purchaseId],
    queryFn: () => client.purchases.get.query({ id: purchaseId }),
    refetchInterval: 5_000,
  })
  const status = purchase.data?.status
  if (status !== 'Expired' && status !== 'Failed') return children
  return (
    <Notice title={status === 'Expired' ? 'This checkout has ended' : 'The payment failed'} tone="bad">
      <p>Nothing was charged. The price may have changed since.</p>
      <button type="button" onClick={again}>
        Start again
      </button>
    </Notice>
  )
}
