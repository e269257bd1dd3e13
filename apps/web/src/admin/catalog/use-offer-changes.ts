import { useMutation } from '@tanstack/react-query'
import { useShop } from '../../context.tsx'
import { useRefreshCatalog } from './refresh-catalog.ts'

interface Offer {
  /** The product's id. */
  id: string
  entityId: string
}

/** Offers a product for an entity, and removes offers. `onRemoved` is called when the lists are up to date again. */
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
