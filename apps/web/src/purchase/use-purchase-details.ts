import type { Outputs } from '@pay-to-view/client'
import { useQuery } from '@tanstack/react-query'
import { useShop, useUser } from '../context.tsx'

export type PurchaseDetails = Outputs['purchases']['get']

/**
 * Whether the purchase was paid less than a minute ago. The promotion code, the country and the invoice are read from Stripe
 * only after access has been granted.
 */
const isJustPaid = ({ completedAt }: PurchaseDetails): boolean =>
  completedAt !== null && Date.now() - Date.parse(completedAt) < 60_000

/** One of the user's purchases, with the title of its entity and the time of the entity's cancellation. */
export const usePurchaseDetails = (id: string) => {
  const { client } = useShop()
  const user = useUser()
  return useQuery({
    queryKey: ['purchase', user, id],
    queryFn: async () => {
      const purchase = await client.purchases.get.query({ id })
      const { description, status, entityId } = purchase
      const isActive = status === 'Completed' || status === 'Disputed'
      if (description !== null && isActive) return { purchase, title: description, canceledAt: null }
      // Without access, the API does not return an entity that is no longer published.
      const entity = await client.entities.get.query({ id: entityId }).catch((error: unknown) => {
        if (description === null) throw error
      })
      return { purchase, title: description ?? entity?.title ?? entityId, canceledAt: entity?.canceledAt ?? null }
    },
    enabled: user !== null,
    refetchOnMount: 'always',
    refetchInterval: ({ state: { data } }) => (data && isJustPaid(data.purchase) ? 2_000 : 15_000),
  })
}
