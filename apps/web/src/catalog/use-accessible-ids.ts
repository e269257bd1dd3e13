import { useQuery } from '@tanstack/react-query'
import { useShop, useUser } from '../context.tsx'

/** Returns which of the entities of one page, at most 100, the signed-in user has access to. */
export const useAccessibleIds = (entityIds: string[]): Set<string> => {
  const { client } = useShop()
  const user = useUser()
  const access = useQuery({
    queryKey: ['access-to', user, entityIds],
    queryFn: () => client.access.checkMany.query({ entityId: entityIds }),
    enabled: user !== null && entityIds.length > 0,
    refetchOnMount: 'always',
    refetchInterval: 15_000,
  })
  return new Set(access.data?.items.filter(({ hasAccess }) => hasAccess).map(({ entityId }) => entityId))
}
