import { useQuery } from '@tanstack/react-query'
import { useShop, useUser } from '../context.tsx'

/** One entity. It is read again for another user, because one that is not published exists only for users with access. */
export const useEntity = (entityId: string) => {
  const { client } = useShop()
  const user = useUser()
  return useQuery({ queryKey: ['entity', entityId, user], queryFn: () => client.entities.get.query({ id: entityId }) })
}
