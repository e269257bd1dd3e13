import { useMutation } from '@tanstack/react-query'
import { useShop } from '../../context.tsx'
import { useRefreshCatalog } from './refresh-catalog.ts'

interface Offer {
  /** The product's id. */
  id: string
  entityId: string
}

/** Returns functions that add and remove offers. `onRemoved` is called after the lists have been refetched. */
export const useOfferChanges = (onRemoved: () => void) => {
  const { offers } = useShop().client.admin.products
  const refresh = useRefreshCatalog()
  const add = useMutation({ mutationFn: (offer: Offer) => offers.put.mutate(offer), onSuccess: refresh })
  const remove = useMutation({
    mutationFn: (offer: Offer) => offers.remove.mutate(offer),
    onSuccess: async () => {
      await refresh()
      onRemoved()
    },
  })
  return { add, remove }
}
