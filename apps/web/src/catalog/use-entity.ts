import { useQuery } from '@tanstack/react-query'
import { useShop, useUser } from '../context.tsx'

/** One entity. It is refetched for another user, because an unpublished entity is visible only to users with access. */
export const useEntity = (entityId: string) => {
  const { client } = useShop()
  const user = useUser()
  return useQuery({ queryKey: ['entity', entityId, user], queryFn: () => client.entities.get.query({ id: entityId }) })
}
